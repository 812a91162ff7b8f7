"""Photos and voice notes in messages: who gets an address, and what really goes."""

from __future__ import annotations

import pytest

from messaging.models import Message
from messaging.operations import conversations, media, messages, report
from messaging.operations.messages import Draft
from messaging.operations.report import Complaint
from messaging.queries import messages as found
from tests.chat import say
from tests.media import fetch, files_below, now, photo, ready, settle, upload
from tests.people import NOON, make_account
from tests.restricting import restrict
from upscrolled import tasks
from upscrolled.core.paging import Page
from upscrolled.models import MediaAttachment
from upscrolled.operations.relationships import block
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
BASE = "/api/v1/upscrolled/conversations"


def send(client, conversation, *media_ids, text="", client_id="drawn", status=200):
    body = {"text": text, "client_id": client_id, "media_ids": list(media_ids)}
    answer = client.post(f"{BASE}/{conversation}/messages", body)
    assert answer.status_code == status, answer.content
    return answer.json()


def shown(client, conversation):
    """The newest message as this person's phone shows it."""
    return client.get(f"{BASE}/{conversation}/messages").json()[0]


def test_a_photo_reaches_the_other_and_nobody_else(media_root, client_of, pair, alice, bob, dave):
    made = ready(alice, description="the river")
    sent = send(client_of(alice), pair, made)
    again = send(client_of(alice), pair, made)
    settle()

    (attachment,) = shown(client_of(bob), pair)["attachments"]
    assert (attachment["type"], attachment["description"]) == ("image", "the river")
    assert again["id"] == sent["id"]
    assert "/media/private/" in attachment["url"]
    assert fetch(attachment["url"]).status_code == 200
    assert not [name for name in files_below(media_root) if name.startswith("public")]
    for person in (bob, dave):  # an upload is its owner's; the other reaches it by the message alone
        assert client_of(person).get(f"/api/v1/media/{made}").status_code == 404
        assert (
            client_of(person).post("/api/v1/statuses", {"status": "mine", "media_ids": [made]}).status_code
            == 422
        )
    row = MediaAttachment.objects.get()
    assert (row.purpose, row.open) == ("message", False)


def test_who_sees_the_message_no_more_is_given_no_address(media_root, client_of, alice, bob, dave):
    group = conversations.begin_group([bob.id, dave.id], title="", by=alice, now=NOON)
    for each in (bob, dave):
        conversations.accept(group, by=each, now=NOON)
    sent = send(client_of(alice), group, ready(alice))
    address = f"{BASE}/{group}/messages/{sent['id']}"
    conversations.leave(group, by=dave, now=NOON)
    assert client_of(dave).get(address).status_code == 404

    restrict("message", int(sent["id"]), "removed")
    assert client_of(bob).get(address).json()["attachments"] == []
    assert len(client_of(alice).get(address).json()["attachments"]) == 1
    block(bob, by=alice, now=NOON)
    assert client_of(bob).get(address).status_code == 404


def test_what_was_deleted_for_all_is_really_gone(media_root, client_of, pair, alice, bob):
    data = photo(2)
    first, second = ready(alice, data), ready(alice, data)  # the same files: stored once, counted twice
    hers = client_of(alice)
    sent = [send(hers, pair, each, client_id=each)["id"] for each in (first, second)]
    url = shown(client_of(bob), pair)["attachments"][0]["url"]
    tasks.remove_media()  # what was sent is needed no more
    stored = files_below(media_root)

    assert client_of(bob).delete(f"{BASE}/{pair}/messages/{sent[0]}", {"scope": "me"}).status_code == 200
    assert hers.get(f"{BASE}/{pair}/messages/{sent[0]}").json()["attachments"]
    gone = hers.delete(f"{BASE}/{pair}/messages/{sent[0]}", {"scope": "all"}).json()
    tasks.remove_media()
    assert (gone["attachments"], files_below(media_root)) == ([], stored)  # the second message needs them
    assert fetch(url).status_code == 200
    hers.delete(f"{BASE}/{pair}/messages/{sent[1]}", {"scope": "all"})
    assert fetch(url).status_code == 404  # before anything was cleared away
    tasks.remove_media()
    assert (files_below(media_root), MediaAttachment.objects.count()) == (set(), 0)


def test_what_is_not_ready_or_not_ones_own_is_refused_with_a_sentence(
    media_root, client_of, pair, alice, bob
):
    hers = client_of(alice)
    his, waiting = ready(bob), upload(alice, photo(3))["id"]

    assert "still being processed" in send(hers, pair, waiting, status=422)["error"]
    assert f"Media {his} were not found" in send(hers, pair, his, status=422)["error"]
    assert (
        "at most 10 attachments; there are 11" in send(hers, pair, *map(str, range(11)), status=422)["error"]
    )
    assert "Text can't be blank" in send(hers, pair, status=422)["error"]
    sent = ready(alice, photo(4))
    send(hers, pair, sent)
    assert "belong to another post or message" in send(hers, pair, sent, client_id="b", status=422)["error"]
    assert Message.objects.count() == 2


def test_a_reported_photo_stays_for_the_moderators_until_the_report_is_settled(media_root, alice, bob, pair):
    made = ready(alice)
    draft = Draft("look", "drawn", media=(made,))
    message = messages.send(pair, by=alice, draft=draft, now=NOON).id
    report.file_report(pair, complaint=Complaint([message], ""), by=bob, now=NOON)
    messages.delete_for_all(message, by=alice, now=now())
    tasks.remove_media()

    reader = make_account("mod", role="moderator")
    (evidence,) = report.read_evidence(message, reader=reader, because="case 7", now=NOON)
    assert [str(each.id) for each in evidence.attachments] == [made]
    assert media.end_evidence([message], now=now()) == 0  # moderation has not taken it up yet
    report.hand_over(limit=1, now=now())
    assert [media.end_evidence([message], now=now()) for _ in range(2)] == [1, 0]
    tasks.remove_media()
    assert files_below(media_root) == set()


def test_a_direct_post_brings_its_photo(media_root, client_of, alice, bob):
    made = ready(alice)
    body = {"status": "@bob look", "visibility": "direct", "media_ids": [made]}
    sent = client_of(alice).post("/api/v1/statuses", body).json()
    address = f"/api/v1/statuses/{sent['id']}"

    (attachment,) = client_of(bob).get(address).json()["media_attachments"]
    assert (attachment["id"], fetch(attachment["url"]).status_code) == (made, 200)
    kept = {"status": "@bob look!", "media_ids": [made]}
    assert client_of(alice).put(address, kept).json()["edited_at"]
    assert "cannot be changed" in client_of(alice).put(address, {"media_ids": []}).json()["error"]
    assert client_of(alice).delete(address).json()["media_attachments"] == []


def test_a_page_costs_one_statement_more_for_all_its_media(
    media_root, client_of, pair, alice, bob, django_assert_num_queries
):
    for number in range(3):
        send(client_of(alice), pair, ready(alice, photo(number + 5)), client_id=str(number))
    say(pair, alice, "no photo")

    with django_assert_num_queries(2):
        listed = found.page(Viewer(bob), pair, Page(limit=10)).messages
    assert [len(each.attachments) for each in listed] == [0, 1, 1, 1, 0]
