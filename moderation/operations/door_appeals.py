"""Appeals against refusals at the door: filed with the token of the refusal, answered by a person.

One that succeeds lets these very words in from then on, for everybody.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from moderation import acts, figures, links, tickets, wording
from moderation.models import DoorAppeal, DoorException
from moderation.operations.reviewers import require
from moderation.statements import Length
from upscrolled.core.errors import Conflict, Invalid, NotFound
from upscrolled.models import Account
from upscrolled.operations.owed_mail import owe_mail

TEXT_MAX, ANSWER_LEAST = 2_000, 20
ANSWERED_WITHIN: Final = timedelta(days=7)


@transaction.atomic
def file_appeal(token: str, *, text: str, email: str, language: str, now: datetime) -> str:
    """File an appeal and return the secret of the page where its answer will stand.

    Whoever filed it before is led to the same page. Raises NotFound for a token that is none, Invalid.
    """
    refusal = tickets.read(token)
    text, email = text.strip(), email.strip()
    if not 1 <= len(text) <= TEXT_MAX:
        raise Invalid(f"Validation failed: Text has {len(text)} characters; it needs 1 to {TEXT_MAX}")
    if len(email) > 254 or (email and "@" not in email):
        raise Invalid(f"Validation failed: {email[:100]!r} is no e-mail address")
    filed, _ = DoorAppeal.objects.get_or_create(
        ticket=hashlib.sha256(token.encode()).hexdigest(),
        defaults={
            "rule": refusal.rule,
            "version": refusal.version,
            "field": refusal.field,
            "said": refusal.said,
            "digest": refusal.digest,
            "language": language if language in wording.LANGUAGES else "en",
            "email": email,
            "text": text,
            "filed_at": now,
            "deadline": now + ANSWERED_WITHIN,
        },
    )
    return links.secret_of("door", filed.pk)


@transaction.atomic
def answer_appeal(appeal_id: int, *, overturn: bool, answer: str, by: Account, now: datetime) -> None:
    """Let a refusal stand, or let the words in; with an answer, which is mailed too if there is an address.

    Raises NotAllowed, NotFound, Conflict for one that was answered, Invalid.
    """
    require(by, "appeals", now=now)
    answer = answer.strip()
    if not ANSWER_LEAST <= len(answer) <= TEXT_MAX:
        raise Length("answer", len(answer), ANSWER_LEAST, TEXT_MAX)
    appeal = DoorAppeal.objects.select_for_update().filter(pk=appeal_id).first()
    if appeal is None:
        raise NotFound
    if appeal.state != "filed":
        raise Conflict("This appeal was answered before")
    appeal.state = "overturned" if overturn else "upheld"
    appeal.decided_by, appeal.decided_at, appeal.answer = by, now, answer
    appeal.save()
    if overturn:
        DoorException.objects.get_or_create(
            rule=appeal.rule, field=appeal.field, digest=appeal.digest, defaults={"appeal": appeal}
        )
    waited = figures.clock("door", opened=appeal.filed_at, deadline=appeal.deadline, now=now)
    acts.tell(
        "door_appeal", appeal.pk, now=now, outcome=appeal.state, took=waited.took, in_time=waited.in_time
    )
    _mail(appeal, now=now)


def _mail(appeal: DoorAppeal, *, now: datetime) -> None:
    if not appeal.email:
        return
    words = wording.of(appeal.language).DOOR
    link = f"{settings.PUBLIC_URL}/door/answer/{links.secret_of('door', appeal.pk)}"
    facts = {
        "subject": words["mail_subject"].format(site=settings.SITE_NAME),
        "body": words["mail"].format(said=words[appeal.state], answer=appeal.answer, link=link),
    }
    owe_mail(
        to=appeal.email, language=appeal.language, template="moderation/email/statement", facts=facts, now=now
    )
