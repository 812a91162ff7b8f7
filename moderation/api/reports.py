"""Reports: what somebody tells the moderators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api.forms import Texts
from moderation import policies
from moderation.operations import report
from moderation.operations.report import Complaint
from upscrolled import queries
from upscrolled.api import entities
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core import ids
from upscrolled.core.errors import Invalid

MEDIA_MAX: Final = 100


class Policy(msgspec.Struct, kw_only=True):
    """A policy that a report may name as its reason, in the languages in which it is written."""

    key: str
    version: int
    severity: int
    texts: dict[str, dict[str, str]]


class ReportExtension(msgspec.Struct, kw_only=True):
    """The policy that is said to be broken, and the hashtag or the media, if it is about these."""

    reason: str
    hashtag: str | None
    media_ids: list[str]


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
    target_account: entities.Account | None
    upscrolled: ReportExtension


class ReportFormExtension(serializers.Serializer[dict[str, Any]]):
    """The key of a policy as the reason; a hashtag in place of an account; media of its posts in place of these."""

    reason = serializers.CharField(required=False, allow_blank=True, default="")
    hashtag = serializers.CharField(required=False, allow_blank=True, default="")
    media_ids = Texts(required=False, allow_null=True)


class ReportForm(serializers.Serializer[dict[str, Any]]):
    """Whom it is about, which of their posts, and which rules of the house they broke."""

    account_id = serializers.CharField(required=False, allow_blank=True, default="")
    status_ids = Texts(required=False, allow_null=True)
    rule_ids = Texts(required=False, allow_null=True)
    comment = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    category = serializers.CharField(required=False, allow_blank=True, default="other")
    upscrolled = ReportFormExtension(required=False)


class Policies(ClientView):
    """GET /api/v1/upscrolled/policies"""

    @endpoint(who="anyone", answers=list[Policy])
    def get(self, request: Request) -> HttpResponse:
        """List what is not allowed, the gravest first."""
        found = policies.listed()
        return self.render(
            [
                Policy(key=policy.key, version=policy.version, severity=policy.severity, texts=policy.texts)
                for policy in found
            ]
        )


class Reports(ClientView):
    """Tell the moderators."""

    @endpoint(scope="write:reports", answers=Report, body=ReportForm)
    def post(self, request: Request) -> HttpResponse:
        """Report an account and, perhaps, some of its posts; or single photos, videos or sounds of these."""
        form = self.valid(ReportForm)
        more = form.get("upscrolled") or {}
        hashtag = more.get("hashtag", "")
        if not hashtag and not form["account_id"]:
            raise Invalid("Validation failed: Account can't be blank")
        target_id = 0 if hashtag else self.id_of(form["account_id"])
        complaint = Complaint(
            target_id=target_id,
            post_ids=self.many_ids("status_ids", at_most=100),
            media_ids=_media_ids(more.get("media_ids") or ()),
            rule_ids=(form.get("rule_ids") or [])[:20],
            category=form["category"] or "other",
            comment=form["comment"] or "",
            reason=more.get("reason", ""),
            hashtag=hashtag,
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
            target_account=(
                entities.account(queries.get_person(self.viewer, target_id)) if target_id else None
            ),
            upscrolled=ReportExtension(
                reason=filed.reason,
                hashtag=hashtag or None,
                media_ids=[str(each) for each in filed.media_ids],
            ),
        )
        return self.render(shown)


def _media_ids(named: Sequence[str]) -> list[int]:
    """Read the numbers of media, each once. Raises Invalid for too many, and for what is no number."""
    if len(named) > MEDIA_MAX:
        raise Invalid(f"Validation failed: a report of {len(named)} media; at most {MEDIA_MAX}")
    numbers = {each: ids.parse(str(each)) for each in named}
    if wrong := [each[:20] for each, number in numbers.items() if number is None]:
        raise Invalid(f"Validation failed: {wrong[0]!r} is the id of no media")
    return list(dict.fromkeys(number for number in numbers.values() if number is not None))
