"""The rules of the house, as the site's description and a page of their own tell them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api.base import ClientView, endpoint
from upscrolled.shedding import Importance


class RuleTranslation(msgspec.Struct, kw_only=True):
    """A rule in another language."""

    text: str
    hint: str


class Rule(msgspec.Struct, kw_only=True):
    """A rule of the house, in English and in what other languages there are."""

    id: str
    text: str
    hint: str = ""
    translations: dict[str, RuleTranslation] = {}


class Rules(ClientView):
    """GET /api/v1/instance/rules"""

    @endpoint(who="anyone", answers=list[Rule], importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """List the rules of the house."""
        return self.render(in_force(self.now))


def in_force(now: datetime) -> list[Rule]:
    """Return the rules that hold at this moment."""
    return [_rule(rule) for rule in queries.house_rules(now)]


def _rule(rule: queries.Rule) -> Rule:
    return Rule(
        id=str(rule.id),
        text=rule.texts.get("en", ""),
        hint=rule.hints.get("en", ""),
        translations={
            language: RuleTranslation(text=written, hint=rule.hints.get(language, ""))
            for language, written in rule.texts.items()
        },
    )
