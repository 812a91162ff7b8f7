"""What templates of the panel ask for: a word by its family and name, the title of a policy."""

from __future__ import annotations

from typing import Any

from django.template import Library

from moderation.panel.render import language
from moderation.queries.desk import Voice
from moderation.wording import of

register = Library()


@register.simple_tag(takes_context=True)
def word(context: dict[str, Any], family: str, name: str) -> str:
    """Return the word of a family (lane, state, action …), or the name where there is none."""
    return str(context["w"].get(f"{family}_{name}", name))


@register.simple_tag
def policy_title(key: str) -> str:
    """Return the title of a policy in the reader's language; a policy of the site's own has its key."""
    texts = of(language()).POLICIES.get(key)
    return str(texts[0]) if texts else key


@register.simple_tag(takes_context=True)
def voice_record(context: dict[str, Any], voice: Voice) -> str:
    """Say how somebody's earlier reports were decided."""
    return str(context["w"]["voice_record"]).format(upheld=voice.upheld, refused=voice.refused)
