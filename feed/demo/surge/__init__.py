"""The posts of the surge world (`upscrolled/demo/surge.py`): all that was said, liked, shared, counted and told."""

from __future__ import annotations

from feed.demo.surge import counts, likes, posts, talk
from feed.models import Candidate, Like, Post, PostCounters, PostTag, PostWords, Tag, TagDay
from upscrolled.demo.progress import Step
from upscrolled.demo.surge import Surge

TABLES = tuple(
    model._meta.db_table for model in (Post, PostCounters, Candidate, Like, Tag, PostTag, TagDay, PostWords)
)


def steps(surge: Surge) -> list[Step]:
    """Return what makes the posts, in order; `scratch.person` must be there."""
    return [
        Step("what may be said", lambda: posts.prepare(surge)),
        Step("who posts, and when", lambda: talk.draw(surge)),
        Step("who answers and shares what", lambda: talk.connect(surge)),
        Step("the heavy thread", lambda: talk.draw_thread(surge)),
        Step("posts", lambda: posts.write_originals(surge)),
        Step("replies", lambda: posts.write_replies(surge)),
        Step("shares", posts.write_shares),
        Step("posts in the order of their time", posts.lay_in_order),
        Step("hashtags of posts", posts.write_tags),
        Step("words of posts", posts.write_words),
        Step("hashtags by day", posts.write_tag_days),
        Step("who likes what: drawn", lambda: likes.draw(surge)),
        Step("who likes what: in their order", likes.write),
        Step("numbers of each post", counts.write_posts),
        Step("places in discover", counts.write_candidates),
        Step("posts of each account", counts.write_accounts),
        Step("who is told of likes, shares and replies", lambda: counts.write_news(surge)),
    ]
