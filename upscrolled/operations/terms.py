"""Publish a version of the terms, and agree to one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import nh3
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.html import linebreaks

from upscrolled import terms
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.models import Account, Terms, TermsAcceptance

VERSION_MAX, TEXT_MAX = 20, 200_000
_TAGS: Final = {"a", "blockquote", "br", "em", "h1", "h2", "h3", "li", "ol", "p", "strong", "ul"}


def publish(
    *,
    version: str,
    texts: Mapping[str, str],
    changes: Mapping[str, str],
    effective_at: datetime,
    now: datetime,
) -> Terms:
    """Publish a version: one text a language, as HTML or as plain paragraphs, in force from `effective_at`.

    English is needed, since it is what is shown to whom no other text fits. Nobody is locked out by a new version:
    people are told that there is one. Raises Invalid, naming what is wrong.
    """
    version = version.strip()
    if not version or len(version) > VERSION_MAX:
        raise Invalid(f"The version has {len(version)} characters; it must have 1 to {VERSION_MAX}.")
    if version == terms.SHIPPED_VERSION:
        raise Invalid(f"Version {version} is the text that came with the site; take another name.")
    known = [code for code, _ in settings.LANGUAGES]
    if foreign := sorted({*texts, *changes} - set(known)):
        raise Invalid(f"This site does not speak {', '.join(foreign)}; its languages are {', '.join(known)}.")
    if not texts.get("en", "").strip():
        raise Invalid("There is no English text (texts.en).")
    if effective_at < now:
        raise Invalid("A version cannot be in force before it is published.")
    try:
        with transaction.atomic():
            return Terms.objects.create(
                version=version,
                texts={code: _clean(code, text) for code, text in texts.items()},
                changes={code: _clean(code, text) for code, text in changes.items()},
                effective_at=effective_at,
                created_at=now,
            )
    except IntegrityError:
        raise Invalid(
            f"Version {version} is published already; what was published does not change."
        ) from None


def accept(*, account: Account, version: terms.Version, now: datetime) -> None:
    """Record that somebody agrees to a version; agreeing again changes nothing."""
    if version.id is None:
        if account.agreed_at is None:
            Account.objects.filter(pk=account.pk, agreed_at=None).update(agreed_at=now)
            account.agreed_at = now
        return
    TermsAcceptance.objects.bulk_create(
        [TermsAcceptance(account=account, terms_id=version.id, accepted_at=now)], ignore_conflicts=True
    )


def accept_named(*, account: Account, version: str, now: datetime) -> terms.Version:
    """Agree to the version of that name, which must be in force or the next: an old one would say nothing.

    Raises NotAllowed.
    """
    current = terms.in_force(now)
    for candidate in (current, terms.upcoming(now)):
        if candidate is not None and candidate.version == version:
            accept(account=account, version=candidate, now=now)
            return current
    raise NotAllowed(
        f"Version {current.version} of the terms is in force; {version!r} cannot be agreed to now."
    )


def _clean(code: str, text: str) -> str:
    if len(text) > TEXT_MAX:
        raise Invalid(f"The text in {code} has {len(text)} characters; at most {TEXT_MAX}.")
    html = text if "<" in text else linebreaks(text.strip(), autoescape=True)
    return nh3.clean(
        html, tags=set(_TAGS), attributes={"a": {"href"}}, link_rel="noopener noreferrer"
    ).strip()
