"""From the facts of a page to the entities that clients show, as the viewer may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings

from feed import post_types
from feed.api import filtered, policies
from feed.api.entities import Mention, Quote, Status, StatusTag
from feed.facts import PostFacts
from feed.filters import Filters
from feed.queries import filters
from upscrolled.api import attachments
from upscrolled.api import entities as ground
from upscrolled.api.attachments import MediaAttachment
from upscrolled.api.entities import VISIBILITY, Account, profile_url, stamp, stamp_of_id, tag_url
from upscrolled.core import languages, text
from upscrolled.media.shown import MediaFacts
from upscrolled.viewer import Viewer
from upscrolled.visibility import is_covered

_OWN_LINK = f'href="{settings.PUBLIC_URL}/'
# States of a quote in which the quoted post may be shown; one that is muted opens at a wish.
_SHOWN = frozenset({"accepted", "muted_account"})


class Presenter:
    """Turns the posts of one page into entities; each person is rendered once a page."""

    __slots__ = ("_accounts", "_filters", "_mentions", "_now", "_quoting", "viewer")

    def __init__(self, viewer: Viewer, *, mine: Filters | None = None) -> None:
        """`mine` are the viewer's filters, for whoever knows them already."""
        self.viewer = viewer
        self._filters = filters.of(viewer) if mine is None else mine
        self._now = datetime.now(UTC)
        self._accounts: dict[int, Account] = {}
        self._mentions: dict[int, Mention] = {}
        self._quoting = False

    def account(self, account_id: int) -> Account:
        """Return the entity of somebody loaded for this page."""
        shown = self._accounts.get(account_id)
        if shown is None:
            shown = self._accounts[account_id] = ground.account(self.viewer.person(account_id))
        return shown

    def statuses(self, posts: list[PostFacts]) -> list[Status]:
        """Return the entities of a page."""
        return [self.status(post) for post in posts]

    def status(self, post: PostFacts) -> Status:
        """Return the entity of a post, with what it shares."""
        original = post.original
        counted = original or post  # a share shows the numbers and marks of what it shares
        viewer = self.viewer
        author = viewer.person(post.author_id)
        url = f"{profile_url(author.username)}/{post.id}"
        status = Status(
            id=str(post.id),
            uri=url,
            url=url,
            created_at=stamp_of_id(post.id),
            edited_at=stamp(post.edited_at),
            account=self.account(post.author_id),
            content=html(counted.html),
            visibility=VISIBILITY[post.audience],
            sensitive=counted.sensitive or is_covered(counted, counted.attached.get("media", ())),
            spoiler_text=counted.warning,
            language=languages.written(counted.language) or None,
            in_reply_to_id=str(post.in_reply_to_id) if post.in_reply_to_id else None,
            in_reply_to_account_id=(
                str(post.in_reply_to_account_id) if post.in_reply_to_account_id else None
            ),
            mentions=[self._mention(account_id) for account_id in counted.mentions],
            tags=[_status_tag(name) for name in counted.tags],
            reblogs_count=counted.reposts,
            favourites_count=counted.likes,
            replies_count=counted.replies,
            quotes_count=counted.quotes,
            quote_approval=policies.quote_approval(counted, viewer),
            application=policies.application(counted, viewer),
            upscrolled=policies.extension(counted, viewer),
            reblog=self.status(original) if original is not None else None,
        )
        if counted.parts:
            for name, value in post_types.show(counted, counted.parts, self).items():
                setattr(status, name, value)
        if viewer.account is not None:
            status.favourited = counted.liked
            status.reblogged = counted.reposted
            status.bookmarked = counted.bookmarked
            status.muted = counted.muted
            met = filters.matches(self._filters, post, context=None, now=self._now)
            status.filtered = [filtered.result(match) for match in met]
            if post.author_id == viewer.id:
                status.pinned = post.pinned
        return status

    @staticmethod
    def stamp(moment: datetime | None) -> str | None:
        """Write a moment as the API does."""
        return stamp(moment)

    @staticmethod
    def picture(name: str) -> str:
        """Return the address of a stored picture."""
        return ground.picture_url(name)

    def attachment(self, media: MediaFacts) -> MediaAttachment:
        """Return the entity of a photo, video or sound."""
        return attachments.attachment(media, to=self.viewer, now=self._now)

    def quote(self, state: str, post: PostFacts) -> Quote:
        """Return what a post quotes, in this state for the viewer; within a quote, no more than its id."""
        if self._quoting:
            shown = str(post.quote_of_id) if post.quote_of_id and state in _SHOWN else None
            return Quote(state=state, quoted_status_id=shown)
        if post.quoted is None or state not in _SHOWN:
            return Quote(state=state, quoted_status=None)
        self._quoting = True
        try:
            return Quote(state=state, quoted_status=self.status(post.quoted))
        finally:
            self._quoting = False

    def _mention(self, account_id: int) -> Mention:
        shown = self._mentions.get(account_id)
        if shown is None:
            username = self.viewer.person(account_id).username
            shown = self._mentions[account_id] = Mention(
                id=str(account_id), username=username, url=profile_url(username), acct=username
            )
        return shown


def html(stored: str) -> str:
    """Give a stored text the site's address: our own links are kept without it.

    Whatever a person typed is escaped, so `href="/` occurs in our own links only.
    """
    return stored.replace('href="/', _OWN_LINK)


@lru_cache(maxsize=8_192)
def _status_tag(display: str) -> StatusTag:
    """Show it in small letters, by which applications find it in the text again; `Tag` entities show the spelling."""
    return StatusTag(name=display.lower(), url=tag_url(text.tag_name(display)))


def status(post: PostFacts, viewer: Viewer) -> Status:
    """Return the entity of one post."""
    return Presenter(viewer).status(post)
