"""From one case to the next, and near copies that are looked at before one decision is about all of them."""

from __future__ import annotations

import re

import pytest

from feed.models import Post, PostMedia
from moderation.models import Case, CaseCopy
from moderation.queries.desk import MEMBERS
from tests.desks import reported
from upscrolled.models import MediaAttachment

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


def test_media_of_every_near_copy_are_there_to_be_looked_at_page_by_page(
    alice, bob, carol, dave, desk
) -> None:
    text = "Buy ten thousand followers today and be famous tomorrow, only here."
    case, *copies = [reported(one, dave, text, "spam") for one in (alice, bob)]
    assert [copy.pk for copy in copies] == [case.pk]
    member = CaseCopy.objects.get()
    CaseCopy.objects.bulk_create(
        CaseCopy(case=case, subject_kind="post", subject_id=number, joined_at=member.joined_at)
        for number in range(1, MEMBERS)
    )
    reported(carol, dave, text, "spam")
    posts = [case.subject_id, member.subject_id, CaseCopy.objects.last().subject_id]
    for number, post in enumerate(posts):
        media = MediaAttachment.objects.create(
            pk=post + 1,
            owner_id=Post.objects.get(pk=post).author_id,
            kind="image",
            state="ready",
            files={"original": f"ab/picture{number}.jpg"},
        )
        PostMedia.objects.create(attachment_id=media.pk, post_id=post, position=0)

    def pictures(query: str) -> list[str]:
        page = desk.get(f"/admin/cases/{case.pk}/{query}").content.decode()
        assert f"Near copies in this case: {MEMBERS + 1}" in page
        return re.findall(r"data-veil[^>]*><img src=\"[^\"]*/(picture\d).jpg", page)

    assert pictures("") == ["picture0", "picture1"]
    assert pictures("?copies=2") == ["picture0", "picture2"]
    for beyond in ("?copies=3", "?copies=99999999"):
        assert pictures(beyond)[:1] == ["picture0"]
    assert 'class="cover" data-cover id="copies"' in desk.get(f"/admin/cases/{case.pk}/").content.decode()
