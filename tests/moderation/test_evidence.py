"""What was reported is there to be looked at, whatever its owner does to it meanwhile, and goes with the evidence.

With real files: a photo that is uploaded, made anew and stored, pictures of profiles.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from feed.operations.leaving import empty_erased
from feed.operations.revise import Edit, delete_post, edit_post
from moderation import schedule
from moderation.models import Case, CaseEvent
from moderation.operations import cases, claims, handling
from moderation.operations.report import Complaint, file_report
from tests.desks import desk_of
from tests.media import fetch, photo, ready
from tests.moderation.test_audit import wrong
from tests.people import client_of, make_account, publish
from tests.restricting import moderator
from tests.upscrolled.media.video.clips import Clips
from upscrolled.media import addresses, ending, ledger, placing
from upscrolled.media.addresses import Holder
from upscrolled.models import Account, Departure, KeptMedia, KeptPicture, MediaAttachment
from upscrolled.operations import attachments, captions, leaving, profiles
from upscrolled.pictures import ledger as pictures
from upscrolled.pictures import storage

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
REPORTED = NOW - timedelta(days=201)  # so long ago that its evidence may go once the case is closed


def post_with_photo(author: Account, seed: int, text: str) -> tuple[int, int]:
    """A post and its photo, as an app sends them."""
    media = ready(author, photo(seed, (120, 90)))
    answer = client_of(author).post("/api/v1/statuses", {"status": text, "media_ids": [media]})
    assert answer.status_code == 200, answer.content
    placing.settle_owed(now=NOW)
    return int(answer.json()["id"]), int(media)


def report(about: Account, *posts: int) -> Case:
    reporter = Account.objects.named("dave") or make_account("dave")
    complaint = Complaint(about.id, list(posts), reason="adult")
    return Case.objects.get(pk=file_report(reporter=reporter, complaint=complaint, now=REPORTED).cases[0])


def shown(case: Case) -> list[str]:
    """The pictures of a case as its screen shows them, covered until they are asked for."""
    page = desk_of(moderator()).get(f"/admin/cases/{case.pk}/").content.decode()
    covered = re.findall(r'class="veil" data-veil[^>]*><img src="([^"]+)"', page)
    assert len(covered) == page.count("<img ")
    return covered


def status(path: str) -> int:
    return int(fetch(f"http://testserver{path}").status_code)


def days_pass() -> None:
    """All that workers remove, three days later."""
    later = NOW + timedelta(days=3)
    placing.settle_owed(now=NOW)
    ending.expire(now=later)
    ending.purge(now=later)
    ledger.end_former(now=later)
    ledger.remove_due(now=later)
    pictures.remove_due(now=later)


def close(*about: Case) -> None:
    mia = moderator()
    for case in about:
        cases.dismiss(claims.claim(case.pk, by=mia, now=REPORTED), by=mia, reason="criticism", now=REPORTED)
    schedule.forget()


def test_photos_of_a_reported_post_outlive_whatever_its_author_does(alice, bob) -> None:
    client = client_of(alice)
    made = [
        post_with_photo(alice, seed, text) for seed, text in enumerate(("one", "two two", "3 3 3", "4th"))
    ]
    made.append(post_with_photo(bob, 9, "of somebody who leaves"))
    public = [MediaAttachment.objects.get(pk=media).files["original"] for _, media in made]
    assert {status(f"/media/public/{name}") for name in public} == {200}
    opened = [report(alice, post) for post, _ in made[:4]] + [report(bob, made[4][0])]
    (with_media, alone, edited, drafted), (_, left) = made[:4], made[4]

    assert client.delete(f"/api/v1/statuses/{with_media[0]}?delete_media=true").status_code == 200
    delete_post(alone[0], by=alice, now=NOW)  # its photo is a draft again, whose time ends
    edit_post(edited[0], by=alice, edit=Edit(parts={"media": None}), now=NOW)
    delete_post(edited[0], by=alice, now=NOW, with_media=True)
    delete_post(drafted[0], by=alice, now=NOW)
    assert client.delete(f"/api/v1/media/{drafted[1]}").status_code == 200
    Departure.objects.create(account=bob, left_at=REPORTED, erase_at=NOW)
    assert (leaving.erase_due(now=NOW), empty_erased(now=NOW)) == (1, 1)
    days_pass()

    assert not MediaAttachment.objects.filter(pk__in=[media for _, media in made], deleted_at=None).exists()
    assert {status(f"/media/public/{name}") for name in public} == {404}
    assert client.get(f"/api/v1/media/{alone[1]}").status_code == 404
    looked_at = [shown(case) for case in opened]
    assert [[status(path) for path in paths] for paths in looked_at] == [[200]] * 5
    # An address that a reader was given before is no way to it.
    old = addresses.private(left, public[4], now=NOW).partition("://")[2].partition("/")[2]
    assert status(f"/{old}") == 404

    close(*opened)
    days_pass()
    assert not KeptMedia.objects.exists()
    assert not MediaAttachment.objects.filter(pk__in=[media for _, media in made]).exists()
    assert {status(path) for paths in looked_at for path in paths} == {404}
    assert [shown(case) for case in opened] == [[]] * 5


def test_a_photo_that_an_edit_took_out_before_is_frozen_too(alice) -> None:
    post, media = post_with_photo(alice, 1, "look")
    edit_post(post, by=alice, edit=Edit(parts={"media": None}), now=NOW)
    case = report(alice, post)
    delete_post(post, by=alice, now=NOW, with_media=True)
    days_pass()

    (path,) = shown(case)
    assert status(path) == 200
    (kept,) = case.evidence.get().content["former_media"]
    assert (kept["id"], len(kept["sha256"])) == (str(media), 64)


def test_what_its_owner_put_beside_a_reported_video_outlives_its_replacement(alice, tmp_path) -> None:
    film = Clips(tmp_path)["landscape.mp4"].read_bytes()
    media = int(ready(alice, film, thumbnail=SimpleUploadedFile("t.png", photo(1, (120, 90), "PNG"))))
    captions.add(
        media, b"WEBVTT\n\n00:00.100 --> 00:01.000\nSlander\n", language="en", name="", by=alice, now=NOW
    )
    shown_first = client_of(alice).post("/api/v1/statuses", {"status": "look", "media_ids": [str(media)]})
    post = int(shown_first.json()["id"])
    placing.settle_owed(now=NOW)
    case = report(alice, post)
    row = MediaAttachment.objects.get(pk=media)
    frozen = [row.files["thumbnail"], row.captions[0]["file"]]
    assert {status(f"/media/public/{name}") for name in frozen} == {200}

    drawn = attachments.draw_thumbnail(photo(2, (120, 90), "PNG"), now=NOW)
    with transaction.atomic():
        attachments.describe(media, description=None, focus=None, thumbnail=drawn, now=NOW)
    captions.add(
        media, b"WEBVTT\n\n00:00.100 --> 00:01.000\nKindness\n", language="en", name="", by=alice, now=NOW
    )
    captions.remove(media, language="en", by=alice, now=NOW)
    for _ in range(2):
        days_pass()

    # Gone for everybody, whatever address they have; there for moderators, covered, until its evidence goes.
    assert {status(f"/media/public/{name}") for name in frozen} == {404}
    for holder, answer in ((Holder.READER, 404), (Holder.OWNER, 404), (Holder.STAFF, 200)):
        signed = [addresses.private(media, name, now=NOW, holder=holder) for name in frozen]
        assert [fetch(address).status_code for address in signed] == [answer, answer], holder
    page = desk_of(moderator()).get(f"/admin/cases/{case.pk}/").content.decode()
    assert {name in page for name in frozen} == {True}
    assert b"Slander" in fetch(signed[1]).received
    now_shown = client_of(alice).get(f"/api/v1/statuses/{post}").json()["media_attachments"][0]
    assert "/media/public/" in now_shown["preview_url"]

    close(case)
    days_pass()
    assert [fetch(address).status_code for address in signed] == [404, 404]
    assert fetch(now_shown["preview_url"]).status_code == 200


def test_faces_of_a_reported_account_outlive_their_change_and_the_account(alice) -> None:
    for seed in (1, 2):
        chosen = {"avatar": photo(seed, (120, 90)), "header": photo(seed + 5, (120, 90))}
        profiles.edit_profile(account=alice, now=REPORTED, new_pictures=chosen)
        if seed == 1:
            case, frozen = report(alice), [alice.avatar, alice.header]
    profiles.remove_picture(account=alice, place="header", now=NOW)
    case_again = report(alice)
    assert case_again == case  # and what it looks like now is frozen beside
    last = alice.avatar
    Departure.objects.create(account=alice, left_at=REPORTED, erase_at=NOW)
    leaving.erase_due(now=NOW)
    days_pass()

    paths = shown(case)
    assert (len(paths), {status(path) for path in paths}) == (3, {200})
    assert [status(f"/media/{name}") for name in (*frozen, last)] == [404, 404, 404]

    close(case)
    days_pass()
    assert not KeptPicture.objects.exists()
    assert [storage.read(name) for name in (*frozen, last)] == [None, None, None]
    assert {status(path) for path in paths} == {404}


def test_what_somebody_else_shows_stays_with_them(alice, bob) -> None:
    for account in (alice, bob):
        profiles.edit_profile(account=account, now=REPORTED, new_pictures={"avatar": photo(1, (120, 90))})
    case = report(alice)
    profiles.remove_picture(account=alice, place="avatar", now=NOW)
    close(case)
    days_pass()
    assert status(f"/media/{bob.avatar}") == 200


@pytest.mark.parametrize(
    "statement", ["DELETE FROM upscrolled_keptmedia", "UPDATE upscrolled_keptmedia SET case_id = 7"]
)
def test_the_database_keeps_it_as_long_as_the_evidence(alice, statement: str) -> None:
    post, _ = post_with_photo(alice, 1, "look")
    report(alice, post)
    with (
        pytest.raises(Exception, match="it is evidence"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_what_is_kept_for_nothing_stands_out(alice) -> None:
    media = MediaAttachment.objects.create(id=7, owner=alice, kind="image", state="ready")
    assert "media and pictures that are kept for no evidence" not in wrong()
    KeptMedia.objects.create(attachment=media, case_id=7)
    assert "media and pictures that are kept for no evidence" in wrong()


def test_who_looks_at_what_was_not_for_everybody_is_written_down_each_sitting(alice, bob, dave) -> None:
    noor = moderator("noor")
    posts = [
        publish(alice, text, audience=to) for text, to in (("for all", "public"), ("for few", "followers"))
    ]
    public, private = (report(alice, post) for post in posts)
    for _ in range(2):
        for by in (moderator(), noor):
            for case in (public, private):
                assert desk_of(by).get(f"/admin/cases/{case.pk}/").status_code == 200

    looked = (
        CaseEvent.objects.filter(kind="looked at")
        .order_by("id")
        .values_list("case", "actor__username", "reason")
    )
    assert list(looked) == [(private.pk, "mia", "followers"), (private.pk, "noor", "followers")]

    later = datetime.now(UTC) + timedelta(minutes=11)
    for _ in range(2):
        handling.looked_at([private.pk], by=noor, what="followers", now=later)
    assert list(looked.all()) == [
        (private.pk, "mia", "followers"),
        (private.pk, "noor", "followers"),
        (private.pk, "noor", "followers"),
    ]
