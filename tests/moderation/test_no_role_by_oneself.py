"""Nobody raises themselves or others, or decides without a role that reaches it; tried as web and workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.moderation.attempts import Attempt, Scene, as_app, refused, run, scene, write
from tests.people import make_account
from upscrolled.models import Account, StaffRole

__all__ = ["as_app", "scene"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ELEVATE = "INSERT INTO upscrolled_staffrole (account_id, role, lanes, kinds, languages, by_id, because, since, until)"
GIVEN = (
    ELEVATE
    + " VALUES (%(to)s, 'admin', '{}', '{}', '{}', %(by)s, 'because', now(), now() + interval '1 day')"
)
ATTEMPTS: dict[str, Attempt] = {
    "a role from nobody": lambda c, s: c.execute(GIVEN, {"to": s.bob.id, "by": None}),
    "a role to oneself": lambda c, s: c.execute(GIVEN, {"to": s.mia.id, "by": s.mia.id}),
    "a role from who gives none": lambda c, s: c.execute(GIVEN, {"to": s.bob.id, "by": s.mia.id}),
    "a role from who has none": lambda c, s: c.execute(GIVEN, {"to": s.bob.id, "by": s.alice.id}),
    "a role without an end": run(
        ELEVATE + " SELECT %(bob)s, 'admin', '{}', '{}', '{}', NULL, 'because', now(), NULL"
    ),
    "a role that becomes another": run("UPDATE upscrolled_staffrole SET role = 'admin'"),
    "a role that lasts longer": run("UPDATE upscrolled_staffrole SET until = NULL"),
    "a role that never was": run("DELETE FROM upscrolled_staffrole"),
    "all roles emptied": run("TRUNCATE upscrolled_staffrole CASCADE"),
    "an end by who ends none": run(
        "INSERT INTO upscrolled_staffroleend (staff_role_id, at, by_id, because, written_at) SELECT id, now(), %(mia)s,"
        " 'because', now() FROM upscrolled_staffrole WHERE account_id = %(mia)s"
    ),
    "an end that never was": run("DELETE FROM upscrolled_staffroleend"),
    "what the profile says": run("UPDATE upscrolled_account SET role = 'admin' WHERE id = %(bob)s"),
    "what is staff": run("UPDATE upscrolled_account SET is_staff = true WHERE id = %(bob)s"),
    "what may all": run("UPDATE upscrolled_account SET is_superuser = true WHERE id = %(mia)s"),
    "a decision by who only sorts": lambda c, s: write(
        c, s, decision={"decided_by_id": _holder("triage").id}
    ),
    "a decision by who writes policies": lambda c, s: write(
        c, s, decision={"decided_by_id": _holder("policy").id}
    ),
    "a decision outside of a lane": lambda c, s: write(c, s, decision={"decided_by_id": _holder("legal").id}),
    "a decision by whose role is over": lambda c, s: write(
        c, s, decision={"decided_by_id": _holder("over").id}
    ),
    "a decision outside of a language": lambda c, s: write(
        c, s, decision={"decided_by_id": _holder("french").id}
    ),
    "a decision of another kind": lambda c, s: write(
        c, s, decision={"decided_by_id": _holder("hashtags").id}
    ),
}


def _holder(name: str) -> Account:
    return Account.objects.get(username=f"only_{name}")


@pytest.fixture(scope="module")
def holders(scene: Scene, django_db_blocker: Any) -> Scene:
    with django_db_blocker.unblock():
        for name in ("triage", "policy", "legal"):
            make_account(f"only_{name}", role=name)
        for name, more in (
            ("over", {"until": datetime.now(UTC) - DAY}),
            ("french", {"languages": ["fr"]}),
            ("hashtags", {"kinds": ["hashtag"]}),
        ):
            person = make_account(f"only_{name}")
            facts = {"role": "senior", "because": "for a while", "since": datetime.now(UTC) - 2 * DAY, **more}
            StaffRole.objects.create(account=person, **facts)
    return scene


@pytest.mark.parametrize("name", ATTEMPTS)
def test_nobody_raises_themselves_or_decides_without_a_role(
    as_app: psycopg.Connection[Any],
    holders: Scene,
    name: str,
) -> None:
    refused(as_app, holders, ATTEMPTS[name])
