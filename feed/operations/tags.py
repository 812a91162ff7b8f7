"""Follow hashtags, and show some on one's profile."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from upscrolled import acting
from upscrolled.core import text
from upscrolled.core.errors import Invalid, NotFound
from upscrolled.graph import alone
from upscrolled.models import Account

FOLLOWED_MAX, FEATURED_MAX = 200, 10
_TAG = "SELECT id FROM feed_tag WHERE name = %(name)s"
_NEW = """
INSERT INTO feed_tag (name, display) VALUES (%(name)s, %(display)s) ON CONFLICT (name) DO NOTHING RETURNING id
"""
_MARK = """
INSERT INTO {table} (account_id, tag_id, created_at) VALUES (%(account)s, %(tag)s, %(now)s)
ON CONFLICT (account_id, tag_id) DO NOTHING
"""


def follow_tag(name: str, *, by: Account, now: datetime) -> None:
    """Follow a hashtag; following it again changes nothing.

    Raises NotFound for what is no hashtag, Invalid beyond FOLLOWED_MAX.
    """
    _mark("feed_tagfollow", name, by=by, now=now, at_most=FOLLOWED_MAX, does="follow")


def unfollow_tag(name: str, *, by: Account) -> None:
    """Follow a hashtag no more."""
    _unmark("feed_tagfollow", name, by=by)


def feature_tag(name: str, *, by: Account, now: datetime) -> None:
    """Show a hashtag on one's profile. Raises NotFound for what is no hashtag, Invalid beyond FEATURED_MAX."""
    _mark("feed_featuredtag", name, by=by, now=now, at_most=FEATURED_MAX, does="feature")


def unfeature_tag(name: str, *, by: Account) -> None:
    """Take a hashtag off one's profile."""
    _unmark("feed_featuredtag", name, by=by)


def drop_featured(featured_id: int, *, by: Account) -> None:
    """Take a hashtag off one's profile by the id of its row. Raises NotFound when there is no such row."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM feed_featuredtag USING {acting.HAND} WHERE id = %(id)s AND account_id = %(account)s",
            {"id": featured_id, "account": by.id, "actor": by.id},
        )
        if not cursor.rowcount:
            raise NotFound


@transaction.atomic
def _mark(table: str, display: str, *, by: Account, now: datetime, at_most: int, does: str) -> None:
    row: dict[str, Any] = {"account": by.id, "now": now, "tag": _tag(display)}
    alone(by.id, by.id)  # so that two at once do not pass the limit together
    acting.as_owner(by.id)
    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(table=table), row)
        if not cursor.rowcount:
            return
        cursor.execute(f"SELECT count(*) FROM {table} WHERE account_id = %(account)s", row)
        count = cursor.fetchone()[0]
    if count > at_most:
        raise Invalid(f"Validation failed: You {does} {count - 1} hashtags; the limit is {at_most}")


def _unmark(table: str, display: str, *, by: Account) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM {table} USING {acting.HAND} WHERE account_id = %(account)s
                AND tag_id = (SELECT id FROM feed_tag WHERE name = %(name)s)""",
            {"account": by.id, "actor": by.id, "name": _name(display)},
        )


def _tag(display: str) -> int:
    """Return the id of a hashtag, which is made if nobody has used it yet."""
    row = {"name": _name(display), "display": display.removeprefix("#")}
    if text.is_hashtag(row["display"]):
        with connection.cursor() as cursor:
            for statement in (_TAG, _NEW, _TAG):
                cursor.execute(statement, row)
                if (found := cursor.fetchone()) is not None:
                    return int(found[0])
    raise NotFound(f"{display[:40]!r} is no hashtag.")


def _name(display: str) -> str:
    name = text.tag_name(display.removeprefix("#"))
    if not name:
        raise NotFound(f"{display[:40]!r} is no hashtag.")
    return name
