"""Accounts and reports as Mastodon's admin API lists them. Addresses of networks are not told to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moderation.models import Case, Report
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.models import Account
from upscrolled.queries.rows import rows

# Which restriction of the account is what Mastodon calls so.
STATES: Final = {"suspended": "account_suspended", "silenced": "account_limited"}


@dataclass(frozen=True, slots=True)
class Known:
    """An account, and the kinds of restriction that are in force on it."""

    account: Account
    restrictions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filed:
    """A report with its cases. It is open while any of what it names has an unfinished case, also a later one."""

    report: Report
    cases: Sequence[Case]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Sought:
    """Which accounts are listed. States: active, pending, disabled, suspended, silenced; what is empty asks nothing."""

    state: str = ""
    username: str = ""
    display_name: str = ""
    email: str = ""
    staff: bool = False
    roles: Sequence[str] = ()
    invited_by: int | None = None


def accounts(page: Page, sought: Sought) -> list[Known]:
    """Return a page of accounts, the newest first."""
    found = Account.objects.all()
    if page.max_id:
        found = found.filter(pk__lt=page.max_id)
    if page.since_id:
        found = found.filter(pk__gt=page.since_id)
    if sought.username:
        found = found.filter(username__istartswith=sought.username)
    if sought.display_name:
        found = found.filter(display_name__istartswith=sought.display_name)
    if sought.email:
        found = found.filter(email__iexact=sought.email)
    if sought.staff:
        found = found.exclude(role="")
    if sought.roles:
        found = found.filter(role__in=sought.roles)
    if sought.invited_by is not None:
        found = found.filter(invited_by=sought.invited_by)
    if sought.state == "pending":
        found = found.filter(awaits_approval=True)
    elif sought.state == "disabled":
        found = found.filter(is_active=False)
    elif sought.state == "active":
        found = found.filter(awaits_approval=False, is_active=True)
    elif sought.state in STATES:
        found = found.filter(pk__in=[row[0] for row in rows(_RESTRICTED, {"kind": STATES[sought.state]})])
    return known(list(found.order_by("-id")[: page.limit]))


def account(account_id: int) -> Known:
    """Return one account, or raise NotFound."""
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotFound
    return known([found])[0]


def known(found: Sequence[Account]) -> list[Known]:
    """Add what is in force on these accounts, in one statement."""
    kinds: dict[int, set[str]] = {}
    for account_id, kind in rows(_KINDS, {"ids": [one.pk for one in found]}):
        kinds.setdefault(account_id, set()).add(kind)
    return [Known(one, frozenset(kinds.get(one.pk, ()))) for one in found]


def reports(
    page: Page, *, resolved: bool | None = False, account_id: int | None = None, target_id: int | None = None
) -> list[Filed]:
    """Return a page of reports about accounts, the newest first: those that wait, those resolved, or (None) all."""
    facts = {
        "resolved": resolved,
        "by": account_id,
        "about": target_id,
        "below": page.max_id,
        "above": page.since_id,
        "limit": page.limit,
    }
    return _filed([row[0] for row in rows(_REPORTS, facts)])


def report(report_id: int) -> Filed:
    """Return one report about an account, or raise NotFound."""
    found = _filed([report_id])
    if not found:
        raise NotFound
    return found[0]


def _filed(numbers: Sequence[int]) -> list[Filed]:
    chain = ("reporter", "target")
    found = Report.objects.filter(pk__in=list(numbers), target__isnull=False, reporter__isnull=False)
    kept = list(found.select_related(*chain).order_by("-id"))
    named = {number for one in kept for number in one.cases}
    cases = {case.pk: case for case in Case.objects.filter(pk__in=named).select_related("claimed_by")}
    unfinished = {row[0] for row in rows(_UNFINISHED, {"ids": [one.pk for one in kept]})}
    return [
        Filed(one, [cases[number] for number in one.cases if number in cases], one.pk in unfinished)
        for one in kept
    ]


_RESTRICTED: Final = """
SELECT DISTINCT r.subject_id FROM upscrolled_restriction r WHERE r.subject_kind = 'account' AND r.kind = %(kind)s
  AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
"""
_KINDS: Final = """
SELECT r.subject_id, r.kind FROM upscrolled_restriction r
WHERE r.subject_kind = 'account' AND r.subject_id = ANY(%(ids)s::bigint[])
  AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now())
"""
_OPEN: Final = """EXISTS (
  SELECT 1 FROM moderation_case c JOIN moderation_case o
    ON o.subject_kind = c.subject_kind AND o.subject_id = c.subject_id AND o.state <> 'decided'
  WHERE c.id = ANY(r.cases))"""
_UNFINISHED: Final = f"SELECT r.id FROM moderation_report r WHERE r.id = ANY(%(ids)s::bigint[]) AND {_OPEN}"
_REPORTS: Final = f"""
SELECT r.id FROM moderation_report r
WHERE r.target_id IS NOT NULL AND r.reporter_id IS NOT NULL
  AND (%(resolved)s::boolean IS NULL OR {_OPEN} <> %(resolved)s::boolean)
  AND (%(by)s::bigint IS NULL OR r.reporter_id = %(by)s::bigint)
  AND (%(about)s::bigint IS NULL OR r.target_id = %(about)s::bigint)
  AND (%(below)s::bigint IS NULL OR r.id < %(below)s::bigint)
  AND (%(above)s::bigint IS NULL OR r.id > %(above)s::bigint)
ORDER BY r.id DESC LIMIT %(limit)s
"""
