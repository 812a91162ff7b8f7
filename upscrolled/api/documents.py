"""The site's documents for clients: the body of the page of the same name, so that there is one text of each."""

from __future__ import annotations

from functools import lru_cache

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Engine
from django.template.loader_tags import BlockNode
from django.utils import translation
from rest_framework.request import Request

from upscrolled.api import tongues
from upscrolled.api.base import ClientView, endpoint

# When the texts last changed; clients show it beside them.
CHANGED = "2026-11-28"


class Document(msgspec.Struct, kw_only=True):
    """A text of the site as HTML (Mastodon API, ExtendedDescription and PrivacyPolicy)."""

    updated_at: str
    content: str


class ExtendedDescription(ClientView):
    """GET /api/v1/instance/extended_description"""

    @endpoint(who="anyone", answers=Document)
    def get(self, request: Request) -> HttpResponse:
        """Say who runs this and what it promises, in the language that Accept-Language asks for."""
        return _shown(self, request, "about.html")


class PrivacyPolicy(ClientView):
    """GET /api/v1/instance/privacy_policy"""

    @endpoint(who="anyone", answers=Document)
    def get(self, request: Request) -> HttpResponse:
        """Say what is kept of whom, in the language that Accept-Language asks for."""
        return _shown(self, request, "privacy.html")


def _shown(view: ClientView, request: Request, page: str) -> HttpResponse:
    language = tongues.wanted(request)
    entity = Document(updated_at=f"{CHANGED}T00:00:00.000Z", content=body(page, language))
    return tongues.told(view.render(entity), language)


@lru_cache(maxsize=16)
def body(page: str, language: str) -> str:
    """Return what stands between a page's header and footer, in a language of the site."""
    template = Engine.get_default().get_template(page)
    blocks = template.nodelist.get_nodes_by_type(BlockNode)
    main = next(block for block in blocks if getattr(block, "name", "") == "main")
    facts = {"site_name": settings.SITE_NAME, "contact_email": settings.CONTACT_EMAIL}
    context = Context({**facts, "ip_days": settings.IP_RETENTION_DAYS})
    bound = context.render_context.push_state(template), context.bind_template(template)
    with translation.override(language), bound[0], bound[1]:
        return str(main.render(context)).strip()
