"""What moderators have to look at is counted before they see it, and a day has an end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from feed.models import PostMedia
from moderation import schedule
from moderation.models import Case, Exposure
from moderation.operations import claims, exposure, outside
from moderation.queries import exposure as read
from tests.desks import desk_of, reported
from tests.moderation.attempts import ROLE
from tests.people import make_account
from tests.restricting import moderator
from tests.waiting import until
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.models import Account, KeptMedia, MediaAttachment

pytestmark = pytest.mark.django_db
SCRIPT = {"accept": "application/json"}
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def within_a_day(db: None) -> None:
    """Not at the turn of the day: what is counted before it does not count after."""
    until(lambda: datetime.now(UTC), lambda now: (now + timedelta(seconds=50)).date() == now.date())


@pytest.fixture
def served() -> Iterator[None]:
    """What the test itself does goes over the role of web and workers, from here on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        yield
        cursor.execute("RESET SESSION AUTHORIZATION")


@pytest.fixture
def case(alice: Account, dave: Account) -> Case:
    return with_picture(reported(alice, dave, "They are vermin, all of them."), alice)


@pytest.fixture
def limits(settings) -> None:
    """Three media a day, and two in the lane of abuse and terror."""
    settings.EXPOSURE_A_DAY, settings.DARK_EXPOSURE_A_DAY = 3, 2


def with_picture(case: Case, owner: Account) -> Case:
    """The same case; its post has a picture, which is kept with it."""
    media = MediaAttachment.objects.create(
        pk=case.subject_id + 1, owner=owner, kind="image", state="ready", files={"original": "ab/whole.jpg"}
    )
    PostMedia.objects.create(attachment_id=media.pk, post_id=case.subject_id, position=0)
    KeptMedia.objects.create(attachment=media, case_id=case.pk)
    return case


def uncover(desk: Client, case: Case, *media: str) -> tuple[int, dict[str, object]]:
    answer = desk.post(f"/admin/cases/{case.pk}/uncover/", {"medium": media}, headers=SCRIPT)
    return answer.status_code, answer.json()


def test_each_medium_of_a_case_counts_once_a_day(case, alice, dave, mia) -> None:
    other = reported(alice, dave, "Something else altogether.", "spam")
    for media in (["1"], ["1", "2", "2"], ["2"]):
        exposure.uncover(case, media, by=mia, now=NOON)
    exposure.uncover(other, ["1"], by=mia, now=NOON + timedelta(hours=11))
    assert read.today(mia.pk, now=NOON).others.count == 3
    assert sorted(Exposure.objects.values_list("category", "seen")) == [
        ("hate", [f"{case.pk}/1", f"{case.pk}/2"]),
        ("spam", [f"{other.pk}/1"]),
    ]
    exposure.uncover(case, ["1"], by=mia, now=NOON + timedelta(hours=12))  # another day
    assert read.today(mia.pk, now=NOON).others.count == 3
    assert read.today(mia.pk, now=NOON + timedelta(days=1)).others.count == 1
    assert read.today(moderator("noor").pk, now=NOON).others.count == 0
    for bad in ([], [""], ["x" * 201], [str(number) for number in range(501)]):
        with pytest.raises(Invalid):
            exposure.uncover(case, bad, by=mia, now=NOON)


def test_past_the_days_limit_a_break_is_advised_and_cases_without_media_come(
    limits, case, alice, dave, desk, mia
) -> None:
    plain = reported(alice, dave, "Buy ten thousand followers today, only here.", "spam")
    life = with_picture(reported(alice, dave, "I will be at your door tonight.", "violence"), alice)
    Case.objects.filter(pk=life.pk).update(lane="life", place=-1e13)
    Case.objects.filter(pk=case.pk).update(place=-1.0)
    Case.objects.filter(pk=plain.pk).update(place=0.0)
    assert uncover(desk, case, "1", "2") == (
        200,
        {"clear": ["1", "2"], "seen": "Media uncovered today: 2 of 3"},
    )
    now = datetime.now(UTC)
    assert claims.upcoming(by=mia, seen=read.today(mia.pk, now=now), now=now, besides=life.pk) == case.pk
    status, told = uncover(desk, case, "1", "3", "4")
    assert (status, told["clear"], told["seen"]) == (200, ["1", "3"], "Media uncovered today: 3 of 3")
    sentence = told["error"]
    assert str(sentence).startswith("3 media uncovered today, at most 3. Take a break;")
    assert uncover(desk, case, "4") == (429, {"error": sentence})
    assert uncover(desk, case, "3")[0] == 200  # what was seen is seen

    for expected in (life, plain, None):  # danger to life waits for nobody
        held = claims.next_case(by=mia, now=datetime.now(UTC))
        assert held is None if expected is None else (held and held.case_id) == expected.pk
    noor = claims.next_case(by=moderator("noor"), now=datetime.now(UTC))
    assert noor is not None
    assert noor.case_id == case.pk


def test_abuse_and_terror_have_a_stricter_limit_of_their_own(limits, case, dave, mia) -> None:
    dark = reported(make_account("eve"), dave, "something terrible", "terror")
    assert dark.lane == "dark"
    address = f"/admin/cases/{dark.pk}/uncover/"
    again = desk_of(mia, proven=3_600.0).post(address, {"medium": "1"}, headers=SCRIPT)
    assert (again.status_code, Exposure.objects.exists()) == (302, False)  # the second factor, first
    desk = desk_of(mia)
    assert uncover(desk, dark, "1", "2", "3")[1]["clear"] == ["1", "2"]
    status, told = uncover(desk, dark, "3")
    assert (status, "at most 2" in str(told["error"])) == (429, True)
    assert uncover(desk, case, "1", "2", "3")[1]["seen"] == "Media uncovered today: 3 of 3"


def test_past_the_limit_no_address_is_given_until_an_administrator_allows_more(
    limits, case, alice, dave, desk, mia, admin
) -> None:
    other = with_picture(reported(alice, dave, "Something else altogether.", "spam"), alice)
    medium, path = str(other.subject_id + 1), f"/admin/cases/{other.pk}/"
    assert "ab/whole.jpg" in desk.get(path).content.decode()
    assert uncover(desk, case, "1", "2", str(case.subject_id + 1))[0] == 200
    page = desk.get(path).content.decode()
    assert ("ab/whole.jpg" in page, "Enough for today" in page) == (False, True)
    assert "ab/whole.jpg" in desk.get(f"/admin/cases/{case.pk}/").content.decode()  # what was seen is seen

    wish = {"to": "mia", "more": "1", "because": "nobody else is here"}
    assert desk.post("/admin/figures/lift/", wish).status_code == 403
    boss = desk_of(admin)
    for bad in ({"more": "0"}, {"more": "201"}, {"because": " "}, {"to": "dave"}):
        assert boss.post("/admin/figures/lift/", wish | bad).status_code == 422, bad
    assert boss.post("/admin/figures/lift/", wish | {"dark": "on"}).status_code == 302
    assert uncover(desk, other, medium)[0] == 429
    assert boss.post("/admin/figures/lift/", wish).status_code == 302
    assert "ab/whole.jpg" in desk.get(path).content.decode()
    assert uncover(desk, other, medium)[1]["seen"] == "Media uncovered today: 4 of 4"
    assert uncover(desk, other, "another")[0] == 429
    page = boss.get("/admin/figures/").content.decode()
    assert page.count("nobody else is here") == 2
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert read.today(mia.pk, now=tomorrow).others == read.Seen(0, 3)


def test_nobody_lifts_their_own_limit_while_there_is_somebody_to_ask(limits, admin) -> None:
    def lift() -> None:
        facts = {"dark": False, "more": 5, "because": "an order has an hour", "now": NOON}
        exposure.lift(to=admin, by=admin, **facts)

    other = make_account("adam", role="admin")
    with pytest.raises(NotAllowed, match="another administrator"):
        lift()
    Account.objects.filter(pk=other.pk).update(is_active=False)
    lift()
    assert read.today(admin.pk, now=NOON).others.limit == 8
    for rewritten in ("UPDATE moderation_exposurelift SET more = 1", "DELETE FROM moderation_exposurelift"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(rewritten)


def test_no_limit_is_none(case, desk, settings) -> None:
    settings.EXPOSURE_A_DAY = 0
    assert uncover(desk, case, *map(str, range(300)))[1]["seen"] == "Media uncovered today: 300"


def test_a_form_shows_the_case_with_that_medium_clear(case, desk) -> None:
    address = f"/admin/cases/{case.pk}/"
    page = desk.get(address).content.decode()
    (medium,) = re.findall(r'<button form="uncover" name="medium" value="([^"]+)" class="veil"', page)
    assert f'<form id="uncover" method="post" action="{address}uncover/">' in page
    assert ("exhibit clear" in page, "Media uncovered today: 0 of 200" in page) == (False, True)
    page = desk.post(f"{address}uncover/", {"medium": medium}).content.decode()
    assert ("exhibit clear" in page, "data-cover open" in page) == (True, True)
    assert "Media uncovered today: 1 of 200" in page
    assert "exhibit clear" not in desk.get(address).content.decode()


def test_everybody_reads_their_own_figure_and_administrators_the_teams(case, desk, admin, dave) -> None:
    dark = reported(make_account("eve"), dave, "something terrible", "terror")
    noor = desk_of(moderator("noor"))
    for who, about, media in ((desk, case, ["1", "2"]), (noor, case, ["1"]), (noor, dark, ["1"])):
        assert uncover(who, about, *media)[0] == 200
    assert "Media uncovered today: 2 of 200</p>" in desk.get("/admin/").content.decode()
    theirs = noor.get("/admin/").content.decode()
    assert (
        "Media uncovered today: 1 of 200 · Abuse of children, terror: Media uncovered today: 1 of 40"
        in theirs
    )
    assert "uncovered" not in desk.get("/admin/figures/").content.decode()
    page = desk_of(admin).get("/admin/figures/").content.decode()
    team = page[page.index("Media that the team uncovered") :]
    assert re.findall(r"<td>(\d+)</td>", team) == ["3", "1"]
    assert "@" not in team[: team.index("</table>")]


def test_somebody_from_outside_uncovers_media_of_their_case_and_of_no_other(case, alice, dave, mia) -> None:
    other, ruth = reported(alice, dave, "Something else altogether.", "spam"), make_account("ruth")
    outside.grant(case.pk, to=ruth, days=7, because="nobody else can", by=mia, now=datetime.now(UTC))
    guest = desk_of(ruth)
    assert uncover(guest, case, "1")[1]["seen"] == "Media uncovered today: 1 of 200"
    assert "Media uncovered today: 1 of 200" in guest.get(f"/admin/cases/{case.pk}/").content.decode()
    assert uncover(guest, other, "1")[0] == 403
    assert uncover(desk_of(dave), case, "1")[0] == 403
    with pytest.raises(NotAllowed):
        exposure.uncover(other, ["1"], by=ruth, now=datetime.now(UTC))
    assert list(Exposure.objects.values_list("account_id", "seen")) == [(ruth.pk, [f"{case.pk}/1"])]


def test_what_was_counted_is_forgotten_after_ninety_days_by_the_role_of_workers(case, mia, served) -> None:
    now = datetime.now(UTC)
    for days in (0, 89, 92):
        exposure.uncover(case, ["1"], by=mia, now=now - timedelta(days=days))
    schedule.forget()
    kept = sorted(now.date() - day for day in Exposure.objects.values_list("day", flat=True))
    assert kept == [timedelta(days=0), timedelta(days=89)]
