"""How one stands: decisions about oneself with their reasons, appeals against them, one's own reports.

All of it is open to people whose account is suspended: they above all have to be able to read and to answer.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from moderation import wording
from moderation.api import entities
from moderation.api.entities import AppealEntity, OwnReport, Standing, StatementEntity
from moderation.operations import appeals
from moderation.queries import publiclog, standing
from upscrolled import access, switches
from upscrolled.api.base import ClientView, endpoint
from upscrolled.limits import Limit

APPEALS = Limit("appeals", 20, 3_600)
RECENT = 20


class AppealForm(serializers.Serializer[dict[str, Any]]):
    """What is said against a decision."""

    text = serializers.CharField()


class StandingView(ClientView):
    """GET /api/v1/upscrolled/standing"""

    @endpoint(scope="read:accounts", answers=Standing, restricted=True)
    def get(self, request: Request) -> HttpResponse:
        """Say how the viewer stands: what is in force and why, what still weighs, what was appealed."""
        assert self.principal is not None
        binding = standing.binding(self.me.id, now=self.now)
        recent = standing.decisions(self.me.id, limit=RECENT)
        known = {told.statement.pk: told for told in [*binding, *recent]}
        shown = Standing(
            suspended=access.is_suspended(self.me),
            limited="account_limited" in self.principal.restrictions,
            weight=sum(told.strike_weight for told in binding if told.counts(self.now)),
            in_force=[entities.statement(told, now=self.now) for told in binding],
            recent=[entities.statement(told, now=self.now) for told in recent],
            appeals=[entities.appeal(told.appeal) for told in known.values() if told.appeal],
        )
        return self.render(shown)


class Statements(ClientView):
    """GET /api/v1/upscrolled/statements"""

    @endpoint(scope="read:accounts", answers=list[StatementEntity], paged=True, restricted=True)
    def get(self, request: Request) -> HttpResponse:
        """List the decisions about the viewer, the last first."""
        page = self.page(default=20, maximum=40)
        found = standing.decisions(self.me.id, below=page.max_id, limit=page.limit)
        shown = [entities.statement(told, now=self.now) for told in found]
        full = len(found) == page.limit
        return self.paged(
            shown,
            page,
            first=found[0].statement.pk if found else None,
            last=found[-1].statement.pk if full else None,
        )


class StatementView(ClientView):
    """GET /api/v1/upscrolled/statements/:id"""

    @endpoint(scope="read:accounts", answers=StatementEntity, restricted=True)
    def get(self, request: Request, statement_id: str) -> HttpResponse:
        """Read one decision about the viewer with its proof from the public log; it is then read."""
        told = standing.decision(self.me.id, self.id_of(statement_id))
        standing.note_read(told.statement.pk, by=self.me.id, now=self.now)
        proof = publiclog.proof_of(told.decision.pk)
        return self.render(entities.statement(told, now=self.now, proof=proof))


class StatementAppeal(ClientView):
    """POST /api/v1/upscrolled/statements/:id/appeal"""

    @endpoint(scope="write:accounts", answers=AppealEntity, body=AppealForm, restricted=True, limit=APPEALS)
    def post(self, request: Request, statement_id: str) -> HttpResponse:
        """Appeal against a decision, free of charge, within six months."""
        filed = appeals.appeal_decision(
            self.id_of(statement_id), by=self.me, text=self.valid(AppealForm)["text"], now=self.now
        )
        return self.render(entities.appeal(filed))


class OwnReports(ClientView):
    """GET /api/v1/upscrolled/reports"""

    @endpoint(scope="read:accounts", answers=list[OwnReport], paged=True, restricted=True)
    def get(self, request: Request) -> HttpResponse:
        """List what the viewer reported, the last first, with what became of it."""
        page = self.page(default=20, maximum=40)
        found = standing.reports_by(self.me.id, below=page.max_id, limit=page.limit)
        shown = [own_report(report, self.me.locale) for report in found]
        full = len(found) == page.limit
        return self.paged(
            shown, page, first=found[0].pk if found else None, last=found[-1].pk if full else None
        )


class ReportAppeal(ClientView):
    """POST /api/v1/upscrolled/reports/:id/appeal"""

    @endpoint(scope="write:reports", answers=AppealEntity, body=AppealForm, restricted=True, limit=APPEALS)
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Ask for a second look at a report that was refused."""
        filed = appeals.appeal_refusal(
            self.id_of(report_id), by=self.me, text=self.valid(AppealForm)["text"], now=self.now
        )
        return self.render(entities.appeal(filed))


def own_report(report: standing.Report, language: str) -> OwnReport:
    """Show a report to who filed it."""
    words = wording.of(language)
    received = f"{words.REPORT_RECEIVED}. {words.REPORT_NEXT}"
    if switches.value("crisis") == "on":
        received += f" {words.CRISIS['effect_delayed']}"
    return OwnReport(
        id=str(report.pk),
        reason=report.reason,
        comment=report.comment,
        target_account_id=str(report.target_id) if report.target_id else None,
        status_ids=[str(post_id) for post_id in report.post_ids],
        media_ids=[str(number) for number in report.media_ids],
        outcome=report.outcome or "received",
        text=words.OUTCOMES.get(report.outcome) or received,
        created_at=entities.at(report.created_at) or "",
        decided_at=entities.at(report.decided_at),
    )
