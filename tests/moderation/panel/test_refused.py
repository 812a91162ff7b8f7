"""Whoever works in Arabic or French is told in it what was refused, as long as it is said often."""

from __future__ import annotations

import re

import pytest

from moderation import statements
from moderation.models import Case
from moderation.operations import appeals, claims, decide, interest
from moderation.panel import refused
from tests.desks import desk_of, reported
from tests.restricting import moderator
from upscrolled.core import errors

KNOWN = (statements, claims, appeals, decide, interest, refused, errors)


def test_the_languages_say_the_same_of_errors_that_there_are() -> None:
    ar, fr = refused.SAID["ar"], refused.SAID["fr"]
    for name in ar:
        assert any(hasattr(module, name) for module in KNOWN), name
    holes = [{name: sorted(re.findall(r"{(\w+)}", said)) for name, said in told.items()} for told in (ar, fr)]
    assert holes[0] == holes[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "short", "nothing", "taken", "gone"),
    [
        (
            "ar",
            "«ما الذي حدث»: كتبت 5 من الأحرف، والمطلوب من 20 إلى 5000.",
            "اختر ما الذي يُفعل",
            "شخص آخر",
            "لا وجود لهذا",
        ),
        (
            "fr",
            "« Ce qui s’est passé » : 5 caractères ; il en faut de 20 à 5000.",
            "Choisissez",
            "Quelqu’un d’autre",
            "n’existe",
        ),
        (
            "en",
            "facts has 5 characters; it needs 20 to 5000",
            "choose what is to be done",
            "Somebody else",
            "not found",
        ),
    ],
)
def test_a_form_that_is_refused_says_why(alice, dave, language, short, nothing, taken, gone) -> None:
    case: Case = reported(alice, dave, "They are vermin, all of them.")
    desk, path = desk_of(moderator()), f"/admin/cases/{case.pk}/"
    desk.post(f"{path}claim/")
    form = {"version": "1", "policy": "hate", "facts": "short", "explanation": "It calls people vermin."}
    spoken = {"accept-language": language}

    def says(to: str, sent: dict[str, str], **more: str) -> str:
        return desk.post(to, sent, headers=spoken | more).content.decode()

    assert short in says(f"{path}decide/", form | {"action": "post:removed"})
    assert nothing in says(f"{path}decide/", form)
    assert "3" in says(f"{path}release/", {"version": "1", "reason": ""}, accept="application/json")
    other = desk_of(moderator("noor")).post(f"{path}claim/", headers=spoken)
    assert (other.status_code, taken in other.content.decode()) == (409, True)
    assert gone in desk.get("/admin/cases/7/", headers=spoken).content.decode()
