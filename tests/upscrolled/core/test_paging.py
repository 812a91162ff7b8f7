import pytest

from upscrolled.core.paging import Page

TEN = list(range(10, 0, -1))


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        (Page(limit=3), [10, 9, 8]),
        (Page(max_id=8, limit=3), [7, 6, 5]),
        (Page(since_id=2, limit=3), [10, 9, 8]),
        (Page(since_id=8, limit=3), [10, 9]),
        (Page(min_id=2, limit=3), [5, 4, 3]),
        (Page(min_id=8, limit=3), [10, 9]),
        (Page(min_id=10, limit=3), []),
        (Page(max_id=1, limit=3), []),
        (Page(max_id=7, since_id=4, limit=9), [6, 5]),
        (Page(max_id=9, min_id=4, limit=2), [6, 5]),
        (Page(min_id=4, since_id=8, limit=2), [6, 5]),
    ],
)
def test_a_page_is_cut_newest_first(page, shown):
    assert page.cut(TEN) == shown


def test_ids_may_come_in_any_order_and_more_than_once():
    assert Page(limit=3).cut([2, 9, 4, 9, 7]) == [9, 7, 4]


def test_only_min_id_fills_a_page_upwards():
    assert Page(min_id=1).upward
    assert not Page(since_id=1).upward
    assert not Page(max_id=1).upward


def test_zero_is_a_bound_like_any_other():
    assert Page(min_id=0, limit=2).cut(TEN) == [2, 1]
    assert Page(min_id=0).upward


@pytest.mark.parametrize(
    ("asked", "given"), [(None, 20), (1, 1), (40, 40), (41, 40), (10**9, 40), (0, 1), (-7, 1)]
)
def test_a_limit_is_clamped(asked, given):
    assert Page.clamped(asked, 20, 40).limit == given


def test_a_clamped_page_keeps_its_bounds():
    assert Page.clamped(5, 20, 40, max_id=9, since_id=2, min_id=3, offset=7) == Page(9, 2, 3, 5, 7)
    assert Page.clamped(5, 20, 40, offset=-7).offset == 0


def test_walking_down_and_up_again_meets_every_id_once():
    down, page = [], Page(limit=3)
    while part := page.cut(TEN):
        down.append(part)
        after, _ = page.links(part[0], part[-1], len(part) == 3)
        if after is None:
            break
        page = Page(max_id=int(after["max_id"]), limit=int(after["limit"]))
    up, page = [], Page(min_id=0, limit=3)
    while part := page.cut(TEN):
        up.append(part)
        _, before = page.links(part[0], part[-1], len(part) == 3)
        page = Page(min_id=int(before["min_id"]), limit=int(before["limit"]))

    assert down == [[10, 9, 8], [7, 6, 5], [4, 3, 2], [1]]
    assert up == [[3, 2, 1], [6, 5, 4], [9, 8, 7], [10]]


def test_a_full_page_links_both_ways():
    older, newer = Page(limit=3).links(10, 8, True)

    assert older == {"limit": "3", "max_id": "8"}
    assert newer == {"limit": "3", "min_id": "10"}


def test_a_page_that_is_not_full_has_no_next():
    assert Page(limit=3).links(10, 9, False) == (None, {"limit": "3", "min_id": "10"})


def test_an_empty_page_has_no_links():
    assert Page(limit=3).links(None, None, False) == (None, None)


def test_a_window_goes_by_offset_and_keeps_the_order_of_the_list():
    ranked = ["c", "a", "d", "b"]

    assert Page(limit=2).window(ranked) == ["c", "a"]
    assert Page(limit=2, offset=2).window(ranked) == ["d", "b"]
    assert Page(limit=2, offset=9).window(ranked) == []


def test_a_window_links_by_offset():
    assert Page(limit=2).offset_links(True) == ({"limit": "2", "offset": "2"}, None)
    assert Page(limit=2, offset=4).offset_links(False) == (None, {"limit": "2", "offset": "2"})
    assert Page(limit=5, offset=2).offset_links(True)[1] == {"limit": "5", "offset": "0"}
