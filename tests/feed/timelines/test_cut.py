"""The quick cut of an ordered list is the plain one."""

from hypothesis import given
from hypothesis import strategies as st

from feed.timelines.home import _cut
from upscrolled.core.paging import Page

number = st.integers(0, 60)


@given(
    ids=st.sets(st.integers(1, 50)),
    max_id=st.none() | number,
    since_id=st.none() | number,
    min_id=st.none() | number,
    limit=st.integers(1, 10),
)
def test_both_cuts_agree(ids, max_id, since_id, min_id, limit):
    page = Page(max_id, since_id, min_id, limit)

    assert _cut(sorted(ids, reverse=True), page) == page.cut(ids)
