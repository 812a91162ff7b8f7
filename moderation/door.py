"""What happens when a rule of `screening` is met: it is counted, and by its mode refused or put into the queue."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from celery import current_app
from django.db import connection, transaction
from django.utils.translation import get_language

from moderation import casework, crisis, rehearsals, subjects, tickets, wording
from moderation.grounds import POLICIES
from moderation.models import DoorException, Evidence, ScreenedTag, ScreenMode
from moderation.screening import RULES, Hit, hits
from moderation.subjects import Subject
from upscrolled.screening import Screen

log = logging.getLogger(__name__)

_TAGS: Final = "SELECT id, name FROM feed_tag WHERE id > %(above)s ORDER BY id LIMIT 1000"
_COUNT: Final = """
INSERT INTO moderation_screenhits AS h (rule, version, mode, field, day, count)
VALUES (%(rule)s, %(version)s, %(mode)s, %(field)s, %(day)s, 1)
ON CONFLICT (rule, version, mode, field, day) DO UPDATE SET count = h.count + 1
"""


def why_refused(field: str, text: str, language: str = "") -> str | None:
    """Say which policy a name, bio or hashtag breaks, in the writer's language, or None; every hit is counted."""
    found = hits(field, text)
    if not found:
        return None
    modes, let_in = _modes(), _let_in(field, text)
    refused = None
    for hit in found:
        mode = modes.get(hit.rule.name, hit.rule.mode)
        _count(hit, mode, field)
        if mode == "refuse" and refused is None and hit.rule.name not in let_in:
            words = wording.of((language or get_language() or "en")[:2])
            title, rule, _ = words.POLICIES[hit.rule.policy]
            link = tickets.address_of(rule=hit.rule.name, version=hit.rule.version, field=field, text=text)
            appeal = words.DOOR["how"].format(link=link)
            refused = f"is refused under the policy “{title}”: {rule} {appeal}"
    return refused


def _let_in(field: str, text: str) -> set[str]:
    """The rules that do not refuse these words any more, since an appeal succeeded."""
    exempt = DoorException.objects.filter(field=field, digest=tickets.digest_of(text))
    return set(exempt.values_list("rule", flat=True))


def see(account_id: int, said: dict[str, str], is_new: bool) -> None:
    """Remember when an account wrote this anew; open a case for it if a rule that was met wants a person to look."""
    if not is_new:
        rehearsals.written(account_id, now=datetime.now(UTC))
    modes = _modes() if any(hits(field, text) for field, text in said.items()) else {}
    for field, text in said.items():
        for hit in hits(field, text):
            if modes.get(hit.rule.name, hit.rule.mode) == "queue":
                _queue(Subject("account", account_id), hit, now=datetime.now(UTC))


def screen_tags(*, now: datetime) -> int:
    """Look at hashtags that are new since the last look; open a case for each that meets a rule. A post stands."""
    with transaction.atomic():
        last = ScreenedTag.objects.select_for_update().first()
        above = last.upto if last else 0
        with connection.cursor() as cursor:
            cursor.execute(_TAGS, {"above": above})
            rows = cursor.fetchall()
        modes = _modes()
        for number, name in rows:
            for hit in hits("hashtag", name):
                mode = modes.get(hit.rule.name, hit.rule.mode)
                _tally(hit.rule.name, hit.rule.version, mode, "hashtag", now=now)
                if mode in ("queue", "refuse"):
                    _queue(Subject("hashtag", number), hit, now=now)
        if rows:
            ScreenedTag.objects.all().delete()
            ScreenedTag.objects.create(upto=rows[-1][0])
    return len(rows)


def tally(*, rule: str, version: int, mode: str, field: str, now: datetime) -> None:
    """Count one hit of a day."""
    _tally(rule, version, mode, field, now=now)


SCREEN: Final = Screen(why_refused, see)


def _modes() -> dict[str, str]:
    """The modes of rules where they are others than shipped; in a crisis people look at what shadow rules meet."""
    modes = dict(ScreenMode.objects.values_list("rule", "mode"))
    if crisis.running(now=datetime.now(UTC)) is None:
        return modes
    shadows = [rule for rule in RULES if modes.get(rule.name, rule.mode) == "shadow"]
    return modes | {rule.name: "queue" for rule in shadows}


def _count(hit: Hit, mode: str, field: str) -> None:
    """Have a worker count: what is refused leaves no transaction behind in which we could."""
    facts = {"rule": hit.rule.name, "version": hit.rule.version, "mode": mode, "field": field}
    try:
        current_app.send_task("moderation.tasks.count_hit", kwargs=facts)
    except OSError as error:  # the broker is away: a count is lost, the refusal stands
        log.warning("A hit of %r is not counted: %s", hit.rule.name, error)


def _tally(rule: str, version: int, mode: str, field: str, *, now: datetime) -> None:
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {"rule": rule, "version": version, "mode": mode, "field": field}
        facts["day"] = now.date()
        cursor.execute(_COUNT, facts)


def _queue(subject: Subject, hit: Hit, *, now: datetime) -> None:
    """Open a case, unless a person has looked at these very words before."""
    policy, about = hit.rule.policy, subjects.load(subject)
    seen = Evidence.objects.filter(digest=about.digest, case__subject_kind=subject.kind)
    if seen.filter(case__subject_id=subject.id).exists():
        return
    case, _ = casework.open_or_join(
        about, policy=policy, lane=POLICIES[policy].lane, source="screening", now=now
    )
    casework.place(case, now=now)
