"""The terms of service: which version is in force, in whose language, and who has agreed to it.

A version is a row. Until the first is published the text of the page that comes with the site holds, as version 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation

from upscrolled.models import Account, Terms, TermsAcceptance

SHIPPED_VERSION: Final = "1"
_HAS_ACCEPTED: Final = """
SELECT coalesce(
  (SELECT EXISTS (SELECT 1 FROM upscrolled_termsacceptance x
                  WHERE x.account_id = %(account)s AND x.terms_id = t.id)
   FROM upscrolled_terms t WHERE t.effective_at <= %(now)s ORDER BY t.effective_at DESC, t.id DESC LIMIT 1),
  (SELECT a.agreed_at IS NOT NULL FROM upscrolled_account a WHERE a.id = %(account)s))
"""
SHIPPED_AT: Final = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the terms: texts as safe HTML by language; `id` is None for the one that comes with the site."""

    id: int | None
    version: str
    effective_at: datetime
    texts: dict[str, str]
    changes: dict[str, str]
    succeeded_by: date | None = None

    def text(self, language: str) -> str:
        """Return the text in that language, else in English, else in whichever there is."""
        if self.id is None:
            return shipped(language)
        return _in(self.texts, language)

    def what_changed(self, language: str) -> str:
        """Return what is new in this version, in the same choice of languages; empty if nobody wrote it."""
        return _in(self.changes, language)


def in_force(now: datetime) -> Version:
    """Return the version that holds now."""
    row = Terms.objects.filter(effective_at__lte=now).order_by("-effective_at", "-id").first()
    upcoming = Terms.objects.filter(effective_at__gt=now).order_by("effective_at", "id").first()
    return _version(row, succeeded_by=upcoming)


def upcoming(now: datetime) -> Version | None:
    """Return the next version that is published and not in force yet."""
    row = Terms.objects.filter(effective_at__gt=now).order_by("effective_at", "id").first()
    return _version(row) if row is not None else None


def effective_on(day: date) -> Version | None:
    """Return the version that came, or comes, into force that day (UTC); the later of two."""
    row = Terms.objects.filter(effective_at__date=day).order_by("-effective_at", "-id").first()
    if row is None:
        return _shipped() if SHIPPED_AT.date() == day else None
    after = Terms.objects.filter(effective_at__gt=row.effective_at).order_by("effective_at", "id").first()
    return _version(row, succeeded_by=after)


def is_accepted(account: Account, version: Version) -> bool:
    """Say whether somebody agreed to that version; the one that came with the site is agreed to by signing up."""
    if version.id is None:
        return account.agreed_at is not None
    return TermsAcceptance.objects.filter(account=account, terms=version.id).exists()


def has_accepted(account_id: int, now: datetime) -> bool:
    """Say whether somebody agreed to what is in force, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_ACCEPTED, {"account": account_id, "now": now})
        return bool(cursor.fetchone()[0])


def shipped(language: str) -> str:
    """Return the text that comes with the site."""
    facts = {"site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL}
    with translation.override(language):
        return render_to_string("terms_shipped.html", facts).strip()


def best_language(wanted: Iterable[str], version: Version) -> str:
    """Return the first wanted language that the text exists in, else English or the first there is."""
    there = list(version.texts) if version.id is not None else [code for code, _ in settings.LANGUAGES]
    for code in wanted:
        for candidate in (code, code.partition("-")[0]):
            if candidate in there:
                return candidate
    return "en" if "en" in there or not there else there[0]


def _version(row: Terms | None, *, succeeded_by: Terms | None = None) -> Version:
    next_day = succeeded_by.effective_at.astimezone(UTC).date() if succeeded_by is not None else None
    if row is None:
        return Version(None, SHIPPED_VERSION, SHIPPED_AT, {}, {}, next_day)
    return Version(row.pk, row.version, row.effective_at, row.texts, row.changes, next_day)


def _shipped() -> Version:
    first = Terms.objects.order_by("effective_at", "id").first()
    return _version(None, succeeded_by=first)


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
