"""From one case to the next."""

from __future__ import annotations

import pytest

from moderation.models import Case
from tests.desks import reported

pytestmark = pytest.mark.django_db
SCRIPT = {"accept": "application/json"}


def test_who_lets_a_case_go_is_led_to_the_next(alice, dave, desk) -> None:
    case = reported(alice, dave, "They are vermin, all of them.")
    texts = ("Cheap followers, click here now.", "What a terrible goalkeeper you are.")
    others = [reported(alice, dave, text, "spam") for text in texts]
    desk.post(f"/admin/cases/{case.pk}/claim/")
    form = {"version": "1", "reason": "I know too little about it"}
    next_one = int(
        desk.post(f"/admin/cases/{case.pk}/release/", form)["Location"].removesuffix("/").split("/")[-1]
    )
    assert next_one in {one.pk for one in others}
    assert Case.objects.get(pk=next_one).state == "claimed"
    refused = desk.post(f"/admin/cases/{next_one}/release/", {**form, "reason": ""}, headers=SCRIPT)
    assert (refused.status_code, "Reason has 0 characters" in refused.json()["error"]) == (422, True)
    (last,) = {one.pk for one in others} - {next_one}
    told = desk.post(f"/admin/cases/{next_one}/release/", form, headers=SCRIPT).json()
    assert told == {"case": last, "version": 1, "address": f"/admin/cases/{last}/"}
