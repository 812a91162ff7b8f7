"""Who is in the world that is measured: tokens for its people, and what of it each kind of request needs."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import django
import psycopg
import redis

from tests.benchmarks.kinds import Cast, Reader
from tests.benchmarks.stack import Stack

# People whom nobody blocks and who block nobody: a block would be answered 404, rightly.
_READERS = """
SELECT a.id, c.followers FROM upscrolled_account a JOIN upscrolled_accountcounters c ON c.account_id = a.id
WHERE a.confirmed_at IS NOT NULL AND NOT a.locked
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = a.id OR b.target_id = a.id)
ORDER BY a.id
"""
_AUTHORS = "SELECT account_id FROM upscrolled_accountcounters WHERE posts >= 20 ORDER BY account_id"
_TOLD = """
SELECT recipient_id FROM upscrolled_notification WHERE kind <> 'follow_request'
GROUP BY recipient_id HAVING count(*) >= 40
"""
_THREADS = """
SELECT p.id FROM feed_post p JOIN feed_postcounters c ON c.post_id = p.id
WHERE c.replies >= 3 AND p.audience = 'public' ORDER BY p.id
"""
_POSTS = """
SELECT id, author_id FROM feed_post WHERE audience = 'public' AND repost_of_id IS NULL ORDER BY id
"""
_PAIRS = """
SELECT DISTINCT ON (f.target_id) f.target_id, f.account_id FROM upscrolled_follow f
WHERE f.target_id = ANY(%(ids)s) AND f.account_id = ANY(%(ids)s)
  AND NOT EXISTS (SELECT 1 FROM upscrolled_mute m WHERE m.account_id = f.account_id AND m.target_id = f.target_id)
ORDER BY f.target_id, f.account_id
"""


def cast(stack: Stack) -> Cast:
    """Issue tokens and read what there is to ask for."""
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        tokens = _tokens(stack, [row[0] for row in connection.execute(_READERS)])
        readers = [
            Reader(account, tokens[account], followers) for account, followers in connection.execute(_READERS)
        ]
        told = {row[0] for row in connection.execute(_TOLD)}
        return Cast(
            readers=readers,
            authors=[row[0] for row in connection.execute(_AUTHORS)],
            told=[reader for reader in readers if reader.id in told],
            threads=[row[0] for row in connection.execute(_THREADS)],
            posts=[(row[0], row[1]) for row in connection.execute(_POSTS)],
        )


def pairs(stack: Stack, readers: list[Reader]) -> list[tuple[Reader, Reader]]:
    """Return authors, each with somebody who follows them."""
    known = {reader.id: reader for reader in readers}
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        rows: list[Any] = connection.execute(_PAIRS, {"ids": list(known)}).fetchall()
    return [(known[author], known[follower]) for author, follower in rows]


def forget_lists(stack: Stack) -> None:
    """Drop everybody's home list, as when Valkey was restarted."""
    client = redis.Redis.from_url(stack.services["cache_url"])
    for key in client.scan_iter("home:*", count=1_000):
        client.delete(key)
    client.close()


def settle_tables(stack: Stack) -> None:
    """Do what autovacuum does in the first minutes after a load of rows."""
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def _tokens(stack: Stack, account_ids: list[int]) -> dict[int, str]:
    os.environ.update(stack.environ)
    os.environ["DJANGO_SETTINGS_MODULE"] = "upscrolled.settings"
    django.setup()
    from upscrolled.models import Account
    from upscrolled.operations.access import issue_token

    accounts = Account.objects.in_bulk(account_ids)
    now = datetime.now(UTC)
    return {
        account.id: issue_token(account=account, application=None, scopes="read write follow", now=now).token
        for account in accounts.values()
    }
