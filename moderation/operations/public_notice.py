"""Notices of people without an account: stored, confirmed by mail, and looked at like every report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from moderation import addresses, casework, links, notices, subjects, wording
from moderation.grounds import POLICIES
from moderation.models import PublicNotice, Report
from moderation.subjects import Subject
from upscrolled import limits
from upscrolled.core import mailbox
from upscrolled.core.errors import DomainError, Invalid, TooMany
from upscrolled.limits import Limit
from upscrolled.origin import Origin

EXPLANATION_LEAST, EXPLANATION_MAX = 20, 5_000
NAME_MAX, LAW_MAX, EMAIL_MAX = 200, 500, 254
ADDRESSES_MAX: Final = 10
SEVERAL: Final = ("post", "media")  # of which a notice may name more than one
PER_ADDRESS = Limit("notices", 10, 3_600)
PER_BLOCK = Limit("notices-block", 60, 3_600)
PER_MAILBOX = Limit("notices-mailbox", 10, 86_400)
# Directive 2011/93, Articles 3 to 7: who tells us of these need not say who they are.
NAMELESS: Final = frozenset({"child_abuse"})


class NoticeRefused(Invalid):
    """The form misses something; `problems` says what, by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        sentences = "; ".join(f"{field} {sentence}" for field, sentence in problems.items())
        super().__init__(f"Validation failed: {sentences}", details={"details": problems})
        self.problems = problems


@dataclass(frozen=True, slots=True)
class NewNotice:
    """The fields of Article 16: why, where, who, and that it is said in good faith. `reason` is the key of a policy."""

    addresses: Sequence[str]
    explanation: str
    reason: str
    name: str
    email: str
    good_faith: bool
    language: str
    law: str = ""


@transaction.atomic
def file_notice(form: NewNotice, *, origin: Origin, now: datetime) -> str:
    """Store a notice, open or join its cases, and mail the receipt; return the secret of its link.

    It is looked at whether or not the mail is ever read: the law does not wait for that. Raises NoticeRefused with
    all that is missing, and TooMany.
    """
    _charge(origin, form.email)
    found, problems = _places(form.addresses)
    problems |= _problems(form)
    if problems:
        raise NoticeRefused(problems)
    owners = {owner for _, owner in found}
    named = {kind: [subject.id for subject, _ in found if subject.kind == kind] for kind in SEVERAL}
    report = Report(
        reporter=None,
        target_id=next(iter(owners)),
        hashtag_id=found[0][0].id if found[0][0].kind == "hashtag" else None,
        post_ids=named["post"],
        media_ids=named["media"],
        category=POLICIES[form.reason].mastodon,
        comment=form.explanation.strip(),
        created_at=now,
        reason=form.reason,
        received_told_at=now,
    )
    cases = [
        casework.open_or_join(
            subjects.load(subject),
            policy=form.reason,
            lane=POLICIES[form.reason].lane,
            source="notice",
            now=now,
        )[0]
        for subject, _ in found
    ]
    report.cases = [case.pk for case in cases]
    report.save()
    for case in cases:
        casework.place(case, now=now)
    notice = PublicNotice.objects.create(
        report=report,
        name=form.name.strip(),
        email=form.email.strip(),
        language=form.language if form.language in wording.LANGUAGES else "en",
        law=form.law.strip(),
    )
    if notice.email:  # the confirmation of receipt, Article 16(4)
        notices.mail_notifier(report.pk, notice.email, notice.language, "received", now=now)
    return links.secret_of("notice", report.pk)


def _places(given: Sequence[str]) -> tuple[list[tuple[Subject, int | None]], dict[str, str]]:
    """What the addresses show: posts of one account, or media of its posts, or one profile, or one hashtag."""
    lines = list(dict.fromkeys(line.strip() for line in given if line.strip()))
    if not 1 <= len(lines) <= ADDRESSES_MAX:
        return [], {"addresses": f"are {len(lines)}; it needs 1 to {ADDRESSES_MAX}"}
    try:
        found = [addresses.find(line) for line in lines]
    except DomainError as error:
        return [], {"addresses": error.safe.removeprefix("Validation failed: ")}
    found = list(dict.fromkeys(found))  # a photo and its small form are one
    alike = {(owner, subject.kind) for subject, owner in found}
    if len(found) > 1 and not (len(alike) == 1 and found[0][0].kind in SEVERAL):
        problem = "must be posts of one account, or media of them; please send one notice for each account"
        return [], {"addresses": problem}
    return found, {}


def _problems(form: NewNotice) -> dict[str, str]:
    problems: dict[str, str] = {}
    length = len(form.explanation.strip())
    if not EXPLANATION_LEAST <= length <= EXPLANATION_MAX:
        problems["explanation"] = (
            f"has {length} characters; it needs {EXPLANATION_LEAST} to {EXPLANATION_MAX}"
        )
    if form.reason not in POLICIES:
        problems["reason"] = f"must be one of {', '.join(POLICIES)}"
    named = form.reason not in NAMELESS
    if len(form.name.strip()) > NAME_MAX or (named and not form.name.strip()):
        problems["name"] = f"has {len(form.name.strip())} characters; it needs 1 to {NAME_MAX}"
    if (named or form.email.strip()) and not _is_address(form.email.strip()):
        problems["email"] = "is no e-mail address"
    if len(form.law.strip()) > LAW_MAX:
        problems["law"] = f"has {len(form.law.strip())} characters; at most {LAW_MAX}"
    if not form.good_faith:
        problems["good_faith"] = "must be confirmed"
    return problems


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= EMAIL_MAX


def _charge(origin: Origin, email: str) -> None:
    """Count a notice against the published limits. Raises TooMany."""
    charges = [
        (PER_ADDRESS, limits.address_block(origin.address)),
        (PER_BLOCK, limits.wide_block(origin.address)),
    ]
    if "@" in email:
        charges.append((PER_MAILBOX, limits.digest(mailbox.canonical(email.strip()))))
    tightest = limits.charge_each(charges)
    if tightest is not None and tightest.exceeded:
        raise TooMany(
            f"Too many notices from here; at most {tightest.limit}. Please come again later.",
            retry_after=tightest.seconds_left,
        )
