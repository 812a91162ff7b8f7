"""From a report to an appeal that is right, through the panel and the API as people use them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from feed.models import Post
from moderation import publishing, tasks
from moderation.models import Case, Decision, Report
from tests.desks import desk_of
from tests.people import client_of, crowd, make_account, publish
from tests.restricting import moderator
from upscrolled.models import Follow
from upscrolled.operations.relationships import follow

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify" / "log.py"
FACTS = "وصف المنشور جماعة من الناس بالحشرات وطالب بطردهم."
EXPLANATION = "يهاجم المنشور الناس بسبب هويتهم، وهذا لا تسمح به السياسة."
ANSWER = "ينقل المنشور الإهانة ليدينها، وهذا مسموح. أُلغي القرار."


def work() -> None:
    """What workers do, and what the clock starts, once."""
    for number in Decision.objects.values_list("pk", flat=True):
        tasks.carry_out(decision_id=number)
    tasks.tell_reporters()
    tasks.end_effects()
    publishing.publish(now=datetime.now(UTC), delay=timedelta(0))


def verified(tmp_path: Path, statement: dict[str, Any]) -> str:
    """What the stand-alone verifier says of a statement, with the key that the site shows to everybody."""
    shown, key = tmp_path / "statement.json", tmp_path / "key"
    shown.write_text(json.dumps(statement))
    key.write_bytes(Client().get("/log/key").content)
    done = subprocess.run(
        [sys.executable, str(VERIFIER), "statement", str(shown), str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout or done.stderr).strip()


@pytest.mark.django_db(transaction=True)  # a restriction is in force from the moment at which it is made
def test_a_brigade_is_one_case_and_a_wrong_decision_is_put_right(tmp_path, alice, bob, dave) -> None:
    omar = make_account("omar", display_name="عمر", locale="ar")
    follow(omar, by=bob, now=datetime.now(UTC))
    post = publish(omar, "قالوا عنا حشرات. هكذا يبدأ الأمر، فلا تصمتوا.")
    author, reader = client_of(omar), client_of(bob)
    mia, noor, salma = (moderator(name) for name in ("mia", "noor", "salma"))
    follow(omar, by=noor, now=datetime.now(UTC))

    # Three people and a brigade of thirty report: one case.
    report = {
        "account_id": str(omar.id),
        "status_ids": [str(post)],
        "category": "violation",
        "comment": "look",
    }
    told = {"upscrolled": {"reason": "hate"}}
    reporters = [alice, bob, dave, *crowd(30, like=dave)]
    for person in reporters:
        assert client_of(person).post("/api/v1/reports", {**report, **told}).status_code == 200
    case = Case.objects.get()
    assert (Report.objects.count(), case.policy, case.evidence.count()) == (33, "hate", 1)

    # Whoever has to do with the author does not get it, whoever has not does.
    assert desk_of(noor).post("/admin/queue/next/")["Location"] == "/admin/queue/"
    assert desk_of(noor).post(f"/admin/cases/{case.pk}/claim/").status_code == 403
    desk = desk_of(mia)
    assert desk.post("/admin/queue/next/")["Location"] == f"/admin/cases/{case.pk}/"
    assert desk_of(salma).post(f"/admin/cases/{case.pk}/claim/").status_code == 409
    page = desk.get(f"/admin/cases/{case.pk}/").content.decode()
    assert "قالوا عنا حشرات" in page
    assert not any(f"@{person.username}" in page for person in reporters)

    # Decided, with a statement in the author's language.
    form = {
        "action": "account:account_suspended",
        "policy": "hate",
        "version": "1",
        "facts": FACTS,
        "explanation": EXPLANATION,
    }
    preview = desk.post(f"/admin/cases/{case.pk}/preview/", form).json()
    assert (preview["language"], preview["direction"]) == ("ar", "rtl")
    assert desk.post(f"/admin/cases/{case.pk}/decide/", form).status_code == 302
    work()

    assert reader.get(f"/api/v1/statuses/{post}").status_code == 404
    assert not Follow.objects.filter(account=bob, target=omar).exists()
    assert set(Report.objects.values_list("outcome", flat=True)) == {"upheld"}
    outcome = reader.get("/api/v1/notifications", {"types[]": "upscrolled.report"}).json()
    assert len(outcome) == 1

    # The author is told, reads why, and the proof holds.
    (warned,) = author.get("/api/v1/upscrolled/standing").json()["in_force"]
    assert (warned["facts"], warned["explanation"], warned["language"]) == (FACTS, EXPLANATION, "ar")
    path = f"/api/v1/upscrolled/statements/{warned['id']}"
    statement = author.get(path).json()
    assert statement["text"].startswith("بيان الأسباب")
    assert verified(tmp_path, statement) == "ok"

    # An appeal, which another moderator answers.
    filed = author.post(f"{path}/appeal", {"text": "نقلتُ الإهانة لأدينها."}).json()
    assert desk.post(f"/admin/appeals/{filed['id']}/claim/").status_code == 403
    second = desk_of(salma)
    assert second.post(f"/admin/appeals/{filed['id']}/claim/").status_code == 302
    assert "نقلتُ الإهانة لأدينها." in second.get(f"/admin/appeals/{filed['id']}/").content.decode()
    answer = {"version": "1", "outcome": "overturn", "answer": ANSWER}
    assert second.post(f"/admin/appeals/{filed['id']}/answer/", answer).status_code == 302
    work()

    # Everything is restored, told, and in the log.
    assert reader.get(f"/api/v1/statuses/{post}").status_code == 200
    assert Follow.objects.filter(account=bob, target=omar).exists()
    standing = author.get("/api/v1/upscrolled/standing").json()
    assert (standing["suspended"], standing["in_force"], standing["weight"]) == (False, [], 0)
    assert [(one["state"], one["answer"]) for one in standing["appeals"]] == [("overturned", ANSWER)]
    restored, first = author.get("/api/v1/upscrolled/statements").json()
    assert (restored["measure"], first["reversed_at"] is not None) == ("restore", True)
    for one in (restored, first):
        shown = author.get(f"/api/v1/upscrolled/statements/{one['id']}").json()
        assert verified(tmp_path, shown) == "ok"
    warnings = author.get("/api/v1/notifications", {"types[]": "moderation_warning"}).json()
    assert len(warnings) == 2
    assert Post.objects.get(pk=post).text.startswith("قالوا")
