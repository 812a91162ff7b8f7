"""Whoever was refused at the door appeals with what the refusal brought, account or none; a person answers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from moderation import tickets
from moderation.models import DoorAppeal, PublicAct
from moderation.operations.door_appeals import answer_appeal, file_appeal
from moderation.screening import RULES, hits
from tests.restricting import moderator
from upscrolled import screening
from upscrolled.core.errors import Conflict, Invalid, NotAllowed, NotFound
from upscrolled.models import OwedMail
from upscrolled.operations.accounts import username_problems

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
# A name that one rule alone refuses.
RULE, WORDS = next(
    (rule, text)
    for rule in RULES
    for text in rule.catches
    if rule.mode == "refuse" and re.fullmatch(r"\w{1,30}", text, re.ASCII) and len(hits("handle", text)) == 1
)
ANSWER = "These are a family name; please be welcome."


def refused(field: str = "handle") -> str:
    """The token of a refusal."""
    sentence = screening.why_refused(field, WORDS) or ""
    found = re.search(r"/door/(\S+)$", sentence)
    assert found is not None, sentence
    return found[1]


def test_a_refused_name_is_appealed_without_an_account_and_let_in(db, django_assert_num_queries) -> None:
    token, visitor = refused(), Client()
    with django_assert_num_queries(0):
        page = visitor.get(f"/door/{token}").content.decode()
    assert WORDS in page
    assert "free of charge" in page
    sent = visitor.post(f"/door/{token}", {"text": "It is my family's name.", "email": "n@example.net"})
    place = sent["Location"]
    assert visitor.post(f"/door/{token}", {"text": "Again."})["Location"] == place
    with django_assert_num_queries(1):
        assert "A person will answer by" in visitor.get(place).content.decode()

    filed = DoorAppeal.objects.get()
    assert (filed.rule, filed.said, filed.state) == (RULE.name, WORDS, "filed")
    answer_appeal(filed.pk, overturn=True, answer=ANSWER, by=moderator(), now=NOW)
    assert ANSWER in visitor.get(place).content.decode()
    mail = OwedMail.objects.get(to="n@example.net")
    assert "You were right" in mail.facts["body"]
    assert place in mail.facts["body"]
    assert '"outcome":"overturned"' in PublicAct.objects.get(kind="door_appeal").data
    assert screening.why_refused("handle", WORDS) is None
    assert screening.why_refused("handle", WORDS.upper()) is None
    assert screening.why_refused("handle", f"{WORDS}_") is not None
    with pytest.raises(Conflict, match="answered before"):
        answer_appeal(filed.pk, overturn=False, answer=ANSWER, by=moderator(), now=NOW)


def test_a_refusal_that_stands_refuses_on(db) -> None:
    file_appeal(refused(), text="Please.", email="", language="fr", now=NOW)
    number = DoorAppeal.objects.get().pk
    answer_appeal(number, overturn=False, answer=ANSWER, by=moderator(), now=NOW + timedelta(days=8))
    assert screening.why_refused("handle", WORDS) is not None
    assert not OwedMail.objects.exists()
    assert '"in_time":false' in PublicAct.objects.get().data


def test_sign_up_tells_how_to_appeal(db) -> None:
    [(field, code, sentence)] = username_problems(WORDS)
    assert (field, code) == ("username", "ERR_BLOCKED")
    assert "You may appeal against this: http" in sentence


def test_what_was_not_refused_cannot_be_appealed(db, monkeypatch) -> None:
    token = refused()
    for wrong in (token[:-1], "x", f"a{token}"):
        assert Client().get(f"/door/{wrong}").status_code == 404
    monkeypatch.setattr(tickets, "_WITHIN", -1)
    with pytest.raises(NotFound):
        file_appeal(token, text="Please.", email="", language="en", now=NOW)


@pytest.mark.parametrize(
    "form", [{"text": " "}, {"text": "x" * 2_001}, {"text": "Please.", "email": "nobody"}]
)
def test_an_appeal_says_something(db, form) -> None:
    answer = Client().post(f"/door/{refused()}", form)
    assert answer.status_code == 422
    assert "Please write 1 to 2,000 characters" in answer.content.decode()
    assert not DoorAppeal.objects.exists()


def test_only_moderators_answer_and_they_say_why(bob) -> None:
    file_appeal(refused(), text="Please.", email="", language="en", now=NOW)
    number = DoorAppeal.objects.get().pk
    with pytest.raises(NotAllowed):
        answer_appeal(number, overturn=True, answer=ANSWER, by=bob, now=NOW)
    with pytest.raises(Invalid, match="3 characters"):
        answer_appeal(number, overturn=True, answer="Yes", by=moderator(), now=NOW)
    with pytest.raises(NotFound):
        answer_appeal(number + 1, overturn=True, answer=ANSWER, by=moderator(), now=NOW)


@pytest.mark.parametrize(
    ("language", "direction", "title"),
    [
        ("en", "ltr", "Refused at the door"),
        ("fr", "ltr", "Refusé à l’entrée"),
        ("ar", "rtl", "رُفض عند الباب"),
    ],
)
def test_it_speaks_the_readers_language(db, language, direction, title) -> None:
    page = Client(headers={"accept-language": language}).get(f"/door/{refused()}").content.decode()
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f"<h1>{title}</h1>" in page
    assert "<script" not in page


def test_the_shell_lists_and_answers(db, capsys) -> None:
    file_appeal(refused(), text="Please.", email="", language="en", now=NOW)
    number = DoorAppeal.objects.get().pk
    call_command("door_appeals")
    assert f"{number}: by " in capsys.readouterr().out
    with pytest.raises(CommandError, match="--by"):
        call_command("door_appeals", str(number))
    moderator()
    call_command("door_appeals", str(number), "--by", "mia", "--answer", ANSWER, "--let-in")
    assert DoorAppeal.objects.get().state == "overturned"
