"""What attempts to restrict somebody quietly are made of: a scene, a connection of the role of web and workers, the
whole chain of a removal with a part left out or bent, and the look at all that could have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from moderation import policies, statements, transparency
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account

ROLE = "upscrolled_app"
Attempt = Callable[[psycopg.Cursor[Any], "Scene"], object]


@dataclass
class Scene:
    """alice wrote three posts; one was removed, another was and is restored, the third nobody looked at."""

    alice: Account
    bob: Account
    mia: Account
    removed: int
    restored: int
    post: int
    decision: int
    statement: int
    old_decision: int
    warning: int
    policy: int


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    with django_db_blocker.unblock():
        now = datetime.now(UTC) - timedelta(hours=1)
        alice, bob, mia = make_account("alice"), make_account("bob"), moderator()
        removed, restored, post = (publish(alice, f"post {n}") for n in range(3))
        made = [
            decide(Wish(Subject("post", number), action, "hate", REASONS), by=mia, now=now)
            for number, action in ((removed, "removed"), (restored, "removed"), (post, "warn"))
        ]
        reverse(
            made[1].decision_id,
            by=mia,
            facts="The post was read again in its context.",
            explanation="It quotes the insult in order to condemn it.",
            now=now,
        )
        yield Scene(
            alice,
            bob,
            mia,
            removed,
            restored,
            post,
            made[0].decision_id,
            made[0].statement_id,
            made[1].decision_id,
            made[2].decision_id,
            policies.in_force("hate", now=now).pk,
        )
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


@pytest.fixture
def as_app(scene: Scene) -> Iterator[psycopg.Connection[Any]]:
    with connected(ROLE) as opened:
        yield opened
        opened.rollback()


def connected(role: str) -> psycopg.Connection[Any]:
    facts = connection.settings_dict
    return psycopg.connect(
        host=facts["HOST"], port=facts["PORT"], dbname=facts["NAME"], user=role, options="-c lock_timeout=9s"
    )


def write(cursor: psycopg.Cursor[Any], scene: Scene, *, without: str = "", **bent: Any) -> None:
    """A removal of alice's post as the product writes it, `without` a table, or with values `bent`."""
    now = datetime.now(UTC)
    sealed = statements.seal(REASONS, "The whole statement, as alice would read it. " * 8)
    entry = transparency.entry(
        action=bent.get("decision", {}).get("action", "removed"),
        subject_kind=bent.get("decision", {}).get("subject_kind", "post"),
        policy=policies.in_force("hate", now=now),
        ground="policy",
        source="report",
        automated_detection=False,
        automated_decision=False,
        countries=[],
        starts_at=now,
        ends_at=None,
        digest=sealed.digest,
        prior="",
    )
    entry = bent.get("entry", entry)
    rows: dict[str, dict[str, Any]] = {
        "moderation_statement": {
            "account_id": scene.alice.id,
            "language": "en",
            "subject_kind": "post",
            "subject_id": scene.post,
            "measure": "removed",
            "countries": [],
            "starts_at": now,
            "ends_at": None,
            "source": "report",
            "automated_detection": False,
            "automated_decision": False,
            "ground": "policy",
            "legal_reference": "",
            "policy_id": scene.policy,
            "redress": ["appeal"],
            "facts": sealed.facts,
            "explanation": sealed.explanation,
            "body": sealed.body,
            "digest": sealed.digest,
            "created_at": now,
        },
        "moderation_statementkey": {"statement_id": None, "key": sealed.key},
        "moderation_notice": {"statement_id": None, "account_id": scene.alice.id, "created_at": now},
        "moderation_decision": {
            "subject_kind": "post",
            "subject_id": scene.post,
            "action": "removed",
            "countries": [],
            "ends_at": None,
            "statement_id": None,
            "policy_id": scene.policy,
            "decided_by_id": scene.mia.id,
            "decided_at": now,
        },
        "moderation_logentry": {
            "decision_id": None,
            "data": entry,
            "hash": transparency.hash_of(entry),
            "created_at": now,
        },
        "upscrolled_restriction": {
            "subject_kind": "post",
            "subject_id": scene.post,
            "kind": "removed",
            "countries": [],
            "starts_at": now,
            "ends_at": None,
            "decision_id": None,
        },
    }
    made: dict[str, int] = {}
    for table, row in rows.items():
        if table == without:
            continue
        row |= bent.get(table.partition("_")[2], {})
        if "statement_id" in row and row["statement_id"] is None:
            row["statement_id"] = made.get("moderation_statement", 0)
        if "decision_id" in row and row["decision_id"] is None:
            row["decision_id"] = made.get("moderation_decision", 0)
        returning = "id" if table in ("moderation_statement", "moderation_decision") else "1"
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() for _ in row),
            sql.SQL(returning),
        )
        cursor.execute(statement, list(row.values()))
        found = cursor.fetchone()
        assert found is not None
        made[table] = found[0]


def bent(**changes: Any) -> Attempt:
    """The chain with changed values; a value may be a function of the scene."""

    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        def settle(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: settle(inner) for name, inner in value.items()}
            return value(scene) if callable(value) else value

        write(cursor, scene, **{name: settle(value) for name, value in changes.items()})

    return attempt


def lacking(table: str) -> Attempt:
    return lambda cursor, scene: write(cursor, scene, without=table)


def run(*statements_: str) -> Attempt:
    """SQL that speaks of the scene by name."""

    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        facts = {
            **{
                name: getattr(scene, name)
                for name in ("removed", "restored", "post", "decision", "statement")
            },
            "old": scene.old_decision,
            "warning": scene.warning,
            "alice": scene.alice.id,
            "bob": scene.bob.id,
            "mia": scene.mia.id,
        }
        for statement in statements_:
            cursor.execute(statement, facts)

    return attempt


# Integrity, a missing value, a foreign key, a unique one, a check; and that somebody is not allowed to. An attempt that
# fails because it was written wrongly proves nothing.
REFUSALS = ("23000", "23502", "23503", "23505", "23514", "42501")


def standing() -> list[Any]:
    """All that an attempt could have changed."""
    tables = ("upscrolled_restriction", *_TABLES)
    found = []
    # Not over the test's own connection: its locks would have an attempt wait instead of being refused.
    with connected(connection.settings_dict["USER"]) as opened, opened.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found.append((table, cursor.fetchone()))
        cursor.execute("SELECT id, role, is_staff, is_superuser FROM upscrolled_account ORDER BY id")
        found.append(cursor.fetchall())
        cursor.execute("SELECT id, author_id, text, deleted_at, audience FROM feed_post ORDER BY id")
        found.append(cursor.fetchall())
    return found


_TABLES = (
    "moderation_statement",
    "moderation_statementkey",
    "moderation_notice",
    "moderation_decision",
    "moderation_logentry",
    "moderation_strike",
    "moderation_policyversion",
    "upscrolled_staffrole",
    "upscrolled_staffroleend",
)


def commit(opened: psycopg.Connection[Any], scene: Scene, attempt: Attempt) -> None:
    with opened.cursor() as cursor:
        attempt(cursor, scene)
    opened.commit()


def refused(opened: psycopg.Connection[Any], scene: Scene, attempt: Attempt) -> None:
    """See that an attempt is refused for a good reason, and that it changed nothing."""
    before = standing()
    with pytest.raises(psycopg.Error) as refusal:
        commit(opened, scene, attempt)
    opened.rollback()
    assert refusal.value.sqlstate in REFUSALS, refusal.value
    assert standing() == before
