"""How much happened here lately, week by week."""

from __future__ import annotations

from datetime import UTC, datetime, time

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request

from upscrolled import weeks
from upscrolled.api.base import ClientView, endpoint


class WeekOfActivity(msgspec.Struct, kw_only=True):
    """The numbers of a week, as text; `week` is its first second in Unix time."""

    week: str
    statuses: str
    logins: str
    registrations: str


class Activity(ClientView):
    """GET /api/v1/instance/activity"""

    @endpoint(who="anyone", answers=list[WeekOfActivity])
    def get(self, request: Request) -> HttpResponse:
        """Tell how many posts, people and sign-ups the last twelve weeks had; counted once an hour."""
        return self.render(
            [
                WeekOfActivity(
                    week=str(int(datetime.combine(week.starts_on, time(), UTC).timestamp())),
                    statuses=str(week.posts),
                    logins=str(week.logins),
                    registrations=str(week.registrations),
                )
                for week in weeks.latest(self.now)
            ]
        )
