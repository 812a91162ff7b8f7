"""Lists of posts: home, public, hashtag, account."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from feed.api.entities import Status
from feed.api.presenter import Presenter
from feed.queries import filters, timelines
from feed.timelines.fill import Filled
from upscrolled.api import parsers
from upscrolled.api.base import ClientView, endpoint
from upscrolled.core.paging import Page
from upscrolled.shedding import Importance


class _Timeline(ClientView):
    def show(self, filled: Filled, page: Page) -> HttpResponse:
        """Render a page with its links."""
        entities = Presenter(self.viewer).statuses(filled.posts)
        return self.paged(entities, page, first=filled.first, last=filled.last)

    def _is_elsewhere(self) -> bool:
        """Whether only what other sites have is wanted: nothing. Who names both wants both."""
        return self.flag("remote") and not self.flag("local")


class Home(_Timeline):
    """The home timeline."""

    @endpoint(scope="read:statuses", answers=list[Status], paged=True, importance=Importance.CORE)
    def get(self, request: Request) -> HttpResponse:
        """Posts and shares by the people you follow and by you, strictly newest first."""
        page = self.page(default=20, maximum=40)
        wanted = filters.wanted(self.viewer, "home", now=self.now)
        return self.show(timelines.home(self.viewer, page, wanted=wanted), page)


class Public(_Timeline):
    """The public timeline."""

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=list[Status],
        paged=True,
        query=("local", "remote", "only_media"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request) -> HttpResponse:
        """Everything public, newest first. Nothing is remote."""
        page = self.page(default=20, maximum=40)
        if self._is_elsewhere():
            return self.paged([], page, first=None, last=None)
        return self.show(timelines.public(self.viewer, page, only_media=self.flag("only_media")), page)


class Hashtag(_Timeline):
    """The timeline of a hashtag."""

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=list[Status],
        paged=True,
        query=("any[]", "all[]", "none[]", "local", "remote", "only_media"),
        importance=Importance.EXTRA,
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """Public posts with this hashtag, newest first."""
        page = self.page(default=20, maximum=40)
        if self._is_elsewhere():
            return self.paged([], page, first=None, last=None)
        params = self.params()
        some, every, none = (
            parsers.texts(parsers.many(params.get(which)))[:4] for which in ("any", "all", "none")
        )
        filled = timelines.tag(
            self.viewer,
            page,
            name,
            some=some,
            every=every,
            none=none,
            only_media=self.flag("only_media"),
        )
        return self.show(filled, page)


class ListTimeline(_Timeline):
    """The timeline of a list, which filters take for a part of home."""

    @endpoint(scope="read:lists", answers=list[Status], paged=True)
    def get(self, request: Request, list_id: str) -> HttpResponse:
        """Posts and shares by the people on one of the viewer's lists, newest first."""
        page = self.page(default=20, maximum=40)
        wanted = filters.wanted(self.viewer, "home", now=self.now)
        return self.show(timelines.reading_list(self.viewer, page, self.id_of(list_id), wanted=wanted), page)


class AccountStatuses(_Timeline):
    """What one account published."""

    @endpoint(
        scope="read:statuses",
        who="anyone",
        answers=list[Status],
        paged=True,
        query=("exclude_replies", "exclude_reblogs", "only_media", "pinned", "tagged"),
    )
    def get(self, request: Request, account_id: str) -> HttpResponse:
        """What this account published, as far as the viewer may see it, newest first."""
        page = self.page(default=20, maximum=40)
        number = self.id_of(account_id)
        if self.flag("pinned"):
            found = timelines.pinned(self.viewer, number, limit=page.limit)
            return self.render(Presenter(self.viewer).statuses(found))
        filled = timelines.profile(
            self.viewer,
            page,
            number,
            replies=not self.flag("exclude_replies"),
            reposts=not self.flag("exclude_reblogs"),
            tag=request.query_params.get("tagged"),
            only_media=self.flag("only_media"),
        )
        return self.show(filled, page)
