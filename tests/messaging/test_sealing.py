"""What lies in the database tells nobody what was written; keys follow each other."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from messaging import sealing
from messaging.models import Message
from messaging.operations import conversations, messages, report
from messaging.operations.report import Complaint
from messaging.operations.reseal import reseal
from messaging.queries import conversations as threads
from messaging.queries import messages as found
from tests.chat import say, texts
from tests.people import NOON
from upscrolled import keys
from upscrolled.models import SigningKey
from upscrolled.viewer import Viewer

pytestmark = pytest.mark.django_db
SECRET = "the cave below the old mill"


@pytest.fixture
def written(group, alice, bob):
    """A secret in every place where a text can lie: title, message, version, report."""
    conversations.rename(group, title=SECRET, by=alice, now=NOON)
    message = say(group, alice, SECRET)
    report.file_report(group, complaint=Complaint([message], "look"), by=bob, now=NOON)
    messages.edit(message, by=alice, written=f"{SECRET}!", now=NOON)
    return message


def everything_stored() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'messaging_%'")
        tables = [row[0] for row in cursor.fetchall()]
        stored = b""
        for table in tables:
            cursor.execute(f"SELECT t.*::text FROM {table} t")
            stored += "\n".join(row[0] for row in cursor.fetchall()).encode()
    return stored


def test_nothing_that_was_written_is_stored_as_it_was_written(written):
    stored = everything_stored()

    assert b"look" in stored  # what is said to the moderators is theirs to read
    for word in (SECRET, "cave", "mill"):
        assert word.encode() not in stored
        assert word.encode().hex().encode() not in stored


def test_after_a_rotation_all_of_it_lies_under_the_new_key(written, group, alice, bob):
    former = Message.objects.get().key_id
    new = keys.rotate(sealing.PURPOSE, now=NOON, because="every year")
    sealing.forget()
    assert texts(group, bob) == [f"{SECRET}!"]  # the former key still opens

    call_command("reseal_messages")

    assert reseal(now=NOON) == (0, 0)
    assert former.encode() not in everything_stored()
    assert new.id.encode() in everything_stored()
    SigningKey.objects.filter(pk=former).update(sealed=b"")  # it may be destroyed now
    sealing.forget()
    keys.forget()
    assert texts(group, bob) == [f"{SECRET}!"]
    assert [each.text for each in found.history(Viewer(bob), written)] == [SECRET, f"{SECRET}!"]
    assert threads.get(Viewer(bob), group).title == SECRET


def test_sealing_anew_in_batches_ends(written, group, alice, monkeypatch):
    for _ in range(5):
        say(group, alice)
    keys.rotate(sealing.PURPOSE, now=NOON, because="every year")
    sealing.forget()
    monkeypatch.setattr("messaging.operations.reseal.BATCH", 2)

    assert reseal(now=NOON) == (9, 0)


def test_a_sealed_text_opens_where_it_belongs_and_nowhere_else(pair, group, alice, bob):
    one, other = say(pair, alice, "one"), say(pair, alice, "other")
    moved = Message.objects.get(pk=one)
    Message.objects.filter(pk=other).update(body=moved.body, key_id=moved.key_id)

    seen = found.get_message(Viewer(bob), other)
    assert (seen.text, seen.deleted_at, seen.withheld) == (None, None, False)


def test_a_lost_key_loses_texts_and_nothing_else(pair, alice, bob):
    SigningKey.objects.update(sealed=b"")
    sealing.forget()
    keys.forget()

    assert texts(pair, bob) == [None]
    assert len(threads.page(Viewer(bob), "inbox", found.Page()).conversations) == 1


def test_a_key_that_was_rolled_back_is_not_used(db):
    first = seal_and_roll_back()

    second = sealing.seal("x", conversation_id=1, about=2, now=NOON)

    assert second.key_id != first.key_id
    assert SigningKey.objects.filter(pk=second.key_id).exists()


def seal_and_roll_back() -> sealing.Sealed:
    with transaction.atomic():
        sealed = sealing.seal("x", conversation_id=1, about=2, now=NOON)
        transaction.set_rollback(True)
    return sealed
