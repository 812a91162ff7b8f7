"""The pages behind a post's and a hashtag's address, which apps open when somebody shares a link; and how
discover works."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from feed import plots
from feed.api import presenter
from feed.facts import PostFacts
from feed.post_types import quote
from feed.post_types.poll import PollFacts
from feed.queries import about, posts, search, timelines
from feed.queries import pools as published
from feed.ranking.changelog import CHANGES
from feed.ranking.formula import NEWEST
from feed.ranking.shares import Shares
from upscrolled.api.attachments import attachment
from upscrolled.core import ids
from upscrolled.core.errors import NotFound
from upscrolled.core.paging import Page
from upscrolled.viewer import Viewer
from upscrolled.visibility import is_covered

SHOWN = 20
POOLS_SHOWN = 10


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


@require_safe
def about_feed(request: HttpRequest) -> HttpResponse:
    """Say how discover works: the formula, its constants, the last pools, who gets shown."""
    now = datetime.now(UTC)
    shown = about.who_is_shown(now=now)
    facts = {
        "w": NEWEST,
        "constants": [("version", NEWEST.version), *NEWEST.constants().items()],
        "changes": [
            {"version": change.version, "on": change.on, "sentence": _(change.sentence)} for change in CHANGES
        ],
        "pools": [
            {"frozen_at": row.frozen_at, "posts": said.posts, "digest": said.digest.hex()}
            for said, row in published.listed(published.ALL, below=None, limit=POOLS_SHOWN)
        ],
        "audit": next(iter(published.audited(published.ALL, limit=1)), None),
        "shares": shown,
        "plots": _plots(shown),
    }
    return render(request, "feed/about_feed.html", facts)


def _plots(shown: Shares) -> list[plots.Plot]:
    ages = [_("under 1 h"), _("1 to 6 h"), _("6 to 24 h"), _("1 to 2 days"), _("older")]
    lanes = [_("popular lane"), _("fresh lane")]
    return [
        plots.bars(
            _("Share of places by worth: the tenth of the pool that holds the least tickets first"),
            [str(tenth + 1) for tenth in range(len(shown.tenths))],
            shown.tenths,
        ),
        plots.bars(_("Share of places by age"), ages, shown.ages),
        plots.bars(_("The pool itself by age"), ages, shown.pool_ages),
        plots.bars(
            _("Share of places by lane"), lanes, [1 - shown.fresh if shown.posts else 0.0, shown.fresh]
        ),
    ]


def _viewer(request: HttpRequest) -> Viewer:
    return Viewer(request.user if request.user.is_authenticated else None)


def _shown(found: PostFacts, viewer: Viewer) -> dict[str, object]:
    """What the template asks for. The text was escaped when it was written (`core.markup.to_html`)."""
    media = found.attached.get("media", ())
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
        "media": [attachment(each, to=viewer, now=datetime.now(UTC)) for each in media],
        "sensitive": found.sensitive or is_covered(found, media),
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
