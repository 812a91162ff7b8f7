"""The pages behind a post's and a hashtag's address: what apps open when somebody shares a link."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from feed.api import presenter
from feed.facts import PostFacts
from feed.post_types import quote
from feed.post_types.poll import PollFacts
from feed.queries import posts, search, timelines
from upscrolled.api.attachments import attachment
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer

SHOWN = 20


@require_safe
def post(request: HttpRequest, username: str, post_id: str) -> HttpResponse:
    """Show a post as this visitor may see it; hidden is not found."""
    viewer, number = _viewer(request), ids.parse(post_id)
    if number is None:
        raise Http404
    try:
        found = posts.get_original(viewer, number)
    except NotFound:
        raise Http404 from None
    shown = {**_shown(found, viewer), "quoted": _quoted(found, viewer)}
    return render(request, "feed/post.html", {"post": shown})


@require_safe
def tag(request: HttpRequest, name: str) -> HttpResponse:
    """Show the newest public posts with a hashtag."""
    viewer = _viewer(request)
    try:
        display = search.tag_display(name)
    except NotFound:
        raise Http404 from None
    filled = timelines.tag(viewer, Page(limit=SHOWN), name, some=[], every=[], none=[])
    shown = [{**_shown(found, viewer), "quoted": _quoted(found, viewer)} for found in filled.posts]
    return render(request, "feed/tag.html", {"tag": display, "posts": shown})


def _viewer(request: HttpRequest) -> Viewer:
    return Viewer(request.user if request.user.is_authenticated else None)


def _shown(found: PostFacts, viewer: Viewer) -> dict[str, object]:
    """What the template asks for. The text was escaped when it was written (`core.markup.to_html`)."""
    return {
        "author": viewer.person(found.author_id),
        "html": mark_safe(presenter.html(found.html)),
        "warning": found.warning,
        "language": found.language,
        "created_at": ids.created_at(found.id),
        "edited_at": found.edited_at,
        "path": f"/@{viewer.person(found.author_id).username}/{found.id}",
        "facts": found,
        "options": _options(found),
        "media": [attachment(each, now=datetime.now(UTC)) for each in found.attached.get("media", ())],
        "sensitive": found.sensitive or "sensitive" in found.restrictions,
    }


def _options(found: PostFacts) -> list[tuple[str, int | None]]:
    """The options of a post's poll, with how often each was chosen unless the poll hides that."""
    poll: PollFacts | None = found.attached.get("poll")
    if poll is None:
        return []
    counts = [None] * len(poll.votes) if poll.hides_totals else poll.votes
    return list(zip(poll.options, counts, strict=True))


def _quoted(found: PostFacts, viewer: Viewer) -> dict[str, object] | None:
    """What the post quotes, where this visitor may see it."""
    if found.quoted is None or quote.state(found, viewer) != "accepted":
        return None
    return _shown(found.quoted, viewer)
