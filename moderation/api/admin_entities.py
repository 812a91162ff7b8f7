"""Shapes of Mastodon's admin API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from feed.api import entities as feed_entities
from feed.api.presenter import Presenter
from feed.queries import posts
from moderation.queries import staff
from upscrolled import people as loader
from upscrolled.api import entities
from upscrolled.api.rules import Rule
from upscrolled.viewer import Person, Viewer

if TYPE_CHECKING:
    from upscrolled.models import Account


class AdminAccount(msgspec.Struct, kw_only=True):
    """An account as staff sees it. Addresses of networks are kept for protection alone, so `ip` and `ips` are empty."""

    id: str
    username: str
    domain: str | None
    created_at: str
    email: str
    ip: str | None
    ips: list[str]
    locale: str
    invite_request: str | None
    role: entities.Role
    confirmed: bool
    approved: bool
    disabled: bool
    sensitized: bool
    silenced: bool
    suspended: bool
    invited_by_account_id: str | None
    account: entities.Account | None


class AdminReport(msgspec.Struct, kw_only=True):
    """A report as staff sees it."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    updated_at: str
    account: AdminAccount
    target_account: AdminAccount
    assigned_account: AdminAccount | None
    action_taken_by_account: AdminAccount | None
    statuses: list[feed_entities.Status]
    rules: list[Rule]


def accounts(found: Sequence[staff.Known], viewer: Viewer, with_addresses: bool = True) -> list[AdminAccount]:
    """Show accounts; their public side is loaded in one statement."""
    people = loader.load(viewer, [one.account.pk for one in found])
    return [_account(one, people.get(one.account.pk), with_addresses) for one in found]


def named(filed: Sequence[staff.Filed]) -> dict[int, Account]:
    """Return the accounts that are in reports: who reported whom, and who holds a case of it."""
    return {
        account.pk: account
        for one in filed
        for account in (one.report.reporter, one.report.target, *(case.claimed_by for case in one.cases))
        if account is not None
    }


def reports(
    filed: Sequence[staff.Filed], viewer: Viewer, rules: Sequence[Rule], with_addresses: bool
) -> list[AdminReport]:
    """Show reports with their people and posts, a fixed number of statements for a page."""
    known = accounts(staff.known(list(named(filed).values())), viewer, with_addresses)
    shown = {int(one.id): one for one in known}
    numbers = [number for one in filed for number in one.report.post_ids]
    visible = {post.id: post for post in posts.posts(viewer, numbers)} if numbers else {}
    presenter = Presenter(viewer)
    return [_report(one, shown, [visible[n] for n in one.report.post_ids if n in visible], presenter, rules)
            for one in filed]  # fmt: skip


def _account(known: staff.Known, person: Person | None, with_addresses: bool) -> AdminAccount:
    account = known.account
    return AdminAccount(
        id=str(account.pk),
        username=account.username,
        domain=None,
        created_at=stamp(account.created_at),
        email=account.email if with_addresses else "",
        ip=None,
        ips=[],
        locale=account.locale,
        invite_request=account.sign_up_reason or None,
        role=entities.ROLES[account.role],
        confirmed=account.is_confirmed,
        approved=not account.awaits_approval,
        disabled=not account.is_active,
        sensitized=False,
        silenced="account_limited" in known.restrictions,
        suspended="account_suspended" in known.restrictions,
        invited_by_account_id=str(account.invited_by_id) if account.invited_by_id else None,
        account=entities.account(person) if person is not None else None,
    )


def _report(
    filed: staff.Filed,
    people: dict[int, AdminAccount],
    shown: list[Any],
    presenter: Presenter,
    rules: Sequence[Rule],
) -> AdminReport:
    report = filed.report
    assert report.reporter_id is not None
    assert report.target_id is not None
    holder = next((case.claimed_by_id for case in filed.cases if case.claimed_by_id), None)
    decided = None if filed.is_open else report.decided_at
    return AdminReport(
        id=str(report.pk),
        action_taken=not filed.is_open,
        action_taken_at=entities.stamp(decided),
        category=report.category,
        comment=report.comment,
        forwarded=False,
        created_at=stamp(report.created_at),
        updated_at=stamp(report.decided_at or report.created_at),
        account=people[report.reporter_id],
        target_account=people[report.target_id],
        assigned_account=people[holder] if holder else None,
        action_taken_by_account=None,  # reporters and apps are told the outcome, not who decided
        statuses=presenter.statuses(shown),
        rules=[rule for rule in rules if rule.id in report.rule_ids],
    )


def stamp(moment: datetime) -> str:
    """A time that is always there."""
    return entities.stamp(moment) or ""
