"""Reports: what somebody tells the moderators."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api.forms import Texts
from moderation.operations import report
from moderation.operations.report import Complaint
from upscrolled import queries
from upscrolled.api import entities
from upscrolled.api.base import ClientView, endpoint


class Report(msgspec.Struct, kw_only=True):
    """A report, as the one who filed it sees it."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str]
    rule_ids: list[str]
    target_account: entities.Account


class ReportForm(serializers.Serializer[dict[str, Any]]):
    """Whom it is about, which of their posts, and which rules of the house they broke."""

    account_id = serializers.CharField()
    status_ids = Texts(required=False, allow_null=True)
    rule_ids = Texts(required=False, allow_null=True)
    comment = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    category = serializers.CharField(required=False, allow_blank=True, default="other")


class Reports(ClientView):
    """Tell the moderators."""

    @endpoint(scope="write:reports", answers=Report, body=ReportForm)
    def post(self, request: Request) -> HttpResponse:
        """Report an account and, perhaps, some of its posts."""
        form = self.valid(ReportForm)
        target_id = self.id_of(form["account_id"])
        complaint = Complaint(
            target_id=target_id,
            post_ids=self.many_ids("status_ids", at_most=100),
            rule_ids=(form.get("rule_ids") or [])[:20],
            category=form["category"] or "other",
            comment=form["comment"] or "",
        )
        filed = report.file_report(reporter=self.me, complaint=complaint, now=self.now)
        shown = Report(
            id=str(filed.pk),
            action_taken=False,
            action_taken_at=None,
            category=filed.category,
            comment=filed.comment,
            forwarded=False,
            created_at=entities.stamp(filed.created_at) or "",
            status_ids=[str(post_id) for post_id in filed.post_ids],
            rule_ids=filed.rule_ids,
            target_account=entities.account(queries.get_person(self.viewer, target_id)),
        )
        return self.render(shown)
