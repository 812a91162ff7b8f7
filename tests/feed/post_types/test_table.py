"""A new post type is one file and one row: everything else loops over the table."""

from __future__ import annotations

import pytest

from feed import post_types
from feed.models import Post
from feed.operations.revise import Edit, delete_post, edit_post
from feed.post_types import POST_TYPES
from feed.post_types.base import Change, Part, PostType
from feed.post_types.text import Words
from tests.people import NOON, publish, seen_by
from upscrolled.core.errors import Invalid

pytestmark = pytest.mark.django_db


class Place(PostType):
    """Where something was written; kept in memory, as another type keeps rows."""

    key = "place"

    def __init__(self) -> None:
        self.kept: dict[int, str] = {}

    def check(self, wanted, *, by, now):
        if not wanted:
            raise Invalid("Validation failed: A place has a name")
        return Part(content=wanted)

    def attach(self, post, part, *, now):
        self.kept[post.id] = part.content

    def load(self, viewer, post_ids):
        return {post_id: self.kept[post_id] for post_id in post_ids}

    def show(self, post, present):
        return {"card": {"title": post.attached["place"]}}

    def words(self, post):
        return [post.attached["place"]]

    def change(self, post, wanted, *, now):
        return Change(has=wanted is not None, differs=wanted != self.kept.get(post.id), content=wanted)

    def revise(self, post, change, *, by, now):
        if change.has:
            self.kept[post.id] = change.content
        else:
            del self.kept[post.id]

    def delete(self, post, *, now):
        self.kept.pop(post.id)
        return {}


@pytest.fixture
def place(monkeypatch) -> Place:
    kind = Place()
    monkeypatch.setitem(POST_TYPES, "place", kind)
    return kind


def test_it_is_written_shown_and_searched(client_of, alice, place):
    here, nowhere = publish(alice, "sun", parts={"place": "Haifa"}), publish(alice, "rain")

    assert client_of().get(f"/api/v1/statuses/{here}").json()["card"] == {"title": "Haifa"}
    assert client_of().get(f"/api/v1/statuses/{nowhere}").json()["card"] is None
    assert post_types.words(seen_by(None, here)) == ["Haifa"]
    assert Post.objects.get(pk=here).parts == ["place"]


def test_it_may_refuse_and_then_nothing_is_published(alice, place):
    with pytest.raises(Invalid, match="A place has a name"):
        publish(alice, "sun", parts={"place": ""})

    assert not Post.objects.exists()


def test_it_is_edited_taken_away_and_deleted(alice, place):
    first, second = (
        publish(alice, "sun", parts={"place": "Haifa"}),
        publish(alice, "rain", parts={"place": "Gaza"}),
    )

    edit_post(first, by=alice, edit=Edit({"place": "Jaffa"}), now=NOON)
    assert seen_by(None, first).attached == {"place": "Jaffa"}
    edit_post(first, by=alice, edit=Edit({"text": Words("still sun", "")}), now=NOON)
    assert seen_by(None, first).attached == {"place": "Jaffa"}
    edit_post(first, by=alice, edit=Edit({"place": None}), now=NOON)
    assert (seen_by(None, first).attached, seen_by(None, first).parts) == ({}, [])
    delete_post(second, by=alice, now=NOON)
    assert place.kept == {}
