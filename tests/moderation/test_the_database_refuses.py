"""Nobody is restricted quietly: whoever has the role of web and workers, and any SQL they like, is refused.

Each attempt goes over a connection of that very role. Where it must be the COMMIT that refuses, the attempt is the
chain that `write` lays out in full, with one thing left out or bent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from moderation import policies, statements, transparency
from moderation.operations.decide import Wish, decide, reverse
from moderation.statements import Reasons
from moderation.subjects import Subject
from tests.people import make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.models import Account

pytestmark = pytest.mark.django_db
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
    return psycopg.connect(host=facts["HOST"], port=facts["PORT"], dbname=facts["NAME"], user=role)


def write(cursor: psycopg.Cursor[Any], scene: Scene, *, without: str = "", **bent: Any) -> None:
    """A removal of alice's post as the product writes it, `without` a table, or with values `bent`."""
    now = datetime.now(UTC)
    sealed = statements.seal(REASONS, "The whole statement, as alice would read it. " * 8)
    entry = transparency.entry(
        action="removed",
        subject_kind="post",
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
        }
        for statement in statements_:
            cursor.execute(statement, facts)

    return attempt


RESTRICT = """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
VALUES ('{kind}', %({subject})s, '{what}', '{{}}', now(), {decision})"""
SHADOW = (
    "CREATE TEMP TABLE moderation_decision AS SELECT * FROM public.moderation_decision WHERE id = %(decision)s",
    "UPDATE pg_temp.moderation_decision SET id = 9999999, subject_id = %(post)s, decided_at = now() - interval '1 h'",
    RESTRICT.format(kind="post", subject="post", what="removed", decision="9999999"),
)
THIN = Reasons("-", "-")

# Integrity, a missing value, a foreign key, a unique one, a check; and that somebody is not allowed to. An attempt that
# fails because it was written wrongly proves nothing.
REFUSALS = ("23000", "23502", "23503", "23505", "23514", "42501")
ATTEMPTS: dict[str, Attempt] = {
    # a restriction that no decision, or another one, stands behind
    "no decision": run(RESTRICT.format(kind="post", subject="post", what="removed", decision="0")),
    "no number of a decision": run(
        RESTRICT.format(kind="post", subject="post", what="removed", decision="NULL")
    ),
    "a decision on another post": run(
        RESTRICT.format(kind="post", subject="post", what="removed", decision="%(decision)s")
    ),
    "a second one on the same decision": run(
        RESTRICT.format(kind="post", subject="removed", what="removed", decision="%(decision)s")
    ),
    "on a decision that was taken back": run(
        RESTRICT.format(kind="post", subject="restored", what="removed", decision="%(old)s")
    ),
    "on a mere warning": run(
        RESTRICT.format(kind="post", subject="post", what="removed", decision="%(warning)s")
    ),
    "of the account for a decision on a post": run(
        RESTRICT.format(kind="account", subject="alice", what="account_suspended", decision="%(warning)s")
    ),
    "graver than decided": bent(
        restriction={"kind": "hold", "ends_at": datetime.now(UTC) + timedelta(hours=9)}
    ),
    "longer than decided": bent(
        decision={"ends_at": datetime.now(UTC) + timedelta(days=2)},
        statement={"ends_at": datetime.now(UTC) + timedelta(days=2)},
    ),
    "everywhere though decided for one country": bent(
        decision={"countries": ["FR"]}, statement={"countries": ["FR"]}
    ),
    "begun before it was decided": bent(restriction={"starts_at": datetime.now(UTC) - timedelta(days=9)}),
    "a temporary table that looks like the decisions": run(*SHADOW),
    # a decision that lacks a part of its chain
    "without a statement": lacking("moderation_statement"),
    "without a notice": lacking("moderation_notice"),
    "without a key to read it": lacking("moderation_statementkey"),
    "without an entry in the log": lacking("moderation_logentry"),
    "with somebody else's statement": bent(decision={"statement_id": lambda scene: scene.statement}),
    "a statement of its own for nothing": run(
        """INSERT INTO moderation_statement (account_id, language, subject_kind, subject_id, measure, countries,
             starts_at, source, automated_detection, automated_decision, ground, legal_reference, policy_id, redress,
             facts, explanation, body, digest, created_at)
           SELECT account_id, language, subject_kind, subject_id, measure, countries, starts_at, source,
             automated_detection, automated_decision, ground, legal_reference, policy_id, redress, facts, explanation,
             body, digest, created_at FROM moderation_statement WHERE id = %(statement)s"""
    ),
    "told to somebody else": bent(notice={"account_id": lambda scene: scene.bob.id}),
    "addressed to somebody else": bent(
        statement={"account_id": lambda scene: scene.bob.id},
        notice={"account_id": lambda scene: scene.bob.id},
    ),
    "told to nobody": bent(notice={"account_id": None}),
    "marked as sent from the start": bent(notice={"sent_at": datetime.now(UTC), "delivery_id": 1}),
    "marked as read from the start": bent(notice={"read_at": datetime.now(UTC)}),
    # a statement that says nothing, or something else
    "empty facts": bent(statement={"facts": b""}),
    "facts of a word": bent(statement={"facts": statements.seal(THIN, "x").facts}),
    "an empty explanation": bent(statement={"explanation": b""}),
    "no body": bent(statement={"body": b"x"}),
    "no way of redress": bent(statement={"redress": []}),
    "a law without its name": bent(statement={"ground": "law"}),
    "a language that we do not write": bent(statement={"language": "xx"}),
    "a statement of another measure": bent(statement={"measure": "warn"}),
    "a statement about another post": bent(statement={"subject_id": lambda scene: scene.removed}),
    "a machine's decision said to be a person's": bent(
        decision={"decided_by_id": None, "action": "hold", "ends_at": datetime.now(UTC) + timedelta(hours=5)},
        statement={"measure": "hold", "ends_at": datetime.now(UTC) + timedelta(hours=5)},
        restriction={"kind": "hold", "ends_at": datetime.now(UTC) + timedelta(hours=5)},
    ),
    "a removal by a machine": bent(decision={"decided_by_id": None}, statement={"automated_decision": True}),
    "a hold of a month": bent(
        restriction={"kind": "hold", "ends_at": datetime.now(UTC) + timedelta(days=30)},
        decision={"action": "hold"},
        statement={"measure": "hold"},
    ),
    "a log entry that says something else": bent(entry='{"action":"warn","digest":"","subject":"post"}'),
    "a log entry with a wrong hash": bent(logentry={"hash": sha256(b"x").digest()}),
    # what stands is not changed
    "a restriction made longer": run(
        "UPDATE upscrolled_restriction SET ends_at = now() + interval '1 d' WHERE decision_id = %(old)s"
    ),
    "a restriction without an end again": run(
        "UPDATE upscrolled_restriction SET ends_at = NULL WHERE decision_id = %(old)s"
    ),
    "a restriction of another kind": run("UPDATE upscrolled_restriction SET kind = 'hold'"),
    "a restriction on another subject": run("UPDATE upscrolled_restriction SET subject_id = %(post)s"),
    "a restriction deleted": run("DELETE FROM upscrolled_restriction"),
    "a decision changed": run("UPDATE moderation_decision SET action = 'hold'"),
    "a decision deleted": run("DELETE FROM moderation_decision"),
    "a statement changed": run("UPDATE moderation_statement SET facts = explanation"),
    "a statement deleted": run("DELETE FROM moderation_statement"),
    "a notice deleted": run("DELETE FROM moderation_notice"),
    "a notice given to another": run("UPDATE moderation_notice SET account_id = %(bob)s"),
    "a notice marked as sent by nothing": run(
        "UPDATE moderation_notice SET sent_at = now(), delivery_id = 1"
    ),
    "a notice marked as sent by a follow": run(
        """INSERT INTO upscrolled_notification (recipient_id, actor_id, kind, subject_id, created_at)
           VALUES (%(alice)s, %(bob)s, 'follow', %(statement)s, now())""",
        """UPDATE moderation_notice SET sent_at = now(), delivery_id =
           (SELECT max(id) FROM upscrolled_notification) WHERE statement_id = %(statement)s""",
    ),
    "a key erased": run("UPDATE moderation_statementkey SET key = NULL, erased_at = now()"),
    "a key deleted": run("DELETE FROM moderation_statementkey"),
    "a log entry changed": run("UPDATE moderation_logentry SET data = '{}'"),
    "a log entry deleted": run("DELETE FROM moderation_logentry"),
    "a strike changed": run("UPDATE moderation_strike SET weight = 9"),
    "a policy changed": run("UPDATE moderation_policyversion SET texts = '{}'"),
    "evidence deleted": run("DELETE FROM moderation_evidence"),
    "the decisions emptied": run("TRUNCATE moderation_decision CASCADE"),
    "a post given to another": run("UPDATE feed_post SET author_id = %(bob)s WHERE id = %(post)s"),
    # the refusals themselves
    "triggers switched off": run("ALTER TABLE upscrolled_restriction DISABLE TRIGGER ALL"),
    "triggers of the session switched off": run("SET session_replication_role = replica"),
    "a trigger dropped": run("DROP TRIGGER no_silent_restriction ON upscrolled_restriction"),
    "a function replaced": run(
        """CREATE OR REPLACE FUNCTION moderation_no_silent_restriction() RETURNS trigger LANGUAGE plpgsql
           AS $$ BEGIN RETURN NULL; END $$"""
    ),
    "a rule that swallows": run(
        "CREATE RULE quiet AS ON INSERT TO moderation_notice DO INSTEAD NOTHING",
    ),
    "the owner's role taken": run("SET ROLE upscrolled"),
    "rights given": run(
        "GRANT ALL ON moderation_decision TO upscrolled_app",
        "DELETE FROM moderation_decision",
    ),
    "a restriction beside a trigger that ran too early": run(
        "SET CONSTRAINTS ALL IMMEDIATE",
        RESTRICT.format(kind="post", subject="post", what="removed", decision="0"),
    ),
    "migrations said to have run": run(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())"
    ),
}


def standing() -> list[Any]:
    """All that an attempt could have changed."""
    tables = ("upscrolled_restriction", *_TABLES)
    found = []
    # Not over the test's own connection: its locks would have an attempt wait instead of being refused.
    with connected(connection.settings_dict["USER"]) as opened, opened.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found.append((table, cursor.fetchone()))
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
)


def commit(opened: psycopg.Connection[Any], scene: Scene, attempt: Attempt) -> None:
    with opened.cursor() as cursor:
        attempt(cursor, scene)
    opened.commit()


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_role_of_web_and_workers_restricts_nobody_quietly(
    as_app: psycopg.Connection[Any], scene: Scene, name: str
) -> None:
    before = standing()

    with pytest.raises(psycopg.Error) as refused:
        commit(as_app, scene, ATTEMPTS[name])
    as_app.rollback()
    assert refused.value.sqlstate in REFUSALS, refused.value

    assert standing() == before


def test_the_whole_chain_is_what_that_role_may_write(as_app: psycopg.Connection[Any], scene: Scene) -> None:
    with as_app.cursor() as cursor:
        write(cursor, scene)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # asks what COMMIT would
    as_app.rollback()


def test_a_restriction_may_end_earlier(as_app: psycopg.Connection[Any], scene: Scene) -> None:
    with as_app.cursor() as cursor:
        cursor.execute(
            "UPDATE upscrolled_restriction SET ends_at = now() WHERE decision_id = %s", [scene.decision]
        )
        assert cursor.rowcount == 1
    as_app.rollback()


def test_a_key_goes_with_a_closed_account_only(as_app: psycopg.Connection[Any], scene: Scene) -> None:
    with as_app.cursor() as cursor:
        with pytest.raises(psycopg.Error):
            cursor.execute("SELECT moderation_forget(%s)", [scene.alice.id])
        as_app.rollback()
        cursor.execute("UPDATE upscrolled_account SET is_active = false WHERE id = %s", [scene.alice.id])
        cursor.execute("SELECT moderation_forget(%s)", [scene.alice.id])
        assert cursor.fetchone()[0] >= 3  # type: ignore[index]
    as_app.rollback()
