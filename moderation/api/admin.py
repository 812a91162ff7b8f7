"""Mastodon's admin API for moderators' apps, mapped onto what is decided here: nothing restricts without reasons."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from moderation.api import admin_entities
from moderation.api.admin_entities import AdminAccount, AdminReport
from moderation.operations import staff as verbs
from moderation.operations.staff import Asked
from moderation.queries import staff
from upscrolled.api import rules
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.operations import approval

STATES = ("active", "pending", "suspended", "silenced")


class ActionExtension(serializers.Serializer[dict[str, Any]]):
    """The policy that was broken, and why it applies; `text` says what happened."""

    policy = serializers.CharField(required=False, allow_blank=True, default="")
    explanation = serializers.CharField(required=False, allow_blank=True, default="")


class ActionForm(serializers.Serializer[dict[str, Any]]):
    """What is done about an account. In `text` what happened and, after an empty line, why the policy applies."""

    type = serializers.CharField(required=False, default="none")
    report_id = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    text = serializers.CharField(required=False, allow_blank=True, allow_null=True, default="")
    upscrolled = ActionExtension(required=False)


class StaffView(ClientView):
    """Base of the admin endpoints: people who moderate, and nobody else."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let staff in."""
        super().initial(request, *args, **kwargs)
        if self.principal is not None and self.viewer.account is not None and not self.me.role:
            raise NotAllowed

    def account(self, account_id: int) -> HttpResponse:
        """Show an account as it stands now."""
        return self.render(admin_entities.accounts([staff.account(account_id)], self.viewer)[0])

    def report(self, report_id: int) -> HttpResponse:
        """Show a report as it stands now."""
        found = [staff.report(report_id)]
        return self.render(admin_entities.reports(found, self.viewer, rules.in_force(self.now))[0])


class Accounts(StaffView):
    """GET /api/v1/admin/accounts"""

    @endpoint(
        scope="admin:read:accounts",
        answers=list[AdminAccount],
        paged=True,
        query=("active", "pending", "suspended", "silenced", "username", "email", "staff"),
    )
    def get(self, request: Request) -> HttpResponse:
        """List accounts, the newest first."""
        page, asked = self.page(default=100, maximum=200), request.query_params
        found = staff.accounts(
            page,
            state=next((state for state in STATES if self.flag(state)), ""),
            username=asked.get("username", ""),
            email=asked.get("email", ""),
            staff=self.flag("staff") or asked.get("permissions") == "staff",
        )
        full = len(found) == page.limit
        return self.paged(
            admin_entities.accounts(found, self.viewer),
            page,
            first=found[0].account.pk if found else None,
            last=found[-1].account.pk if full else None,
        )


class Account(StaffView):
    """GET /api/v1/admin/accounts/:id"""

    @endpoint(scope="admin:read:accounts", answers=AdminAccount)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """Show an account."""
        return self.account(self.id_of(account_id))


class AccountAction(StaffView):
    """POST /api/v1/admin/accounts/:id/action"""

    @endpoint(scope="admin:write:accounts", answers=dict[str, str], body=ActionForm)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Warn, cover the reported posts, limit or suspend, with the reasons that the person reads."""
        form, number = self.valid(ActionForm), staff.account(self.id_of(account_id)).account.pk
        more = form.get("upscrolled") or {}
        facts, _, rest = (form["text"] or "").replace("\r\n", "\n").partition("\n\n")
        report_id = ids.parse(form["report_id"] or "")
        if not more.get("policy") and report_id is None:
            raise Invalid("Validation failed: upscrolled[policy] can't be blank without a report")
        asked = Asked(
            number, form["type"], more.get("policy", ""), facts, more.get("explanation") or rest, report_id
        )
        verbs.act(asked, by=self.me, now=self.now)
        return self.render({})


class AccountStep(StaffView):
    """POST /api/v1/admin/accounts/:id/<step>, of which each is a class of its own below."""

    kind = ""

    @endpoint(scope="admin:write:accounts", answers=AdminAccount)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Take back what restricts the account in that way."""
        number = staff.account(self.id_of(account_id)).account.pk
        verbs.lift(number, self.kind, by=self.me, now=self.now)
        return self.account(number)


class Unsuspend(AccountStep):
    """POST /api/v1/admin/accounts/:id/unsuspend"""

    kind = "account_suspended"


class Unsilence(AccountStep):
    """POST /api/v1/admin/accounts/:id/unsilence"""

    kind = "account_limited"


class NothingToLift(StaffView):
    """POST /api/v1/admin/accounts/:id/enable and unsensitive: states that accounts never have here."""

    @endpoint(scope="admin:write:accounts", answers=AdminAccount)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Show the account; it is neither disabled by staff nor covered as a whole."""
        return self.account(self.id_of(account_id))


class Approve(StaffView):
    """POST /api/v1/admin/accounts/:id/approve"""

    @endpoint(scope="admin:write:accounts", answers=AdminAccount)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Let somebody in who waits."""
        found = staff.account(self.id_of(account_id)).account
        approval.approve(account=found, now=self.now)
        return self.account(found.pk)


class RejectForm(serializers.Serializer[dict[str, Any]]):
    """Why somebody is turned away; they read it."""

    text = serializers.CharField(required=False, allow_blank=True, default="")


class Reject(StaffView):
    """POST /api/v1/admin/accounts/:id/reject"""

    @endpoint(scope="admin:write:accounts", answers=AdminAccount, body=RejectForm)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Turn somebody away who waits, with the reason in `text`."""
        found = staff.account(self.id_of(account_id))
        shown = admin_entities.accounts([found], self.viewer)[0]
        approval.reject(account=found.account, because=self.valid(RejectForm)["text"], now=self.now)
        return self.render(shown)


class Reports(StaffView):
    """GET /api/v1/admin/reports"""

    @endpoint(
        scope="admin:read:reports",
        answers=list[AdminReport],
        paged=True,
        query=("resolved", "account_id", "target_account_id"),
    )
    def get(self, request: Request) -> HttpResponse:
        """List reports that wait, or with `resolved` the others; the newest first."""
        page, asked = self.page(default=100, maximum=200), request.query_params
        found = staff.reports(
            page,
            resolved=self.flag("resolved"),
            account_id=ids.parse(asked.get("account_id", "")),
            target_id=ids.parse(asked.get("target_account_id", "")),
        )
        full = len(found) == page.limit
        return self.paged(
            admin_entities.reports(found, self.viewer, rules.in_force(self.now)),
            page,
            first=found[0].report.pk if found else None,
            last=found[-1].report.pk if full else None,
        )


class Report(StaffView):
    """GET /api/v1/admin/reports/:id"""

    @endpoint(scope="admin:read:reports", answers=AdminReport)
    def get(self, request: Request, report_id: str) -> HttpResponse:
        """Show a report."""
        return self.report(self.id_of(report_id))


class Assign(StaffView):
    """POST /api/v1/admin/reports/:id/assign_to_self"""

    @endpoint(scope="admin:write:reports", answers=AdminReport, also=("409",))
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Claim the cases of a report, for ten minutes."""
        verbs.assign(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Unassign(StaffView):
    """POST /api/v1/admin/reports/:id/unassign"""

    @endpoint(scope="admin:write:reports", answers=AdminReport)
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Let the cases of a report go."""
        verbs.unassign(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Resolve(StaffView):
    """POST /api/v1/admin/reports/:id/resolve"""

    @endpoint(scope="admin:write:reports", answers=AdminReport, also=("409",))
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Close a report without a decision: it keeps to the rules."""
        verbs.resolve(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))


class Reopen(StaffView):
    """POST /api/v1/admin/reports/:id/reopen"""

    @endpoint(scope="admin:write:reports", answers=AdminReport)
    def post(self, request: Request, report_id: str) -> HttpResponse:
        """Have it looked at again, in a new case."""
        verbs.reopen(self.id_of(report_id), by=self.me, now=self.now)
        return self.report(self.id_of(report_id))
