"""Mastodon's admin API for moderators' apps, mapped onto what is decided here: nothing restricts without reasons."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from moderation.api import admin_entities
from moderation.api.admin_entities import AdminAccount
from moderation.operations import reading
from moderation.operations import staff as verbs
from moderation.operations.interest import require_none_with
from moderation.operations.staff import Asked
from moderation.queries import staff
from moderation.queries.staff import Sought
from upscrolled import second_factor
from upscrolled.api import entities
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core import ids
from upscrolled.core.errors import Invalid, NotAllowed
from upscrolled.operations import approval
from upscrolled.queries import staff as roles
from upscrolled.queries.staff import Standing

STATES = ("active", "pending", "disabled", "suspended", "silenced")


def _roles(request: Request) -> list[str]:
    """Read `role_ids[]`: the names of ours for the ids that Mastodon's API gives roles."""
    named = set(request.query_params.getlist("role_ids[]") or request.query_params.getlist("role_ids"))
    return [name for name, role in entities.ROLES.items() if role.id in named]


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
    """Base of the admin endpoints: people who have a role and a second factor, and nobody else; `needs` names the
    permission that they must have to look.

    The factor itself was asked for when the token was made (`oauth.Authorize`); an app cannot give it again, so the
    lane of abuse and terror stays in the panel.
    """

    needs = "decide"
    standing = Standing()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let staff in."""
        super().initial(request, *args, **kwargs)
        if self.principal is None or self.viewer.account is None:
            return
        self.standing = roles.standing(self.me.pk, now=self.now)
        if not self.standing.may(self.needs):
            raise NotAllowed
        if not second_factor.is_set_up(self.me):
            raise NotAllowed("This needs a second factor; set one up at /accounts/2fa/")

    def listed(self, sought: Sought) -> HttpResponse:
        """Answer a page of accounts."""
        page = self.page(default=100, maximum=200)
        found = staff.accounts(page, sought)
        self.reads([one.account.pk for one in found], "a list of accounts")
        full = len(found) == page.limit
        return self.paged(
            admin_entities.accounts(found, self.viewer),
            page,
            first=found[0].account.pk if found else None,
            last=found[-1].account.pk if full else None,
        )

    def account(self, account_id: int) -> HttpResponse:
        """Show an account as it stands now."""
        found = staff.account(account_id)
        self.reads([found.account.pk], "an account")
        return self.render(admin_entities.accounts([found], self.viewer)[0])

    def reads(self, whose: Iterable[int], asked: str) -> None:
        """Write down whose addresses this answer has: each answer of this API has some, and each reading is a row."""
        reading.read(whose, what=reading.ADDRESSES, why=f"an app asked for {asked}", by=self.me, now=self.now)


class AccountsAsOf4(StaffView):
    """GET /api/v2/admin/accounts"""

    @endpoint(
        scope="admin:read:accounts",
        answers=list[AdminAccount],
        paged=True,
        query=(
            "origin",
            "status",
            "permissions",
            "role_ids[]",
            "invited_by",
            "username",
            "display_name",
            "email",
            "ip",
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        """List accounts, the newest first. Nobody is remote here, and addresses of networks are not searched."""
        asked = request.query_params
        if asked.get("origin") == "remote" or asked.get("ip"):
            return self.render([])
        sought = Sought(
            state=asked.get("status", "") if asked.get("status") in STATES else "",
            username=asked.get("username", ""),
            display_name=asked.get("display_name", ""),
            email=asked.get("email", ""),
            staff=asked.get("permissions") == "staff",
            roles=_roles(request),
            invited_by=ids.parse(asked.get("invited_by", "")),
        )
        return self.listed(sought)


class Accounts(StaffView):
    """GET /api/v1/admin/accounts"""

    @endpoint(
        scope="admin:read:accounts",
        answers=list[AdminAccount],
        paged=True,
        query=(*STATES, "username", "display_name", "email", "staff"),
    )
    def get(self, request: Request) -> HttpResponse:
        """List accounts, the newest first."""
        asked = request.query_params
        sought = Sought(
            state=next((state for state in STATES if self.flag(state)), ""),
            username=asked.get("username", ""),
            display_name=asked.get("display_name", ""),
            email=asked.get("email", ""),
            staff=self.flag("staff") or asked.get("permissions") == "staff",
        )
        return self.listed(sought)


class Account(StaffView):
    """GET /api/v1/admin/accounts/:id"""

    @endpoint(scope="admin:read:accounts", answers=AdminAccount)
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """Show an account."""
        return self.account(self.id_of(account_id))

    @endpoint(scope="admin:write:accounts", answers=AdminAccount)
    def delete(self, request: Request, account_id: str) -> HttpResponse:
        """Refuse: nobody deletes somebody else's account here, they may appeal and take their data with them."""
        staff.account(self.id_of(account_id))
        raise NotAllowed("Nobody deletes somebody else's account here; suspend it, with reasons")


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

    needs = "sign_ups"

    @endpoint(scope="admin:write:accounts", answers=AdminAccount)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Let somebody in who waits."""
        found = staff.account(self.id_of(account_id)).account
        require_none_with(self.me, found.pk)
        approval.approve(account=found, now=self.now)
        return self.account(found.pk)


class RejectForm(serializers.Serializer[dict[str, Any]]):
    """Why somebody is turned away; they read it."""

    text = serializers.CharField(required=False, allow_blank=True, default="")


class Reject(StaffView):
    """POST /api/v1/admin/accounts/:id/reject"""

    needs = "sign_ups"

    @endpoint(scope="admin:write:accounts", answers=AdminAccount, body=RejectForm)
    def post(self, request: Request, account_id: str) -> HttpResponse:
        """Turn somebody away who waits, with the reason in `text`."""
        found = staff.account(self.id_of(account_id))
        require_none_with(self.me, found.account.pk)
        self.reads([found.account.pk], "an account")
        shown = admin_entities.accounts([found], self.viewer)[0]
        approval.reject(account=found.account, because=self.valid(RejectForm)["text"], now=self.now)
        return self.render(shown)
