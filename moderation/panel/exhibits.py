"""What moderators look at: frozen content, pictures, letters, each behind a cover and within the day's limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from moderation.queries.desk import subject_of
from upscrolled.media import addresses
from upscrolled.media.addresses import Holder
from upscrolled.pictures import addresses as pictures

if TYPE_CHECKING:
    from moderation.models import Evidence
    from moderation.operations.messages import Letter as Read
    from moderation.queries.desk import AppealFile, CaseFile
    from moderation.queries.exposure import Today
    from upscrolled.media.shown import MediaFacts

Shows = Callable[[str], bool]  # of the name of a medium: may it be looked at, so far as the day's limit goes
_PICTURES: Final = ("avatar", "header")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A picture, video or sound of a post: what is shown small, where the whole is, and what its author says it shows.

    Nothing of it is there to be shown while `whole` is empty: it is still being processed, or could not be; or it is
    `closed`, since the day's limit is reached. By `name` it is counted when it is uncovered.
    """

    name: str
    kind: str
    small: str
    whole: str
    description: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a profile: where it is, and the name by which it is counted when it is uncovered.

    Without an address the day's limit is reached.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A reported message; `text` is None if its key is lost."""

    at: datetime
    text: str | None
    exhibits: Sequence[Exhibit]


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence, taken apart: what it says, its earlier versions, and pictures that stay covered.

    `post` is what the post says that shows a medium, `captions` are languages and addresses of a video's.
    """

    at: datetime
    texts: Sequence[str]
    edits: Sequence[str]
    pictures: Sequence[Picture]
    is_deleted: bool
    post: Sequence[str] = ()
    captions: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A near copy that is decided with a case: what it said each time that it was frozen, and its media."""

    evidence: Sequence[Shown]
    exhibits: Sequence[Exhibit]


def members(file: CaseFile, *, now: datetime, shows: Shows) -> list[Member]:
    """Show the near copies of a page."""
    said: dict[int, list[Shown]] = {}
    for each in file.evidence:
        if named := each.content.get("copy"):
            said.setdefault(int(named["id"]), []).append(evidence(each, now=now, shows=shows))
    return [
        Member(
            said.get(copy.subject_id, []),
            [exhibit(one, now=now, shows=shows) for one in file.media.get(copy.subject_id, [])],
        )
        for copy, _ in file.members
    ]


def pieces(file: AppealFile, today: Today, *, now: datetime) -> list[Member]:
    """Show what an appeal is about, each subject of each of its cases: all that it said, and its media."""
    found: dict[tuple[int, int], list[Evidence]] = {}
    for each in file.evidence:
        found.setdefault((each.case_id, subject_of(each)), []).append(each)
    shown = []
    for (case_id, subject_id), kept in found.items():
        shows = partial(today.shows, case_id, kept[0].case.lane)
        media = file.media.get((case_id, subject_id), [])
        shown.append(
            Member(
                [evidence(each, now=now, shows=shows) for each in kept],
                [exhibit(one, now=now, shows=shows) for one in media],
            )
        )
    return shown


def evidence(kept: Evidence, *, now: datetime, shows: Shows) -> Shown:
    """Take frozen content apart; its pictures are reached by signed addresses, also if the account is suspended.

    What an attachment's owner put beside it is shown as it was then, whatever they replaced it with.
    """
    content = kept.content
    fields = [f"{field.get('name', '')}: {field.get('value', '')}" for field in content.get("fields") or []]
    names = ("warning", "text", "name", "display_name", "username", "note")
    post = content.get("post") or {}
    media = content.get("media") or []
    return Shown(
        kept.taken_at,
        [str(content[name]) for name in names if content.get(name)] + fields,
        [str(edit.get("text", "")) for edit in content.get("edits") or []],
        [
            Picture(content[name], pictures.signed(content[name], now=now) if shows(content[name]) else "")
            for name in _PICTURES
            if content.get(name)
        ]
        + [
            Picture(name, _frozen(each["id"], each["thumbnail"], now) if shows(name) else "")
            for name, each in thumbnails(content)
        ],
        bool(content.get("deleted")),
        [str(post[name]) for name in ("warning", "text") if post.get(name)],
        [
            (f"{said['name']} ({said['language']})", _frozen(each["id"], said["file"], now))
            for each in media
            for said in each.get("captions") or []
        ],
    )


def thumbnails(content: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the media of frozen content that had a thumbnail of their own, with the names they are counted by."""
    media = content.get("media") or []
    return [(f"{each['id']}:{each['thumbnail'][-12:]}", each) for each in media if each.get("thumbnail")]


def _frozen(attachment_id: str, name: str, now: datetime) -> str:
    whole = addresses.private(int(attachment_id), name, now=now, holder=Holder.STAFF)
    return whole.removeprefix(settings.PUBLIC_URL)


def private(kept: Sequence[Evidence]) -> str:
    """Say for whom alone some of this was written, if not for everybody: an audience; empty if there is none."""
    audiences = {str(each.content.get("audience") or "public") for each in kept}
    return ", ".join(sorted(audiences - {"public", "unlisted"}))


def exhibit(media: MediaFacts, *, now: datetime, shows: Shows) -> Exhibit:
    """Say where an attachment is reached, if it may be looked at: from the page's own host if we keep it."""
    closed = not shows(str(media.id))

    def address(*roles: str) -> str:
        name = next((media.files[role] for role in roles if role in media.files), "")
        if not name or closed:
            return ""
        whole = (
            addresses.public(name)
            if media.public
            else addresses.private(media.id, name, now=now, holder=Holder.STAFF)
        )
        return whole.removeprefix(settings.PUBLIC_URL)

    return Exhibit(
        str(media.id),
        media.kind,
        address("poster", "thumbnail", "small"),
        address("original", "fallback"),
        media.description,
        closed,
    )


def letter(read: Read, *, now: datetime, shows: Shows) -> Letter:
    """Show a reported message."""
    return Letter(read.written_at, read.text, [exhibit(one, now=now, shows=shows) for one in read.media])
