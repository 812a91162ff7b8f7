"""Who is in the world that is measured: tokens for its people, and what of it each kind of request needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import redis

from tests.benchmarks.kinds import Cast, Reader
from tests.benchmarks.stack import ROOT, Stack

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
WHERE c.replies BETWEEN 3 AND 5 AND p.audience = 'public' ORDER BY p.id
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
            talks=_talks(stack, readers[: 2 * TALKS]),
        )


# Of millions, some: chosen by a hash of the id, so that they are spread and the same in each run.
_SOME_READERS = """
SELECT a.id, c.followers FROM upscrolled_account a JOIN upscrolled_accountcounters c ON c.account_id = a.id
WHERE a.confirmed_at IS NOT NULL AND c.following BETWEEN 5 AND 30
  AND NOT EXISTS (SELECT 1 FROM upscrolled_block b WHERE b.account_id = a.id OR b.target_id = a.id)
ORDER BY hashint8extended(a.id, 1) LIMIT 600
"""
_SOME_AUTHORS = "SELECT id FROM ({}) a (id) ORDER BY hashint8extended(id, 2) LIMIT 400"
_SOME_TOLD = """
SELECT recipient_id, 0 FROM upscrolled_notification WHERE kind <> 'follow_request'
GROUP BY recipient_id HAVING count(*) BETWEEN 40 AND 400 ORDER BY hashint8extended(recipient_id, 3) LIMIT 300
"""
_SOME_THREADS = """
SELECT p.id FROM feed_postcounters c JOIN feed_post p ON p.id = c.post_id
WHERE c.replies BETWEEN 3 AND 5 AND p.audience = 'public' ORDER BY hashint8extended(p.id, 4) LIMIT 1000
"""
_SOME_POSTS = """
SELECT id, author_id FROM feed_post TABLESAMPLE SYSTEM (2)
WHERE audience = 'public' AND repost_of_id IS NULL ORDER BY hashint8extended(id, 5) LIMIT 4000
"""


def sample(stack: Stack) -> Cast:
    """As `cast`, but some of everybody: a world of millions has more than can ask in a run."""
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        readers, told = (connection.execute(query).fetchall() for query in (_SOME_READERS, _SOME_TOLD))
        tokens = _tokens(stack, sorted({row[0] for row in (*readers, *told)}))
        return Cast(
            readers=[Reader(account, tokens[account], followers) for account, followers in readers],
            authors=[row[0] for row in connection.execute(_SOME_AUTHORS.format(_AUTHORS))],
            told=[Reader(account, tokens[account], followers) for account, followers in told],
            threads=[row[0] for row in connection.execute(_SOME_THREADS)],
            posts=[(row[0], row[1]) for row in connection.execute(_SOME_POSTS)],
        )


def heavy_readers(stack: Stack, accounts: dict[str, int], *, tokens: int) -> dict[str, list[Reader]]:
    """Issue several tokens to each of these people, who ask more than one token may."""
    issued = [_tokens(stack, list(accounts.values())) for _ in range(tokens)]
    return {name: [Reader(number, each[number], 0) for each in issued] for name, number in accounts.items()}


def pairs(stack: Stack, readers: list[Reader]) -> list[tuple[Reader, Reader]]:
    """Return authors, each with somebody who follows them."""
    known = {reader.id: reader for reader in readers}
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        rows: list[Any] = connection.execute(_PAIRS, {"ids": list(known)}).fetchall()
    return [(known[author], known[follower]) for author, follower in rows]


def forget_readers(stack: Stack) -> None:
    """Drop everybody's home list and what discover keeps away from them, as when Valkey was restarted."""
    client = redis.Redis.from_url(stack.services["cache_url"])
    for pattern in ("home:*", "discover:*:avoided:*"):
        for key in client.scan_iter(pattern, count=1_000):
            client.delete(key)
    client.close()


def forget_posts(stack: Stack) -> int:
    """Delete what measured readers wrote in earlier runs, as if that were long ago, and return how much that was.

    A few people who wrote the newest ten thousand posts of a site are no world of the size of the surge.
    """
    return int(json.loads(_within(stack, _FORGET_POSTS, [])))


def settle_tables(stack: Stack) -> None:
    """Do what autovacuum does in the first minutes after a load of rows, and let the disk come to rest.

    What an earlier run left to be written would else delay the commits that are measured.
    """
    with psycopg.connect(stack.services["database_url"], autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    os.sync()


# In a process of its own: Django reads its settings once, and there may be two products to ask.
_ISSUE = """
import json, sys
from datetime import UTC, datetime
import django
django.setup()
from upscrolled.models import Account
from upscrolled.operations.access import issue_token
accounts, now = Account.objects.in_bulk(json.load(sys.stdin)), datetime.now(UTC)
json.dump({number: issue_token(account=account, application=None, scopes="read write follow", now=now).token
           for number, account in accounts.items()}, sys.stdout)
"""
_FORGET_POSTS = """
import json, sys
from datetime import UTC, datetime, timedelta
import django
django.setup()
from feed.models import Post, PostTag
from feed.operations.revise import delete_post
from feed.tasks import purge
now, tagged = datetime.now(UTC), PostTag.objects.filter(tag__name="bench").values("post_id")
written = list(Post.objects.filter(pk__in=tagged, deleted_at=None).select_related("author"))
for post in written:
    delete_post(post.id, by=post.author, now=now)
Post.objects.filter(pk__in=[post.id for post in written]).update(deleted_at=now - timedelta(days=365))
purge()
json.dump(len(written), sys.stdout)
"""

TALKS, SAID = 30, 100
_TALK = """
import json, sys
from datetime import UTC, datetime
import django
django.setup()
from messaging.operations import conversations, messages
from messaging.operations.messages import Draft
from upscrolled.models import Account
pairs, said = json.load(sys.stdin)
people, now, talks = Account.objects.in_bulk([one for pair in pairs for one in pair]), datetime.now(UTC), []
for pair in pairs:
    number = conversations.begin_pair(pair[1], by=people[pair[0]], now=now)
    conversations.accept(number, by=people[pair[1]], now=now)
    for place in range(said):
        draft = Draft(f"What people write to each other on a phone, number {place}.", f"{number}-{place}")
        messages.send(number, by=people[pair[place % 2]], draft=draft, now=now)
    talks.append(number)
json.dump(talks, sys.stdout)
"""


def _talks(stack: Stack, readers: list[Reader]) -> list[tuple[int, Reader]]:
    """Let people talk two by two, SAID messages each; return their conversations, with whoever goes on writing."""
    pairs = list(zip(readers[::2], readers[1::2], strict=True))
    asked = [[(one.id, other.id) for one, other in pairs], SAID]
    numbers = json.loads(_within(stack, _TALK, asked))
    return [(number, who) for number, pair in zip(numbers, pairs, strict=True) for who in pair]


def _tokens(stack: Stack, account_ids: list[int]) -> dict[int, str]:
    issued = json.loads(_within(stack, _ISSUE, account_ids))
    return {int(number): token for number, token in issued.items()}


def _within(stack: Stack, script: str, given: Any) -> str:
    """Run a script with the product's settings; it reads `given` and writes its answer, both JSON."""
    environ = stack.environ | {"DJANGO_SETTINGS_MODULE": "upscrolled.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(given),
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
