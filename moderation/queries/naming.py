"""From what a moderator types to what is meant: addresses of posts, @names, #hashtags, media by their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models.functions import Lower

from moderation.subjects import Subject
from upscrolled.models import Account
from upscrolled.queries.rows import rows

_POST: Final = re.compile(r"(?:\S*/)?(\d{1,18})/?")
_MEDIA: Final = re.compile(r"media:(\d{1,18})")
_NAME: Final = re.compile(r"(?:\S*/)?@(\w{1,30})/?", re.ASCII)
_TAG: Final = re.compile(r"(?:#|\S*/tags/)(\w{1,100})/?")

_TAGS: Final = "SELECT name, id FROM feed_tag WHERE name = ANY(%(names)s)"


@dataclass(frozen=True, slots=True)
class Named:
    """What was meant, in its order and once each, and the lines that mean nothing here."""

    subjects: list[Subject]
    unknown: list[str]


def read(lines: Sequence[str]) -> Named:
    """Find what lines name, two statements for however many; whether a post is there is not asked."""
    typed = [line.strip() for line in lines if line.strip()]
    names = {found[1].lower() for line in typed if (found := _NAME.fullmatch(line))}
    tags = {found[1].lower() for line in typed if (found := _TAG.fullmatch(line))}
    people = Account.objects.annotate(folded=Lower("username")).filter(folded__in=names)
    accounts = dict(people.values_list("folded", "pk"))
    hashtags = {row[0]: row[1] for row in rows(_TAGS, {"names": list(tags)})}
    subjects: dict[Subject, None] = {}
    unknown = []
    for line in typed:
        meant = _subject(line, accounts, hashtags)
        if meant is None:
            unknown.append(line[:200])
        else:
            subjects[meant] = None
    return Named(list(subjects), unknown)


def line_of(one: Subject) -> str:
    """Return the line that names a post or a medium."""
    return f"media:{one.id}" if one.kind == "media" else str(one.id)


def moderator(name: str) -> Account | None:
    """Return who works on cases under this name."""
    return Account.objects.filter(is_staff=True, username__iexact=name, is_active=True).first()


def person(name: str) -> Account | None:
    """Return who is called so, whatever the case of the letters."""
    return Account.objects.named(name)


def _subject(line: str, accounts: dict[str, int], hashtags: dict[str, int]) -> Subject | None:
    if media := _MEDIA.fullmatch(line):
        return Subject("media", int(media[1]))
    if post := _POST.fullmatch(line):
        return Subject("post", int(post[1]))
    if (name := _NAME.fullmatch(line)) and name[1].lower() in accounts:
        return Subject("account", accounts[name[1].lower()])
    if (tag := _TAG.fullmatch(line)) and tag[1].lower() in hashtags:
        return Subject("hashtag", hashtags[tag[1].lower()])
    return None
