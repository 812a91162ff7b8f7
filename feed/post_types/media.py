"""Media: the photos, videos and sounds of a post, in their order. They say enough by themselves: no text is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from django.db import connection

from feed import openness
from feed.models import Post, PostMedia
from feed.post_types.base import Change, Part, PostType, Presenting, Shown, Written
from upscrolled.core import ids
from upscrolled.media import shown
from upscrolled.media.ledger import Kept
from upscrolled.media.shown import MediaFacts
from upscrolled.models import Account, Audience
from upscrolled.operations import attaching, attachments
from upscrolled.operations.attachments import Focus
from upscrolled.viewer import Viewer

OPEN = (Audience.PUBLIC, Audience.UNLISTED)  # audiences whose media everybody may have


@dataclass(frozen=True, slots=True)
class About:
    """What shall be said of an attachment from now on; None leaves a thing as it is."""

    description: str | None = None
    focus: Focus | None = None
    thumbnail: Kept | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Attachments in their order, as they were named, and what shall be said of them. `ready`: they must be."""

    named: tuple[str, ...]
    about: Mapping[int, About] = field(default_factory=dict)
    ready: bool = True


class MediaType(PostType):
    """The attachments of a post."""

    key: ClassVar[str] = "media"
    speaks: ClassVar[bool] = True
    lasts: ClassVar[bool] = True

    def parse(self, form: Mapping[str, Any]) -> Wanted | None:
        """Return what the form names, if it names any."""
        named = tuple(str(each) for each in form.get("media_ids") or ())
        if not named:
            return None
        about = {
            number: About(
                each.get("description"),
                Focus.read(each["focus"]) if each.get("focus") else None,
                each.get("thumbnail"),
            )
            for each in form.get("media_attributes") or ()
            if (number := ids.parse(str(each["id"]))) is not None
        }
        return Wanted(named, about)

    def check(self, wanted: Wanted, *, by: Account, now: datetime) -> Part:
        """Find the attachments. Raises Invalid for such as are not there or not theirs, NotReady."""
        _require_free(_found(wanted, by), wanted)
        return Part(content=wanted)

    def attach(self, post: Written, part: Part, *, now: datetime) -> None:
        """Give the attachments to the post."""
        wanted: Wanted = part.content
        numbers = _numbers(wanted)
        attachments.attach(numbers, owner_id=post.author_id, everybody=post.audience in OPEN, now=now)
        PostMedia.objects.bulk_create(
            PostMedia(attachment_id=number, post_id=post.id, position=place)
            for place, number in enumerate(numbers)
        )
        _say(wanted, now)

    def load(self, viewer: Viewer, post_ids: Sequence[int]) -> dict[int, list[MediaFacts]]:
        """Return the attachments of these posts, each post's in its order."""
        with connection.cursor() as cursor:
            cursor.execute(_LOAD, {"ids": ids.array(post_ids), "country": viewer.country})
            rows = cursor.fetchall()
        loaded: dict[int, list[MediaFacts]] = defaultdict(list)
        for post_id, *row in rows:
            loaded[post_id].append(shown.facts(row))
        return loaded

    def show(self, post: Shown, present: Presenting) -> dict[str, Any]:
        """Fill `media_attachments`."""
        return {"media_attachments": [present.attachment(each) for each in post.attached.get(self.key, ())]}

    def words(self, post: Shown) -> list[str]:
        """Return the descriptions: somebody who filters a word does not want to hear it either."""
        return [each.description for each in post.attached.get(self.key, ()) if each.description]

    def version(self, post: Post) -> dict[str, Any]:
        """Return the attachments with what is said of them, for the history."""
        numbers = _shown_of(post.id)
        known = shown.of_ids(numbers)
        kept = [
            {
                "id": str(number),
                "description": known[number].description,
                "focus": [known[number].focus_x, known[number].focus_y],
            }
            for number in numbers
            if number in known
        ]
        return {"media": kept}

    def change(self, post: Post, wanted: Wanted | None, *, now: datetime) -> Change:
        """Compare with the attachments there are; None takes all away. Earlier versions go on showing them."""
        before = _shown_of(post.id)
        if wanted is None:
            return Change(has=False, differs=bool(before))
        known = _found(wanted, post.author)
        held = set(attachments_of(post.id))
        _require_free({number: facts for number, facts in known.items() if number not in held}, wanted)
        differs = _numbers(wanted) != before or any(
            _differs(known[number], about) for number, about in wanted.about.items() if number in known
        )
        return Change(differs=differs, content=wanted)

    def revise(self, post: Post, change: Change, *, by: Account, now: datetime) -> None:
        """Store the order, take in what is new, and say of each what shall be said."""
        wanted: Wanted = change.content or Wanted(())
        numbers = _numbers(wanted)
        held = attachments_of(post.id)
        new = [number for number in numbers if number not in held]
        attachments.attach(new, owner_id=post.author_id, everybody=False, now=now)
        PostMedia.objects.filter(post_id=post.id).exclude(pk__in=numbers).update(position=None)
        for place, number in enumerate(numbers):
            PostMedia.objects.update_or_create(
                attachment_id=number, defaults={"post_id": post.id, "position": place}
            )
        if new:
            openness.of_posts([post.id], now=now)  # a decision may have restricted the post
        _say(wanted, now)

    def delete(self, post: Post, *, now: datetime) -> Mapping[int, Mapping[str, int]]:
        """Let the attachments go; they stay for a while, for a post that is written anew."""
        if numbers := attachments_of(post.id):
            PostMedia.objects.filter(post_id=post.id).delete()
            attachments.let_go(numbers, now=now, at_once=False)
        return {}


def attachments_of(post_id: int) -> list[int]:
    """Return the ids of all attachments of a post, also of those that only its earlier versions show."""
    return list(
        PostMedia.objects.filter(post_id=post_id).order_by("position").values_list("attachment_id", flat=True)
    )


_LOAD = f"""
SELECT m.post_id, {shown.COLUMNS}
FROM feed_postmedia m JOIN upscrolled_mediaattachment a ON a.id = m.attachment_id
WHERE m.post_id = ANY(%(ids)s) AND m.position IS NOT NULL AND a.deleted_at IS NULL
ORDER BY m.post_id, m.position
"""


def _shown_of(post_id: int) -> list[int]:
    held = PostMedia.objects.filter(post_id=post_id, position__isnull=False)
    return list(held.order_by("position").values_list("attachment_id", flat=True))


def _numbers(wanted: Wanted) -> list[int]:
    return attaching.numbers(wanted.named)


def _found(wanted: Wanted, by: Account) -> dict[int, MediaFacts]:
    return attaching.found(wanted.named, by=by, what="A post")


def _require_free(found: Mapping[int, MediaFacts], wanted: Wanted) -> None:
    attaching.require_free(found, ready=wanted.ready)
    if found:
        attaching.require_given(found)
    for about in wanted.about.values():
        if about.description is not None:
            attachments.checked_description(about.description)


def _differs(facts: MediaFacts, about: About) -> bool:
    described = about.description is not None and attachments.checked_description(about.description)
    return (
        (about.description is not None and described != facts.description)
        or (about.focus is not None and (about.focus.x, about.focus.y) != (facts.focus_x, facts.focus_y))
        or about.thumbnail is not None
    )


def _say(wanted: Wanted, now: datetime) -> None:
    numbers = set(_numbers(wanted))
    for number, about in wanted.about.items():
        if number in numbers:
            attachments.describe(
                number,
                description=about.description,
                focus=about.focus,
                thumbnail=about.thumbnail,
                now=now,
            )


def versions(kept: Iterable[Mapping[str, Any]], known: Mapping[int, MediaFacts]) -> list[MediaFacts]:
    """Return attachments as an earlier version of a post showed them; without those that are gone."""
    return [
        msgspec.structs.replace(
            known[int(each["id"])],
            description=each["description"],
            focus_x=each["focus"][0],
            focus_y=each["focus"][1],
        )
        for each in kept
        if int(each["id"]) in known
    ]
