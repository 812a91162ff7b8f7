"""Reports in Mastodon's admin API: assigned by claiming their cases, resolved where they keep to the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from moderation.api import admin_entities
from moderation.api.admin import StaffView
from moderation.api.admin_entities import AdminReport
from moderation.operations import staff as verbs
from moderation.queries import staff
from moderation.queries.staff import Filed
from upscrolled.api import rules
from upscrolled.api.base import endpoint
from upscrolled.core import ids


class ReportView(StaffView):
    """Base of the endpoints of reports, for who sorts too; people's addresses are for who may see their accounts."""

    needs = "sort"

    def report(self, report_id: int) -> HttpResponse:
        """Show a report as it stands now."""
        return self.render(self.shown([staff.report(report_id)], "a report")[0])

    def shown(self, found: Sequence[Filed], asked: str) -> list[AdminReport]:
        """Show reports; whose addresses are in them is written down."""
        with_addresses = self.standing.may("decide")
        if with_addresses:
            self.reads(admin_entities.named(found), asked)
        return admin_entities.reports(found, self.viewer, rules.in_force(self.now), with_addresses)


class SortingForm(serializers.Serializer[dict[str, Any]]):
    """The category of a report, and the rules of the house that it names."""

    category = serializers.CharField(required=False, allow_blank=True, default="")
    rule_ids = serializers.ListField(
        child=serializers.CharField(), required=False, default=None, allow_null=True
    )


class Reports(ReportView):
    """GET /api/v1/admin/reports"""

    @endpoint(
        scope="admin:read:reports",
        answers=list[AdminReport],
        paged=True,
        query=("resolved", "unresolved", "account_id", "target_account_id"),
    )
    def get(self, request: Request) -> HttpResponse:
        """List reports that wait, or with `resolved` the others, with both all; the newest first."""
        page, asked = self.page(default=100, maximum=200), request.query_params
        found = staff.reports(
            page,
            resolved=None if self.flag("resolved") and self.flag("unresolved") else self.flag("resolved"),
            account_id=ids.parse(asked.get("account_id", "")),
            target_id=ids.parse(asked.get("target_account_id", "")),
        )
        full = len(found) == page.limit
        return self.paged(
            self.shown(found, "a list of reports"),
            page,
            first=found[0].report.pk if found else None,
            last=found[-1].report.pk if full else None,
        )


class Report(ReportView):
    """GET /api/v1/admin/reports/:id"""

    @endpoint(scope="admin:read:reports", answers=AdminReport)
    def get(self, request: Request, report_id: str) -> HttpResponse:
        """Show a report."""
        return self.report(self.id_of(report_id))

    @endpoint(scope="admin:write:reports", answers=AdminReport, body=SortingForm)
    def put(self, request: Request, report_id: str) -> HttpResponse:
        """Say what kind of report it is."""
        form = self.valid(SortingForm)
        verbs.sort(
            self.id_of(report_id),
            category=form["category"],
            rule_ids=form["rule_ids"],
            by=self.me,
            now=self.now,
        )
        return self.report(self.id_of(report_id))


class Assign(ReportView):
    """POST /api/v1/admin/reports/:id/assign_to_self"""

    @endpoint(scope="admin:write:reports", answers=AdminReport, also=("409",))
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Claim the cases of a report, for ten minutes."""
        verbs.assign(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Unassign(ReportView):
    """POST /api/v1/admin/reports/:id/unassign"""

    @endpoint(scope="admin:write:reports", answers=AdminReport)
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Let the cases of a report go."""
        verbs.unassign(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Resolve(ReportView):
    """POST /api/v1/admin/reports/:id/resolve"""

    @endpoint(scope="admin:write:reports", answers=AdminReport, also=("409",))
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Close a report without a decision: it keeps to the rules."""
        verbs.resolve(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Reopen(ReportView):
    """POST /api/v1/admin/reports/:id/reopen"""

    @endpoint(scope="admin:write:reports", answers=AdminReport)
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Have it looked at again, in a new case."""
        verbs.reopen(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))
