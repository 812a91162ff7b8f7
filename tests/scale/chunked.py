"""Deliver a post as those of authors with very many followers are: rows in pieces, by a cursor of the server."""

from __future__ import annotations

import django

django.setup()

from datetime import UTC, datetime  # noqa: E402  # Django must be set up first

from feed import tasks  # noqa: E402
from feed.operations.publish import Draft, publish_post  # noqa: E402
from feed.timelines import delivery  # noqa: E402
from upscrolled.models import Account  # noqa: E402

delivery.MANY = 0
publish_post(author=Account.objects.get(username="alice"), draft=Draft("to very many"), now=datetime.now(UTC))
print(tasks.deliver_owed())
