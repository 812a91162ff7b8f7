"""A page of one post is prepared once like a page of twenty: PostgreSQL does not plan it anew at every request."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from feed import facts
from feed.operations import interact
from feed.timelines import scan
from tests.people import publish
from upscrolled import access, people
from upscrolled.core import ids
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db

_TRIED = 5  # PostgreSQL plans a prepared statement so often for its values before it compares
_PLANS = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements
WHERE position(%(words)s::text IN statement) > 0 AND statement NOT LIKE '%%pg_prepared%%'
"""


@pytest.mark.parametrize("words", ["FROM feed_post p", "FROM upscrolled_account a"])
def test_one_post_is_planned_no_oftener_than_many(alice, bob, words):
    post = publish(alice, "hello")
    for _ in range(31):
        facts.load(Viewer(bob), [post])

    with connection.cursor() as cursor:
        cursor.execute(_PLANS, {"words": words})
        plans = [row for row in cursor.fetchall() if sum(row) >= 30]  # the very first was not prepared
    assert plans
    assert all(custom <= _TRIED for _generic, custom in plans)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 25])
def test_ids_are_filled_up_with_the_id_of_nothing(count):
    wanted = list(range(1, count + 1))

    filled = [int(number) for number in ids.array(wanted).strip("{}").split(",")]

    assert filled[:count] == wanted
    assert len(filled) == max(count, ids.SUPPOSED)
    assert set(filled[count:]) <= {0}


@pytest.mark.parametrize(
    "statement", [interact._LIKE, interact._UNLIKE, facts._BY_IDS, people.SQL, access.SQL]
)
def test_statements_of_every_day_are_short_enough_for_the_driver_to_remember(statement):
    assert len(statement) <= MAX_CACHED_STATEMENT_LENGTH, "a longer one is taken apart anew at each call"


def test_so_is_that_of_a_profile(alice):
    with CaptureQueriesContext(connection) as asked:
        scan.profile(Viewer(alice), Page(limit=20), author_id=1, replies=True, reposts=True, tag_name=None)

    assert [len(one["sql"]) for one in asked if len(one["sql"]) > MAX_CACHED_STATEMENT_LENGTH] == []
