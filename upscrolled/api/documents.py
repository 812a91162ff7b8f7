"""The site's documents for clients: the body of the page of the same name, so that there is one text of each."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Engine
from django.template.loader_tags import BlockNode
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint

# When the texts last changed; clients show it beside them.
CHANGED = "2026-11-01"


class Document(msgspec.Struct, kw_only=True):
    """A text of the site as HTML (Mastodon API, ExtendedDescription and PrivacyPolicy)."""

    updated_at: str
    content: str


class ExtendedDescription(ClientView):
    """GET /api/v1/instance/extended_description"""

    @endpoint(who="anyone", answers=Document)
    def get(self, request: Request) -> HttpResponse:
        """Say who runs this and what it promises."""
        return self.render(Document(updated_at=f"{CHANGED}T00:00:00.000Z", content=body("about.html")))


class PrivacyPolicy(ClientView):
    """GET /api/v1/instance/privacy_policy"""

    @endpoint(who="anyone", answers=Document)
    def get(self, request: Request) -> HttpResponse:
        """Say what is kept of whom."""
        return self.render(Document(updated_at=f"{CHANGED}T00:00:00.000Z", content=body("privacy.html")))


@lru_cache(maxsize=8)
def body(page: str) -> str:
    """Return what stands between a page's header and footer, in English: the API speaks one language."""
    template = Engine.get_default().get_template(page)
    blocks = template.nodelist.get_nodes_by_type(BlockNode)
    main = next(block for block in blocks if getattr(block, "name", "") == "main")
    facts = {"site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL}
    context = Context({**facts, "ip_days": settings.IP_RETENTION_DAYS})
    with context.render_context.push_state(template), context.bind_template(template):
        return str(main.render(context)).strip()
