"""A single photo is reported, decided about and given back; the post that shows it stays where it was.

With real files: photos that are uploaded, made anew, stored and fetched by their addresses.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feed import openness
from moderation import publishing
from moderation.actions import ACTIONS
from moderation.addresses import find
from moderation.models import Case, CaseCopy, Decision, LogEntry, Report
from moderation.operations import appeals, cases, claims, recurrences
from moderation.operations.decide import Wish, decide, reverse
from moderation.queries import figures
from moderation.subjects import Subject, load
from tests.desks import desk_of
from tests.media import fetch, photo, ready
from tests.moderation.test_audit import as_superuser, wrong
from tests.people import client_of, make_account
from tests.restricting import REASONS, moderator, restrict
from upscrolled.core.errors import Invalid
from upscrolled.media import ledger, placing
from upscrolled.models import Account, MediaAttachment, MediaHash, Restriction
from upscrolled.models.restriction import FITTING

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
SMALL = (120, 90)
GERMAN = {"CF-IPCountry": "DE"}


def post(author: Account, *media: str, text: str = "look", **more: Any) -> dict[str, Any]:
    answer = client_of(author).post("/api/v1/statuses", {"status": text, "media_ids": list(media), **more})
    assert answer.status_code == 200, answer.content
    placing.settle_owed(now=NOW)
    shown: dict[str, Any] = answer.json()
    return shown


def with_photo(author: Account, seed: int = 1, **more: Any) -> tuple[int, int]:
    """A post and its photo, as an app sends them."""
    media = ready(author, photo(seed, SMALL))
    return int(post(author, media, **more)["id"]), int(media)


def report(by: Account, about: Account, *media: int, status: int = 200, reason: str = "adult") -> Any:
    named = {"media_ids": [str(each) for each in media], "reason": reason}
    body = {"account_id": str(about.id), "comment": "this one", "upscrolled": named}
    answer = client_of(by).post("/api/v1/reports", body)
    assert answer.status_code == status, answer.content
    return answer.json()


def case_of(media: int) -> Case:
    return Case.objects.exclude(state="decided").get(subject_kind="media", subject_id=media)


def settle() -> None:
    """What workers do after a decision."""
    openness.lately(now=datetime.now(UTC) + timedelta(seconds=5))
    placing.settle_owed(now=NOW)
    ledger.remove_due(now=datetime.now(UTC) + timedelta(minutes=1))


def shown_to(reader: Account | None, number: int, **headers: str) -> dict[str, Any]:
    client = client_of(reader) if reader else Client()
    answer = client.get(f"/api/v1/statuses/{number}", headers=headers)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def status(address: str) -> int:
    return int(fetch(address).status_code)


def test_a_report_of_one_photo_has_a_case_of_its_own(alice, bob, dave) -> None:
    first, second = (ready(alice, photo(seed, SMALL)) for seed in (1, 2))
    number = int(post(alice, first, second)["id"])

    filed = report(dave, alice, int(second))

    assert filed["upscrolled"] == {"reason": "adult", "hashtag": None, "media_ids": [second]}
    case = case_of(int(second))
    assert (case.account_id, case.policy, Report.objects.get().cases) == (alice.id, "adult", [case.pk])
    (frozen,) = case.evidence.get().content["media"]
    assert (frozen["id"], len(frozen["sha256"]), frozen["captions"]) == (second, 64, [])
    assert case.evidence.get().content["post"]["id"] == str(number)
    assert len(case.evidence.get().content["pictures"][0]["pdq"]) == 64
    assert case.factors["views_per_minute"] > 0
    report(bob, alice, int(second))
    assert case_of(int(second)).factors["joined"] == 1
    assert not Case.objects.filter(subject_id=int(first)).exists()


def test_what_no_post_of_theirs_shows_is_no_reason(alice, bob, dave) -> None:
    number, media = with_photo(alice)
    draft = int(ready(alice, photo(3, SMALL)))
    for target, named in ((alice, draft), (bob, media), (alice, 7)):
        assert f"{named} is no media" in report(dave, target, named, status=422)["error"]
    body = {
        "account_id": str(alice.id),
        "status_ids": [str(number)],
        "upscrolled": {"media_ids": [str(media)]},
    }
    both = client_of(dave).post("/api/v1/reports", body)
    assert (both.status_code, "one for each" in both.json()["error"]) == (422, True)
    many = client_of(dave).post(
        "/api/v1/reports", {"account_id": str(alice.id), "upscrolled": {"media_ids": ["1"] * 101}}
    )
    assert (many.status_code, "101 media; at most 100" in many.json()["error"]) == (422, True)
    assert not Case.objects.exists()


@pytest.mark.parametrize("looks_alike", [True, False])
def test_the_same_file_of_others_waits_in_one_case_and_is_decided_with_it(
    alice, bob, dave, looks_alike: bool
) -> None:
    (_, hers), (number, his), (_, other) = with_photo(alice), with_photo(bob), with_photo(bob, 9)
    if not looks_alike:  # as sounds, and pictures that are too plain: the very same bytes
        MediaHash.objects.all().delete()
    for whose, media in ((alice, hers), (bob, his), (bob, other)):
        report(dave, whose, media)
    # The post that shows it is something else: what it says is looked at with it.
    client_of(dave).post("/api/v1/reports", {"account_id": str(bob.id), "status_ids": [str(number)]})
    assert Case.objects.get(subject_kind="post").subject_id == number

    case = case_of(hers)
    assert list(CaseCopy.objects.values_list("case", "subject_kind", "subject_id")) == [
        (case.pk, "media", his)
    ]
    mia = moderator()
    wish = Wish(Subject("media", hers), "removed", "adult", REASONS)
    cases.decide_case(claims.claim(case.pk, by=mia, now=NOW), wish, by=mia, now=NOW)
    removed = Restriction.objects.filter(subject_kind="media", kind="removed")
    assert set(removed.values_list("subject_id", flat=True)) == {hers, his}
    assert case_of(other).state == "open"


def test_what_is_no_copy_after_all_takes_its_own_reports_along(alice, bob, dave) -> None:
    (_, hers), (_, other), (_, his) = with_photo(alice), with_photo(alice, 9), with_photo(bob)
    for whose, media in ((alice, (hers, other)), (bob, (his,)), (alice, (other,))):
        report(dave, whose, *media)
    mia, case = moderator(), case_of(hers)
    held = claims.claim(case.pk, by=mia, now=NOW)
    apart = cases.set_apart(held, Subject("media", his), by=mia, reason="another frame", now=NOW)

    both, of_bob, alone = Report.objects.order_by("id").values_list("cases", flat=True)
    assert (apart.subject_id, of_bob) == (his, [apart.pk])
    assert (both, alone) == (sorted([case.pk, case_of(other).pk]), [case_of(other).pk])
    mine = client_of(dave).get("/api/v1/upscrolled/reports").json()
    assert [each["media_ids"] for each in mine] == [[str(other)], [str(his)], [str(hers), str(other)]]


def test_a_removed_photo_is_given_to_its_owner_alone_and_comes_back(alice, bob) -> None:
    kept = ready(alice, photo(2, SMALL))
    media = ready(alice, photo(1, SMALL))
    number = int(post(alice, media, kept)["id"])
    before = [each["url"] for each in shown_to(bob, number)["media_attachments"]]
    assert {status(address) for address in before} == {200}

    made = decide(Wish(Subject("media", int(media)), "removed", "adult", REASONS), by=moderator(), now=NOW)
    settle()

    placeholder, left = shown_to(bob, number)["media_attachments"]
    assert (placeholder["type"], placeholder["blurhash"]) == ("image", None)
    assert placeholder["url"] == placeholder["preview_url"] != before[0]
    assert placeholder["url"].endswith("/withheld.png")
    assert placeholder["upscrolled"]["withheld"] == "removed or on hold by a decision"
    assert placeholder["upscrolled"]["restrictions"] == []
    assert media not in str({**placeholder, "id": ""})
    assert (left["url"], [status(address) for address in before]) == (before[1], [404, 200])
    own = shown_to(alice, number)["media_attachments"][0]
    assert (own["upscrolled"]["restrictions"], own["upscrolled"]["withheld"]) == (["removed"], None)
    assert [status(own[name]) for name in ("url", "preview_url")] == [200, 200]
    # The owner's address is not what a reader was signed before.
    client = client_of(alice)
    reach = client.get(f"/api/v1/upscrolled/statuses/{number}/reach").json()
    (row,) = reach["restrictions"]
    assert (row["subject"], row["subject_id"], row["kind"]) == ("media", media, "removed")
    assert row["decision_id"] == str(made.decision_id)
    assert all(each["eligible"] for each in reach["surfaces"].values())
    told = client.get("/api/v1/upscrolled/standing").json()
    assert media in str(told)
    page = fetch(f"http://testserver/@alice/{number}")
    assert placeholder["url"].encode() in page.received
    assert before[0].encode() not in page.received

    appeal = appeals.appeal_decision(made.statement_id, by=alice, text="It is a statue.", now=NOW)
    noor = moderator("noor")
    held = appeals.claim_appeal(appeal.pk, by=noor, now=NOW)
    appeals.overturn(held, answer="It is a statue in a museum.", by=noor, now=NOW)
    settle()
    back = shown_to(bob, number)["media_attachments"][0]
    assert (back["url"], status(back["url"]), back["upscrolled"]["withheld"]) == (before[0], 200, None)


def test_an_address_that_a_reader_was_signed_ends_with_the_decision(alice, bob) -> None:
    number, media = with_photo(alice, visibility="private")
    client_of(bob).post(f"/api/v1/accounts/{alice.id}/follow", {})
    (given,) = shown_to(bob, number)["media_attachments"]
    assert status(given["url"]) == 200

    restrict("media", media, "hold")

    assert status(given["url"]) == 404
    (own,) = shown_to(alice, number)["media_attachments"]
    assert status(own["url"]) == 200


def test_age_limited_and_in_some_countries_it_is_withheld_from_those_alone(alice, bob, settings) -> None:
    settings.TRUSTED_PROXIES, settings.COUNTRY_HEADER = ["127.0.0.1"], "CF-IPCountry"
    limited, number = (with_photo(alice, seed) for seed in (1, 2))
    restrict("media", limited[1], "age_limited")
    restrict("media", number[1], "removed", countries=["DE"])
    settle()

    def reason(post_id: int, reader: Account | None = None, **headers: str) -> Any:
        return shown_to(reader, post_id, **headers)["media_attachments"][0]["upscrolled"]["withheld"]

    assert reason(limited[0]) == "age limited, and nobody is signed in"
    assert reason(limited[0], bob) is None
    assert reason(number[0]) is None
    assert reason(number[0], **GERMAN) == "removed or on hold by a decision"
    (given,) = shown_to(None, number[0])["media_attachments"]
    assert "/media/private/" in given["url"]
    assert status(given["url"]) == 200
    assert int(fetch(given["url"], **GERMAN).status_code) == 404


def test_a_sensitive_photo_covers_its_post(alice, bob) -> None:
    number, media = with_photo(alice)
    assert shown_to(bob, number)["sensitive"] is False
    restrict("media", media, "sensitive")
    for reader in (bob, alice):
        assert shown_to(reader, number)["sensitive"] is True
    (shown,) = shown_to(bob, number)["media_attachments"]
    assert (shown["upscrolled"]["withheld"], status(shown["url"])) == (None, 200)


def test_what_was_removed_does_not_come_back_by_being_sent_again(alice, bob) -> None:
    number, media = with_photo(alice)
    again = ready(alice, photo(1, SMALL))
    restrict("media", media, "removed")
    client = client_of(alice)

    refused = client.post("/api/v1/statuses", {"status": "again", "media_ids": [again]})
    assert (refused.status_code, "/disputes/strikes" in refused.json()["error"]) == (422, True)
    client.delete(f"/api/v1/statuses/{number}")
    redrafted = client.post("/api/v1/statuses", {"status": "redrafted", "media_ids": [str(media)]})
    assert (redrafted.status_code, str(media) in redrafted.json()["error"]) == (422, True)
    # Whether the same is right where somebody else shows it, a person says.
    post(bob, ready(bob, photo(1, SMALL)))
    Restriction.objects.update(ends_at=NOW - timedelta(minutes=1))
    assert client.post("/api/v1/statuses", {"status": "", "media_ids": [again]}).status_code == 200


def test_the_same_file_elsewhere_is_looked_at_and_held_where_it_cannot_wait(alice, bob, dave) -> None:
    for seed, policy in ((1, "adult"), (2, "intimate")):
        (_, media), (_, again) = with_photo(alice, seed), with_photo(bob, seed)
        assert recurrences.look(now=NOW) == 0
        wish = Wish(Subject("media", media), "removed", policy, REASONS, countries=["DE"])
        decide(wish, by=moderator(), now=NOW)
        assert [recurrences.look(now=NOW) for _ in range(2)] == [1, 0]
        case = case_of(again)
        assert (case.account_id, case.policy, case.source) == (bob.id, policy, "copy")
        held = Restriction.objects.filter(subject_kind="media", subject_id=again)
        if policy == "adult":
            assert not held.exists()
        else:
            hold = held.get()
            assert (hold.kind, hold.countries, case.lane) == ("hold", ["DE"], "intimate")
            assert Decision.objects.get(pk=hold.decision_id).statement.account_id == bob.id
        mia = moderator()
        cases.dismiss(claims.claim(case.pk, by=mia, now=NOW), by=mia, reason="criticism", now=NOW)
        assert recurrences.look(now=NOW) == 0
    _, quiet = with_photo(dave, 1)
    Restriction.objects.filter(kind="removed").update(ends_at=NOW)
    assert recurrences.look(now=NOW + timedelta(seconds=1)) == 0
    assert not Case.objects.filter(subject_id=quiet).exists()


def test_a_page_of_photos_costs_no_more_statements_for_what_is_withheld(alice, bob) -> None:
    made = [with_photo(alice, seed) for seed in (1, 2, 3)]
    path, client = f"/api/v1/accounts/{alice.id}/statuses?only_media=true", client_of(bob)
    client.get(path)
    with CaptureQueriesContext(connection) as before:
        assert len(client.get(path).json()) == 3
    restrict("media", made[0][1], "removed")
    restrict("media", made[1][1], "sensitive")
    with CaptureQueriesContext(connection) as after:
        found = client.get(path).json()
    assert (len(after), len(found)) == (len(before), 3)
    assert [bool(each["media_attachments"][0]["upscrolled"]["withheld"]) for each in found] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"restore"}))
def test_what_makes_no_sense_for_media_is_refused_here_and_by_the_database(alice, action: str) -> None:
    fits = {kind for kind, kinds in FITTING.items() if action in kinds}
    if not ACTIONS[action].restricts:
        assert "media" in ACTIONS[action].subjects
        return
    assert fits == ACTIONS[action].subjects
    _, media = with_photo(alice)
    wish = Wish(Subject("media", media), action, "adult", REASONS)
    if "media" in fits:
        decide(wish, by=moderator(), now=NOW)
        return
    with pytest.raises(Invalid, match=f"{action} is nothing for a media"):
        decide(wish, by=moderator(), now=NOW)
    with pytest.raises(Exception, match="restriction_fits_its_subject"), transaction.atomic():
        restrict("media", media, action)


def test_the_notice_of_somebody_without_an_account_names_a_file(alice) -> None:
    number, media = with_photo(alice)
    row = MediaAttachment.objects.get(pk=media)
    (shown,) = shown_to(None, number)["media_attachments"]
    assert find(shown["url"]) == find(shown["preview_url"]) == (Subject("media", media), alice.id)
    _, hidden = with_photo(alice, 5, visibility="private")
    name = MediaAttachment.objects.get(pk=hidden).files["original"]
    with pytest.raises(Invalid, match="shows no public post, photo"):
        find(shown["url"].replace(row.files["original"], name))


def test_the_screen_of_its_case_shows_it_covered_with_its_post(alice, dave) -> None:
    _, media = with_photo(alice, text="What you see here is art.")
    report(dave, alice, media)
    mia = moderator()
    page = desk_of(mia).get(f"/admin/cases/{case_of(media).pk}/").content.decode()
    assert page.count('class="veil"') == page.count("<img ") == 1
    assert "What you see here is art." in page
    assert 'value="media:removed"' in page
    assert 'value="media:hidden_from_discover"' not in page
    restrict("media", media, "removed")
    settle()
    again = desk_of(mia).get(f"/admin/cases/{case_of(media).pk}/").content.decode()
    source = again.partition("data-veil")[2].partition('<img src="')[2].partition('"')[0]
    assert status(f"http://testserver{source}") == 200


def test_the_audit_follows_a_decision_about_a_photo(alice) -> None:
    _, media = with_photo(alice)
    made = decide(Wish(Subject("media", media), "removed", "adult", REASONS), by=moderator(), now=NOW)
    publishing.publish(now=NOW, delay=timedelta())
    (row,) = figures.transparency_rows(since=NOW - timedelta(days=1))
    assert row["content_type"] == ["CONTENT_TYPE_IMAGE"]
    assert '"subject":"media"' in LogEntry.objects.get(decision=made.decision_id).data
    assert "restrictions on what is somebody else's by now" not in wrong()
    assert "media of posts and messages that are shown no more for no reason" not in wrong()
    reverse(
        made.decision_id,
        by=moderator("noor"),
        facts="It was looked at again.",
        explanation="It is a statue in a museum, which the policy allows.",
        now=NOW,
    )
    assert list(
        Decision.objects.filter(subject_kind="media").values_list("action", flat=True).order_by("id")
    ) == ["removed", "restore"]
    bob = make_account("bob")
    as_superuser("UPDATE upscrolled_mediaattachment SET owner_id = %(bob)s, state = 'failed'", bob=bob.id)
    found = wrong()
    assert "restrictions on what is somebody else's by now" in found
    assert "media of posts and messages that are shown no more for no reason" in found


def test_a_draft_is_loaded_and_a_photo_of_a_message_is_not(alice) -> None:
    media = int(ready(alice, photo(1, SMALL)))
    assert load(Subject("media", media)).content["post"] is None
    MediaAttachment.objects.filter(pk=media).update(purpose="message")
    with pytest.raises(Exception, match="Record not found"):
        load(Subject("media", media))
