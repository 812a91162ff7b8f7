"""What many speak of is counted by the clock and shown to an application (Mastodon.py)."""

from __future__ import annotations

import pytest
from mastodon import Mastodon

from feed.queries.trends import FRESH
from feed.schedule import USAGE_SECONDS
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.long]

SLACK = 30.0  # seconds that a busy machine may take
COUNTED = USAGE_SECONDS + FRESH + SLACK  # the clock's next count, and how long a process shows its copy


def test_a_hashtag_and_a_link_of_three_people_trend(ann: Mastodon, ben: Mastodon, cleo: Mastodon) -> None:
    address = "https://news.example/eclipse"
    for person in (ann, ben, cleo):
        person.status_post(f"Look up! #Eclipse {address}")

    tags = until(ann.trending_tags, bool, seconds=COUNTED, pause=5)
    assert [(tag.name, int(tag.history[0].accounts)) for tag in tags] == [("Eclipse", 3)]
    assert [tag.name for tag in ann.trends()] == ["Eclipse"]
    links = until(ann.trending_links, bool, seconds=COUNTED, pause=5)
    assert [(link.url, int(link.history[0].uses)) for link in links] == [(address, 3)]
    shared = ann.timeline_link(address)
    assert {post.account.acct for post in shared} == {"ann", "ben", "cleo"}
