"""Posts of the surge world with their texts and hashtags, as the operations would have written them."""

from __future__ import annotations

from random import Random

from feed.demo import words
from feed.demo.arabic import ARABIC
from feed.demo.english import ENGLISH
from feed.demo.french import FRENCH
from feed.demo.surge.talk import FIRST, PUBLIC, QUIET
from feed.finding import postgres
from feed.models import Post, PostTag, PostWords, Tag, TagDay
from upscrolled.core import ids, markup, text
from upscrolled.core.words import words as looked_for
from upscrolled.demo import bulk
from upscrolled.demo.surge import Surge
from upscrolled.models import Audience

TAG = "surge"
TAGGED = 0.25  # of the posts, those that carry the heavy hashtag: a million
NAMING = 0.6  # of the replies, those that name whom they answer
UNLISTED = 0.5  # of what is not public
_LANGUAGES = (("en", ENGLISH), ("ar", ARABIC), ("fr", FRENCH))  # as `scratch.person.language` counts
_SAID, _ANSWERED = 1_500, 400  # different texts in each language
_SOMEBODY = "whoever_is_named"


def prepare(surge: Surge) -> int:
    """Write down what may be said in each language, and the hashtags in it."""
    rng = Random(surge.seed)
    rows = [
        (kind * 100_000 + language * 10_000 + number, *_read(said))
        for language, (_, known) in enumerate(_LANGUAGES)
        for kind, texts in enumerate(_texts(known, rng))
        for number, said in enumerate(texts)
    ]
    bulk.run(
        "CREATE UNLOGGED TABLE scratch.phrase (key int, text text, html text, tags text[], names text[], words tsvector)"
    )
    bulk.copy("scratch.phrase", ("key", "text", "html", "tags", "names", "words"), rows)
    bulk.run("ANALYZE scratch.phrase")
    bulk.insert(
        Tag,
        {"name": "t.name", "display": "t.display"},
        """(SELECT DISTINCT ON (name) name, display FROM scratch.phrase p, unnest(p.names, p.tags) t (name, display)
            ORDER BY name, display) t""",
    )
    return len(rows)


def _texts(language: words.Words, rng: Random) -> tuple[list[str], ...]:
    posts = ["\n".join(_post(language, rng) for _ in range(rng.choice((1, 1, 2)))) for _ in range(_SAID)]
    replies = [words.reply(language, rng.choice(words.TOPICS), rng) for _ in range(_ANSWERED)]
    return (
        posts,
        [f"{post}\n#{TAG}" for post in posts],
        replies,
        [f"@{_SOMEBODY} {reply}" for reply in replies],
    )


def _post(language: words.Words, rng: Random) -> str:
    return words.post(language, rng.choice(words.TOPICS), rng)


def _read(said: str) -> tuple[str, str, list[str], list[str], str]:
    html = markup.to_html(
        said, mention_urls={_SOMEBODY: (f"/@{_SOMEBODY}", _SOMEBODY)}, tag_url=text.tag_path
    )
    tags = {tag.name: tag.display for tag in reversed(text.parse(said).hashtags)}
    found = list(reversed(tags.values()))
    names = [text.tag_name(display) for display in found]
    said_of = looked_for(said.replace(f"@{_SOMEBODY}", ""))  # whom a reply names stands in `mentions` alone
    return text.clean(said), html, found, names, postgres.tsvector([said_of], [f"#{name}" for name in names])


def _phrase(surge: Surge, number: str, kind: str, count: int, salt: int) -> str:
    """Return SQL for the key of what is said."""
    return f"({kind}) * 100000 + language * 10000 + floor({count} * {surge.chance(number, salt)})::int"


def write_originals(surge: Surge) -> int:
    """Write posts that answer nothing; `scratch.post` holds which ones are public, for discover."""
    kind = f"CASE WHEN {surge.chance('n', 70)} < {TAGGED} THEN 1 ELSE 0 END"
    quiet = f"CASE WHEN {surge.chance('n', 72)} < {UNLISTED} THEN 'unlisted' ELSE 'followers' END"
    bulk.keep(
        "post",
        f"""SELECT id, author_id, language, CASE slot WHEN {QUIET} THEN {quiet} ELSE 'public' END AS audience,
          {_phrase(surge, "n", kind, _SAID, 71)} AS key FROM scratch.said WHERE slot <= {PUBLIC} OR n < {FIRST}
        UNION ALL
        SELECT id, author_id, language, 'public', {_phrase(surge, "n + 1000000000", "0", _SAID, 71)} FROM scratch.special""",
    )
    given = {
        "id": "p.id",
        "author_id": "p.author_id",
        "audience": "p.audience",
        "text": "f.text",
        "html": "f.html",
        "language": _code("p.language"),
        "tags": "f.tags",
    }
    return bulk.insert(Post, given, "scratch.post p JOIN scratch.phrase f ON f.key = p.key")


def write_replies(surge: Surge) -> int:
    """Write replies; six of ten name whom they answer, and `scratch.answer` holds which."""
    bulk.keep(
        "answer",
        f"""SELECT r.*, {surge.chance("n", 73)} < {NAMING} AS naming,
          {_phrase(surge, "n", f"CASE WHEN {surge.chance('n', 73)} < {NAMING} THEN 3 ELSE 2 END", _ANSWERED, 74)} AS key
        FROM scratch.reply r ORDER BY r.id""",
    )
    bulk.run("DROP TABLE scratch.reply")
    given = {
        "id": "r.id",
        "author_id": "r.author_id",
        "audience": bulk.literal(Audience.PUBLIC.value),
        "text": f"replace(f.text, '{_SOMEBODY}', a.username)",
        "html": f"replace(f.html, '{_SOMEBODY}', a.username)",
        "language": _code("r.language"),
        "in_reply_to_id": "r.parent_id",
        "in_reply_to_account_id": "r.parent_author_id",
        "thread_id": "r.root_id",
        "mentions": "CASE WHEN r.naming THEN ARRAY[r.parent_author_id] ELSE '{}' END",
        "tags": "f.tags",
    }
    return bulk.insert(
        Post,
        given,
        """scratch.answer r JOIN scratch.phrase f ON f.key = r.key
        JOIN upscrolled_account a ON a.id = r.parent_author_id""",
    )


def write_shares() -> int:
    """Write shares."""
    given = {
        "id": "s.id",
        "author_id": "s.author_id",
        "audience": bulk.literal(Audience.PUBLIC.value),
        "repost_of_id": "s.original_id",
    }
    return bulk.insert(Post, given, "scratch.share s")


def lay_in_order() -> None:
    """Let posts, replies and shares lie as they came."""
    bulk.order(Post, "id")


def write_tags() -> int:
    """Enter each post under its hashtags."""
    return bulk.insert(
        PostTag,
        {"tag_id": "t.id", "post_id": "p.id"},
        """(SELECT id, key FROM scratch.post UNION ALL SELECT id, key FROM scratch.answer) p
        JOIN (SELECT f.key, g.id FROM scratch.phrase f JOIN feed_tag g ON g.name = ANY(f.names)) t ON t.key = p.key
        ORDER BY p.id""",
    )


def write_words() -> int:
    """Enter each post into the search."""
    traits = f"""array_to_tsvector(array_remove(ARRAY[
      '=from:' || p.author_id, '=language:' || {_code("p.language")}, '=has:' || p.has,
      '=month:' || to_char(to_timestamp((p.id >> {ids.LOW_BITS}) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM'),
      CASE p.audience WHEN 'public' THEN '=public' END], NULL))"""
    return bulk.insert(
        PostWords,
        {"post_id": "p.id", "words": f"f.words || {traits}"},
        """(SELECT id, author_id, language, audience, NULL AS has, key FROM scratch.post UNION ALL
            SELECT id, author_id, language, 'public', 'reply', key FROM scratch.answer) p
        JOIN scratch.phrase f ON f.key = p.key ORDER BY p.id""",
    )


def write_tag_days() -> int:
    """Count how often each hashtag was used on each day in public posts, and by how many people."""
    return bulk.insert(
        TagDay,
        {"tag_id": "d.tag_id", "day": "d.day", "uses": "d.uses", "people": "d.people"},
        """(SELECT t.tag_id, (to_timestamp((t.post_id >> 16) / 1000.0) AT TIME ZONE 'UTC')::date AS day,
              count(*) AS uses, count(DISTINCT p.author_id) AS people
            FROM feed_posttag t JOIN (
              SELECT id, author_id FROM scratch.post WHERE audience = 'public' UNION ALL
              SELECT id, author_id FROM scratch.answer) p ON p.id = t.post_id
            GROUP BY 1, 2) d""",
    )


def _code(language: str) -> str:
    return f"({bulk.literal([code for code, _ in _LANGUAGES])}::text[])[{language} + 1]"
