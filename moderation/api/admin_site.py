"""The rest of Mastodon's admin API: e-mail domains, trends, and what this site does not do, which is said.

Trends are a public formula: staff see them as everybody does, and nobody lets anything in or takes it out by hand.
Addresses of networks and of people keep nobody out, so their lists are empty and nothing is put there. Figures are
public (`/api/v1/instance/activity`, moderation's reports); who came back when is not kept, so there are no cohorts.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from feed.api import entities as feed_entities
from feed.api import trends as shown
from feed.api.entities import Tag
from feed.api.trends import TrendsLink
from feed.queries import trends
from moderation.api.admin import StaffView
from upscrolled.api import entities as ground
from upscrolled.api.base import endpoint
from upscrolled.api.pagination import limit_of, offset_of
from upscrolled.api.signup import Empty
from upscrolled.core.errors import NotAllowed, NotFound
from upscrolled.operations import email_domains as verbs
from upscrolled.queries import email_domains


class StaffTag(Tag, kw_only=True):
    """A hashtag for moderators' apps (Mastodon API, Admin::Trends::Tag); nothing has to be reviewed here."""

    trendable: bool = True
    usable: bool = True
    requires_review: bool = False


class StaffLink(TrendsLink, kw_only=True):
    """A link for moderators' apps (Mastodon API, Admin::Trends::Link)."""

    requires_review: bool = False


class EmailDomainBlock(msgspec.Struct, kw_only=True):
    """A provider whose addresses may not sign up (Mastodon API, Admin::EmailDomainBlock)."""

    id: str
    domain: str
    created_at: str | None
    history: list[feed_entities.TagHistory] = []


class EmailDomainForm(serializers.Serializer[dict[str, Any]]):
    """Which domain; those below it are meant too."""

    domain = serializers.CharField(max_length=253)


class TrendingTags(StaffView):
    """GET /api/v1/admin/trends/tags"""

    @endpoint(scope="admin:read", answers=list[StaffTag], query=("limit", "offset"))
    def get(self, request: Request) -> HttpResponse:
        """List the hashtags that everybody sees as trends."""
        found = [
            feed_entities.tag(each.name, each.history) for each in _slice(self, trends.tags(now=self.now))
        ]
        return self.render([StaffTag(**_fields(each)) for each in found])


class TrendingLinks(StaffView):
    """GET /api/v1/admin/trends/links"""

    @endpoint(scope="admin:read", answers=list[StaffLink], query=("limit", "offset"))
    def get(self, request: Request) -> HttpResponse:
        """List the links that everybody sees as trends."""
        found = [shown.trending(each) for each in _slice(self, trends.links(now=self.now))]
        return self.render([StaffLink(**_fields(each)) for each in found])


class TrendingStatuses(StaffView):
    """GET /api/v1/admin/trends/statuses"""

    @endpoint(scope="admin:read", answers=list[Empty])
    def get(self, request: Request) -> HttpResponse:
        """List posts that wait to be let into the trends: none ever does, each viewer's are drawn by the formula."""
        return self.render([])


class Curate(StaffView):
    """POST /api/v1/admin/trends/…/:id/approve and …/reject"""

    @endpoint(scope="admin:write", answers=Empty)
    def post(self, request: Request, trend_id: str) -> HttpResponse:
        """Refuse: what trends is told by a public formula, and nobody adds to it or takes from it by hand."""
        raise NotAllowed("Trends follow a public formula; nobody approves or rejects them by hand")


class Figures(StaffView):
    """POST /api/v1/admin/measures, …/dimensions, …/retention"""

    @endpoint(scope="admin:read", answers=list[Empty], always=True)
    def post(self, request: Request) -> HttpResponse:
        """Answer with those of the named figures that are kept for this page: none. Figures are public."""
        return self.render([])


class Unused(StaffView):
    """GET, POST /api/v1/admin/ip_blocks and …/canonical_email_blocks"""

    @endpoint(scope="admin:read", answers=list[Empty])
    def get(self, request: Request) -> HttpResponse:
        """List blocked addresses: there are none."""
        return self.render([])

    @endpoint(scope="admin:write", answers=Empty)
    def post(self, request: Request) -> HttpResponse:
        """Refuse: nobody is kept out by an address, but by a decision with reasons."""
        raise NotAllowed("This site keeps nobody out by an address; decide about the account, with reasons")


class UnusedOne(StaffView):
    """GET, PUT, DELETE /api/v1/admin/ip_blocks/:id and …/canonical_email_blocks/:id"""

    @endpoint(scope="admin:read", answers=Empty)
    def get(self, request: Request, block_id: str) -> HttpResponse:
        """Find nothing: there are none."""
        raise NotFound

    @endpoint(scope="admin:write", answers=Empty)
    def put(self, request: Request, block_id: str) -> HttpResponse:
        """Find nothing: there are none."""
        raise NotFound

    @endpoint(scope="admin:write", answers=Empty)
    def delete(self, request: Request, block_id: str) -> HttpResponse:
        """Find nothing: there are none."""
        raise NotFound


class EmailDomains(StaffView):
    """GET, POST /api/v1/admin/email_domain_blocks"""

    @endpoint(scope="admin:read", answers=list[EmailDomainBlock], paged=True)
    def get(self, request: Request) -> HttpResponse:
        """List the domains whose addresses may not sign up."""
        page = self.page(default=100, maximum=200)
        found = email_domains.refused(page)
        full = len(found) == page.limit
        return self.paged(
            [_block(rule) for rule in found],
            page,
            first=found[0].pk if found else None,
            last=found[-1].pk if full else None,
        )

    @endpoint(scope="admin:write", answers=EmailDomainBlock, body=EmailDomainForm)
    def post(self, request: Request) -> HttpResponse:
        """Refuse addresses of a domain from now on; who has an account keeps it. For administrators."""
        _require_admin(self)
        because = f"By @{self.me.username}, through an app"
        rule = verbs.set_rule(
            domain=self.valid(EmailDomainForm)["domain"], action=verbs.REFUSE, because=because, now=self.now
        )
        return self.render(_block(rule))


class OneEmailDomain(StaffView):
    """GET, DELETE /api/v1/admin/email_domain_blocks/:id"""

    @endpoint(scope="admin:read", answers=EmailDomainBlock)
    def get(self, request: Request, block_id: str) -> HttpResponse:
        """Show one."""
        return self.render(_block(email_domains.refusal(self.id_of(block_id))))

    @endpoint(scope="admin:write", answers=Empty)
    def delete(self, request: Request, block_id: str) -> HttpResponse:
        """Let addresses of a domain sign up again. For administrators."""
        _require_admin(self)
        verbs.remove_rule(domain=email_domains.refusal(self.id_of(block_id)).domain)
        return self.render(Empty())


def _require_admin(view: StaffView) -> None:
    if not view.standing.may("site"):
        raise NotAllowed("This action is not allowed: only administrators may")


def _block(rule: Any) -> EmailDomainBlock:
    return EmailDomainBlock(id=str(rule.pk), domain=rule.domain, created_at=ground.stamp(rule.created_at))


def _slice(view: StaffView, found: Any) -> list[trends.Trend]:
    query = view.request.query_params
    offset, limit = offset_of(query.get("offset")), limit_of(query.get("limit"), default=10, maximum=20)
    return list(found)[offset : offset + limit]


def _fields(entity: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(entity)
