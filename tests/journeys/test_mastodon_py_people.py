"""An application written for the Mastodon API (Mastodon.py): whom to meet, what one keeps for oneself, one's face."""

from __future__ import annotations

import io

import pytest
import requests
from mastodon import Mastodon
from PIL import Image

from tests.journeys.conftest import Product

pytestmark = pytest.mark.journey


def test_a_note_and_a_recommendation(ann: Mastodon, ben: Mastodon) -> None:
    ben_id = ben.me().id
    ann.account_follow(ben_id)
    assert ann.account_note_set(ben_id, "met in Tunis").note == "met in Tunis"
    assert ben.account_relationships(ann.me().id)[0].note == ""

    assert ann.account_endorse(ben_id).endorsed
    assert [person.acct for person in ann.endorsements()] == ["ben"]
    assert not ann.account_unendorse(ben_id).endorsed
    assert ann.endorsements() == []


def test_people_one_may_know(ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    ann_id, ben_id, cleo_id = (who.me().id for who in (ann, ben, cleo))
    ann.account_follow(ben_id)
    ben.account_follow(cleo_id)
    (found,) = ann.account_familiar_followers(cleo_id)
    assert (str(found.id), [person.acct for person in found.accounts]) == (str(cleo_id), ["ben"])

    cleo.account_update_credentials(discoverable=True)
    assert str(ann_id) not in [str(person.id) for person in ann.suggestions()]
    ann.suggestion_delete(cleo_id)
    assert "cleo" not in [person.acct for person in ann.suggestions()]
    assert "cleo" in [person.acct for person in ann.directory(order="new")]


def test_where_one_has_read_to_is_remembered(ann: Mastodon, ben: Mastodon) -> None:
    post = ann.status_post("Read as far as here.")
    ben.markers_set("home", [post.id])
    assert str(ben.markers_get("home")["home"].last_read_id) == str(post.id)
    assert "posting:default:visibility" in ben.preferences()


def test_what_the_house_announces_is_read_and_answered(product: Product, ann: Mastodon) -> None:
    said = product.up.manage("announcement", "publish", "The river rises.")
    assert said.returncode == 0, said.stderr
    news = ann.announcements()[0]
    assert "The river rises." in news.content

    ann.announcement_reaction_create(news, "🎉")
    assert [(one.name, one.count, one.me) for one in ann.announcements()[0].reactions] == [("🎉", 1, True)]
    ann.announcement_reaction_delete(news, "🎉")
    ann.announcement_dismiss(news)
    assert news.id not in [one.id for one in ann.announcements() if not one.read]


def test_a_picture_of_oneself(ann: Mastodon) -> None:
    out = io.BytesIO()
    Image.new("RGB", (600, 500), (20, 120, 90)).save(out, "PNG")
    shown = ann.account_update_credentials(
        avatar=out.getvalue(), avatar_mime_type="image/png", avatar_description="The river"
    )
    served = requests.get(shown.avatar, timeout=60)
    assert (served.status_code, shown.avatar_description) == (200, "The river")
    with Image.open(io.BytesIO(served.content)) as picture:
        assert picture.width == picture.height

    assert ann.account_delete_avatar().avatar != shown.avatar
