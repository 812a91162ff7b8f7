"""Roles by permission: who may do what, where and until when; by the verbs, at the panel, and in PostgreSQL itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from moderation import queue
from moderation.models import Case, CaseEvent, Decision
from moderation.operations import (
    appeals,
    audit,
    cases,
    claims,
    crisis,
    handling,
    orders,
    outside,
    own,
    sealing,
    staffing,
    together,
)
from moderation.operations.decide import AlreadySo, Wish, decide, reverse
from moderation.operations.reviewers import Missing, OutOfReach
from moderation.operations.staffing import LastAdministrator, Reach
from moderation.subjects import Subject
from tests.desks import desk_of, reported, with_second_factor
from tests.people import NOON, client_of, make_account, publish
from tests.restricting import REASONS, moderator, restrict
from upscrolled.core.errors import NotAllowed
from upscrolled.models import Account, OwedMail, StaffRole, StaffRoleEnd
from upscrolled.operations.staffing import appoint, settle
from upscrolled.roles import PERMISSIONS, ROLES

pytestmark = pytest.mark.django_db
WHY = "joins the team"
DAY = timedelta(days=1)


def soon() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def ada(db: None) -> Account:
    return make_account("ada", role="admin")


@pytest.fixture
def case(alice: Account, dave: Account) -> Case:
    return reported(alice, dave, "They are vermin, all of them.")


def given(name: str, role: str, by: Account, *, days: int = 30, **reach: Any) -> Account:
    person = make_account(name)
    begun = soon() - timedelta(minutes=1)  # before whatever is tried with it
    staffing.give(role, to=person, days=days, because=WHY, by=by, now=begun, reach=Reach(**reach))
    return person


def test_postgresql_and_the_code_have_the_same_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r, p FROM unnest(%s::text[]) r, unnest(%s::text[]) p WHERE upscrolled_role_may(r, p)",
            [[*ROLES, "", "owner"], [*PERMISSIONS, "", "everything"]],
        )
        assert set(cursor.fetchall()) == {(role, one) for role, may in ROLES.items() for one in may}
    mia = make_account("mia")
    for role in reversed(ROLES):  # each stronger than the one before
        appoint(mia, role, because=WHY, now=NOON)
        mia.refresh_from_db()
        assert (mia.role, mia.is_staff) == (role, True)


# Who is not named is refused, by the verb itself, whatever the panel shows.
VERBS: dict[str, tuple[str, Callable[[Account, Case, datetime], object]]] = {
    "next case": ("sort", lambda by, case, now: claims.next_case(by=by, now=now)),
    "claim": ("sort", lambda by, case, now: claims.claim(case.pk, by=by, now=now)),
    "note": ("sort", lambda by, case, now: handling.add_note(case.pk, by=by, text="look again", now=now)),
    "open": (
        "sort",
        lambda by, case, now: own.open_case(
            Subject("account", case.account_id), policy="spam", because=WHY, by=by, now=now
        ),
    ),
    "hold": (
        "hold",
        lambda by, case, now: decide(
            Wish(Subject("post", case.subject_id), "hold", "hate", REASONS), by=by, now=now
        ),
    ),
    "decide": (
        "decide",
        lambda by, case, now: decide(
            Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=by, now=now
        ),
    ),
    "decide about many": (
        "decide_many",
        lambda by, case, now: together.decide(
            Wish(Subject("post", case.subject_id), "removed", "hate", REASONS),
            [Subject("post", case.subject_id)],
            by=by,
            now=now,
        ),
    ),
    "take back another's": (
        "undo",
        lambda by, case, now: reverse(
            restrict("account", case.account_id, "account_limited").decision_id,
            by=by,
            facts=REASONS.facts,
            explanation=REASONS.explanation,
            now=now,
        ),
    ),
    "look again": ("undo", lambda by, case, now: handling.reopen(case.pk, by=by, now=now)),
    "appeal": ("appeals", lambda by, case, now: appeals.claim_appeal(_appeal(case, now), by=by, now=now)),
    "grant": (
        "grant",
        lambda by, case, now: outside.grant(
            case.pk, to=make_account("guest"), days=1, because=WHY, by=by, now=now
        ),
    ),
    "seal": (
        "seal",
        lambda by, case, now: sealing.propose(
            case.pk, basis="court_order", reference="2 B 17/26", until=now + DAY, by=by, now=now
        ),
    ),
    "order": ("orders", lambda by, case, now: orders.enter_order(_order(case, now), by=by, now=now)),
    "crisis": (
        "crisis",
        lambda by, case, now: crisis.begin(because="So much comes in.", hours=1, by=by, now=now),
    ),
    "give a role": (
        "staff",
        lambda by, case, now: staffing.give(
            "triage", to=make_account("newcomer"), days=1, because=WHY, by=by, now=now
        ),
    ),
}


def _appeal(case: Case, now: datetime) -> int:
    post = publish(Account.objects.get(pk=case.account_id), "another")
    made = decide(Wish(Subject("post", post), "sensitive", "hate", REASONS), by=moderator(), now=now)
    by = Account.objects.get(pk=case.account_id)
    return appeals.appeal_decision(made.statement_id, by=by, text="It is a quotation.", now=now).pk


def _order(case: Case, now: datetime) -> orders.NewOrder:
    return orders.NewOrder(
        kind="court",
        authority="A court",
        reference="R-1",
        demand="Take it away",
        subject=Subject("post", case.subject_id),
        received_at=now,
        law="Section 1 of some law",
        policy="hate",
        deadline=now + DAY,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_for_who_has_its_permission(case: Case, verb: str) -> None:
    permission, do = VERBS[verb]
    Case.objects.filter(pk=case.pk).update(lane="intimate", place=0)  # which legal reaches, too
    moderator()
    for role in (*ROLES, ""):
        by = make_account(f"a_{role or 'reader'}", role=role)
        with suppress(_Undone), transaction.atomic():
            if role and permission in ROLES[role]:
                with suppress(OutOfReach):  # what is outside of any case has a lane of its policy
                    do(by, case, soon())
            else:
                with pytest.raises(Missing) as missing:
                    do(by, case, soon())
                assert missing.value.permission == permission, role
            raise _Undone


class _Undone(Exception):
    pass


SCREENS = {
    "": "", "queue/": "", "log/": "", "policies/": "", "rules/": "", "people/": "", "places/": "", "figures/": "",
    "crisis/": "", "together/": "decide_many", "appeals/": "appeals", "appeals/door/": "appeals", "orders/": "law",
    "orders/seals/": "seal", "people/waiting/": "sign_ups", "people/rings/": "decide", "people/staff/": "staff",
    "records/": "site",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_screens_open_for_who_may_and_say_what_is_missing(role: str) -> None:
    desk = desk_of(make_account("mia", role=role))
    menu = desk.get("/admin/").content.decode()
    for path, permission in SCREENS.items():
        allowed = not permission or permission in ROLES[role]
        shown = desk.get(f"/admin/{path}")
        if path != "records/":
            assert shown.status_code == (200 if allowed else 403), path
            assert allowed or "This needs a permission that your role does not have" in shown.content.decode()
        if path in ("together/", "appeals/", "orders/", "records/"):
            assert (f'href="/admin/{path}"' in menu) == allowed, path


def test_who_sorts_holds_back_and_decides_nothing(case: Case, ada: Account) -> None:
    now, tom = soon(), given("tom", "triage", ada)
    held = claims.next_case(by=tom, now=now)
    wish = Wish(Subject("post", case.subject_id), "removed", "hate", REASONS)
    assert held is not None
    for attempt in (
        lambda: cases.decide_case(held, wish, by=tom, now=now),
        lambda: cases.decide_case(held, Wish(wish.subject, "hold", "hate", REASONS), by=tom, now=now),
        lambda: cases.dismiss(held, by=tom, reason="it is fine", now=now),
    ):
        with pytest.raises(Missing):
            attempt()
    page = desk_of(tom).get(f"/admin/cases/{case.pk}/").content.decode()
    assert ('value="post:hold"' in page, 'value="post:removed"' in page, 'value="dismiss"' in page) == (
        True,
        False,
        False,
    )
    form = {"action": "post:hold", "policy": "hate", "version": held.version,
            "facts": REASONS.facts, "explanation": REASONS.explanation}  # fmt: skip
    assert desk_of(tom).post(f"/admin/cases/{case.pk}/decide/", form).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.second_opinion) == ("open", True)
    assert Decision.objects.get().action == "hold"

    with pytest.raises(AlreadySo):
        decide(Wish(wish.subject, "hold", "hate", REASONS), by=tom, now=now + timedelta(hours=73))
    mo = given("mo", "moderator", ada)
    taken = claims.next_case(by=mo, now=soon())
    assert taken is not None
    cases.dismiss(taken, by=mo, reason="it keeps to the rules", now=soon())
    assert Decision.objects.filter(action="restore").count() == 1


def test_a_role_reaches_its_lanes_kinds_and_languages_and_nothing_else(
    alice: Account, dave: Account, ada: Account
) -> None:
    now = soon()
    arabic = publish(alice, "كلام", language="ar")
    german = reported(make_account("erik", locale="de"), dave, "Etwas anderes.")
    reach = given("noor", "moderator", ada, languages=["ar"], lanes=["ordinary"], kinds=["post"])
    about = Subject("post", arabic)
    opened = own.open_case(about, policy="spam", because=WHY, by=reach, now=now)
    claims.release(opened, by=reach, reason="later", now=now)
    assert Case.objects.get(pk=opened.case_id).lane == "ordinary"
    with pytest.raises(OutOfReach):
        claims.claim(german.pk, by=reach, now=now)
    assert claims.next_case(by=reach, now=now) is None  # let go before
    other = given("sami", "moderator", ada, languages=["ar"])
    taken = claims.next_case(by=other, now=now)
    assert taken is not None
    assert taken.case_id == opened.case_id
    assert claims.next_case(by=other, now=now) is None
    rows = desk_of(other).get("/admin/queue/").content.decode()
    assert (f"/cases/{opened.case_id}/" in rows, f"/cases/{german.pk}/" in rows) == (True, False)
    with pytest.raises(OutOfReach):
        decide(Wish(Subject("post", german.subject_id), "removed", "spam", REASONS), by=other, now=now)
    with pytest.raises(OutOfReach):
        claims.hand_over(
            taken, to=given("mo", "moderator", ada, languages=["fr"]), by=other, reason=WHY, now=now
        )

    Case.objects.filter(pk=opened.case_id).update(lane="order")
    with pytest.raises(OutOfReach):
        cases.dismiss(taken, by=other, reason="it is fine", now=now)


def test_a_role_ends_with_its_time_and_its_case_waits_again(case: Case, ada: Account) -> None:
    now, mo = soon(), given("mo", "moderator", ada, days=1)
    held = claims.claim(case.pk, by=mo, now=now)
    mo.refresh_from_db()
    assert (mo.role, mo.is_staff) == ("moderator", True)
    later = now + timedelta(days=1, minutes=1)
    Case.objects.filter(pk=case.pk).update(claimed_until=later + timedelta(minutes=5))
    with pytest.raises(NotAllowed):
        cases.dismiss(held, by=mo, reason="it is fine", now=later)
    freed = [queue.free_leases(now=later, by_role=True) for _ in range(2)]
    assert freed == [1, 0]
    assert (settle(now=later), settle(now=later)) == (1, 0)
    mo.refresh_from_db()
    case.refresh_from_db()
    assert (mo.role, mo.is_staff, case.state) == ("", False, "open")
    assert CaseEvent.objects.filter(case=case).latest("id").reason == "@mo"


def test_administrators_give_shorten_and_end_roles_and_people_are_mailed(
    ada: Account, alice: Account
) -> None:
    desk = desk_of(ada)
    form = {
        "to": "@Alice",
        "role": "moderator",
        "days": "30",
        "because": WHY,
        "lanes": ["ordinary"],
        "languages": "ar, fr",
    }
    for bad in (
        {"to": "nobody"}, {"to": "ada"}, {"role": "owner"}, {"days": "367"}, {"days": "x"}, {"because": " "},
        {"lanes": ["fast"]}, {"kinds": ["video"]}, {"languages": "klingon"}, {"role": "admin"},
    ):  # fmt: skip
        assert desk.post("/admin/people/staff/", {**form, **bad}).status_code in (403, 422), bad
    assert not OwedMail.objects.exists()
    assert desk.post("/admin/people/staff/", form).status_code == 302
    role = StaffRole.objects.get(account=alice)
    assert (role.by_id, role.lanes, role.languages, role.because) == (ada.pk, ["ordinary"], ["ar", "fr"], WHY)
    assert "You have a role" in OwedMail.objects.get().facts["subject"]
    for language, said in (("en", "Staff"), ("ar", "الفريق"), ("fr", "Équipe")):
        page = desk.get("/admin/people/staff/", headers={"accept-language": language}).content.decode()
        assert said in page
        assert "@alice" in page

    path = f"/admin/people/staff/{role.pk}/end/"
    assert desk.post(path, {"days": "7", "because": "a shorter turn"}).status_code == 302
    assert desk.post(path, {"days": "9", "because": "no longer that"}).status_code == 409
    alice.refresh_from_db()
    assert alice.role == "moderator"
    assert desk.post(path, {"days": "0", "because": "enough"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.role, alice.is_staff, OwedMail.objects.count()) == ("", False, 3)
    assert desk_of(alice).get("/admin/").status_code == 403
    own_role = StaffRole.objects.get(account=ada)
    last = desk.post(f"/admin/people/staff/{own_role.pk}/end/", {"days": "0", "because": "tired"})
    assert (last.status_code, "last administrator" in last.content.decode()) == (409, True)
    staffing.give("admin", to=alice, days=5, because=WHY, by=ada, now=soon())
    with pytest.raises(LastAdministrator):  # alice's ends before
        staffing.end(own_role.pk, because="tired", by=ada, now=soon(), days=6)
    staffing.end(own_role.pk, because="tired", by=ada, now=soon())
    assert StaffRoleEnd.objects.count() == 3


def test_the_staff_screen_costs_the_same_whoever_is_there(
    ada: Account, django_assert_num_queries: Any
) -> None:
    desk = desk_of(ada)
    desk.get("/admin/people/staff/")
    for number in range(3):
        given(f"person{number}", "triage", ada)
        with django_assert_num_queries(5):
            assert desk.get("/admin/people/staff/").status_code == 200


def test_the_shell_gives_lists_and_ends(alice: Account, capsys: Any) -> None:
    call_command("staff", "list")
    call_command("staff", "give", "@alice", "admin", "--because", "the first")
    call_command("staff", "list")
    call_command("staff", "end", "alice", "admin")
    said = capsys.readouterr().out
    assert "Nobody has a role." in said
    assert "@alice  admin  without an end  the first" in said
    alice.refresh_from_db()
    assert alice.role == ""
    with pytest.raises(CommandError, match="is not admin"):
        call_command("staff", "end", "alice", "admin")


def test_the_admin_api_follows_the_same_permissions(case: Case, ada: Account) -> None:
    scopes = "admin:read admin:write read"
    answers = {}
    for role in ("triage", "policy", "moderator"):
        client = client_of(with_second_factor(make_account(f"a_{role}", role=role)), scopes=scopes)
        reports = client.get("/api/v1/admin/reports")
        shown = reports.json()
        number = shown[0]["id"] if reports.status_code == 200 else "1"
        answers[role] = (
            reports.status_code,
            client.get("/api/v1/admin/accounts").status_code,
            client.post(f"/api/v1/admin/reports/{number}/resolve").status_code,
        )
        if role == "triage":
            assert shown[0]["target_account"]["email"] == ""
    assert answers == {"triage": (200, 403, 403), "policy": (403, 403, 403), "moderator": (200, 200, 200)}


def test_the_audit_finds_who_decided_without_being_allowed(case: Case, ada: Account) -> None:
    now, mo = soon(), given("mo", "moderator", ada)
    decide(Wish(Subject("post", case.subject_id), "removed", "hate", REASONS), by=mo, now=now)

    def wrong() -> dict[str, int]:
        return {one.name: one.wrong for one in audit.audit(now=soon()) if one.wrong}

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what COMMIT asks, while it is still true
    before = wrong()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what was decided is committed, so to speak
        cursor.execute("ALTER TABLE upscrolled_staffrole DISABLE TRIGGER upscrolled_staffrole_stays")
        cursor.execute(
            "UPDATE upscrolled_staffrole SET role = 'triage', by_id = %s WHERE account_id = %s",
            [case.account_id, mo.pk],
        )
        cursor.execute("ALTER TABLE upscrolled_staffrole ENABLE TRIGGER upscrolled_staffrole_stays")
    found = {name: count for name, count in wrong().items() if name not in before}
    assert found == {
        "decisions by people who were not allowed them at that time": 1,
        "roles that nobody who could give them gave": 1,
        "accounts that say another role than they have": 1,
    }
