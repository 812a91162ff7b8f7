"""What notifications of moderation bring along: Mastodon's AccountWarning, and news of one's reports."""

from __future__ import annotations

from feed.api.notifications import BROUGHT, AccountWarning, NotificationExtension, ReportNews, WarningAppeal
from feed.api.presenter import Presenter
from moderation.actions import ACTIONS
from moderation.api import entities, standing
from moderation.queries import publiclog
from moderation.queries import standing as queries

_APPEAL_STATE = {"filed": "pending", "claimed": "pending", "upheld": "rejected", "overturned": "approved"}


def join() -> None:
    """Tell the notifications how these kinds are shown."""
    BROUGHT["moderation_warning"] = ("moderation_warning", warnings)
    BROUGHT["report"] = ("upscrolled", reports)


def warnings(present: Presenter, statement_ids: list[int]) -> dict[int, AccountWarning]:
    """The decisions behind these notifications, by the number of their statement."""
    viewer = present.viewer
    shown = {}
    for told in queries.decisions_of(viewer.id, statement_ids):
        said = told.statement
        shown[said.pk] = AccountWarning(
            id=str(said.pk),
            action=ACTIONS[said.measure].mastodon,
            text=told.readable.text if told.readable else "",
            status_ids=[str(said.subject_id)] if said.subject_kind == "post" else None,
            target_account=present.account(viewer.id),
            appeal=(
                WarningAppeal(text=told.appeal.text, state=_APPEAL_STATE[told.appeal.state])
                if told.appeal
                else None
            ),
            created_at=entities.at(said.created_at) or "",
            url=publiclog.statement_address(said.pk),
        )
    return shown


def reports(present: Presenter, report_ids: list[int]) -> dict[int, NotificationExtension]:
    """The reports behind these notifications."""
    account = present.viewer.account
    assert account is not None
    shown = {}
    for report in queries.reports_of(account.id, report_ids):
        own = standing.own_report(report, account.locale)
        shown[report.pk] = NotificationExtension(
            report=ReportNews(
                id=own.id,
                outcome=own.outcome,
                text=own.text,
                target_account_id=own.target_account_id,
                status_ids=own.status_ids,
                created_at=own.created_at,
            )
        )
    return shown
