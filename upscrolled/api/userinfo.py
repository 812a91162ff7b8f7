"""Who signed in, in the words of OpenID: for sites that let people in with their account here."""

from __future__ import annotations

import msgspec
from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import queries
from upscrolled.api import entities
from upscrolled.api.base import ClientView, endpoint


class UserInfoEntity(msgspec.Struct, kw_only=True):
    """A person as other sites know one (OpenID Connect, standard claims). No e-mail address: nobody asked for it."""

    iss: str
    sub: str
    name: str
    preferred_username: str
    profile: str
    picture: str


class UserInfo(ClientView):
    """GET and POST /oauth/userinfo"""

    @endpoint(scope="profile", answers=UserInfoEntity)
    def get(self, request: Request) -> HttpResponse:
        """Tell an application whose token it holds."""
        return self._told()

    @endpoint(scope="profile", answers=UserInfoEntity, always=True)
    def post(self, request: Request) -> HttpResponse:
        """The same, for programs that ask by POST, as OpenID lets them."""
        return self._told()

    def _told(self) -> HttpResponse:
        person = entities.account(queries.fresh_person(self.viewer, self.viewer.id))
        return self.render(
            UserInfoEntity(
                iss=f"{settings.PUBLIC_URL}/",
                sub=person.uri,
                name=person.display_name,
                preferred_username=person.username,
                profile=person.url,
                picture=person.avatar,
            )
        )
