"""Nobody is restricted quietly: whoever has the role of web and workers, and any SQL they like, is refused.

Each attempt goes over a connection of that very role. Where it must be the COMMIT that refuses, the attempt is the
chain that `write` lays out in full, with one thing left out or bent. What is done in somebody else's name:
`test_by_whose_hand.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from moderation import statements
from moderation.statements import Reasons
from tests.moderation.attempts import Attempt, Scene, as_app, bent, lacking, refused, run, scene, write

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
RESTRICT = """INSERT INTO upscrolled_restriction (subject_kind, subject_id, kind, countries, starts_at, decision_id)
VALUES ('{kind}', %({subject})s, '{what}', '{{}}', now(), {decision})"""
SHADOW = (
    "CREATE TEMP TABLE moderation_decision AS SELECT * FROM public.moderation_decision WHERE id = %(decision)s",
    "UPDATE pg_temp.moderation_decision SET id = 9999999, subject_id = %(post)s, decided_at = now() - interval '1 h'",
    RESTRICT.format(kind="post", subject="post", what="removed", decision="9999999"),
)
THIN = Reasons("-", "-")

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
    "a language that they do not read": bent(statement={"language": "fr"}),
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


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_role_of_web_and_workers_restricts_nobody_quietly(
    as_app: psycopg.Connection[Any], scene: Scene, name: str
) -> None:
    refused(as_app, scene, ATTEMPTS[name])


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


def closed_by_its_owner(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
    run(
        "SELECT set_config('upscrolled.actor', %(alice)s::text, true)",
        "UPDATE upscrolled_account SET is_active = false WHERE id = %(alice)s",
    )(cursor, scene)


def test_who_was_forgotten_does_not_come_back(as_app: psycopg.Connection[Any], scene: Scene) -> None:
    def attempt(cursor: psycopg.Cursor[Any], scene: Scene) -> None:
        closed_by_its_owner(cursor, scene)
        run(
            "SELECT moderation_forget(%(alice)s)",
            "UPDATE upscrolled_account SET is_active = true WHERE id = %(alice)s",
        )(cursor, scene)

    refused(as_app, scene, attempt)


def test_a_key_goes_with_a_closed_account_only(as_app: psycopg.Connection[Any], scene: Scene) -> None:
    with as_app.cursor() as cursor:
        with pytest.raises(psycopg.Error):
            cursor.execute("SELECT moderation_forget(%s)", [scene.alice.id])
        as_app.rollback()
        closed_by_its_owner(cursor, scene)
        cursor.execute("SELECT moderation_forget(%s)", [scene.alice.id])
        assert cursor.fetchone()[0] >= 3  # type: ignore[index]
    as_app.rollback()
