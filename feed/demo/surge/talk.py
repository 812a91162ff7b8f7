"""Who posts, answers and shares in the surge world, as numbers: the texts come when the rows are written.

Posts are numbered in the order of their time, and the place of a number within its twenty says what it is: so a
reply or share finds what it is about by arithmetic, and nobody has to look for it.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

from upscrolled.core import ids
from upscrolled.demo import bulk
from upscrolled.demo.surge import DAY_MS, FAMOUS, HOST, LUCKY, NAMED, Surge, at_day, over_days

# Of twenty posts: seven public, one for fewer people, seven replies, five shares.
EVERY, PUBLIC, QUIET, REPLY, SHARE = 20, 7, 7, 8, 15
# Of the replies four answer a post, two such a reply, one a reply to a reply: (slots, slots above, block from which).
_DEPTHS = (
    (range(8, 12), range(0, 7), 0),
    (range(12, 14), range(8, 12), 14),
    (range(14, 15), range(12, 14), 21),
)
QUIET_MS = 3_600_000  # nobody says anything in the first hour
FIRST = 280  # before these the site has too little to answer to: everything is a post
NEAR = 3_000  # people answer and share what was written lately: one of so many public posts
TALKATIVE = 0.7  # of what is said, how much comes from the talkative
FAMOUS_POSTS = 200
THREAD, THREAD_WIDE, CHAIN = 10_000, 0.6, 100
THREAD_HOURS, LUCKY_HOURS = 12, 8
SPECIAL = 1 << 15  # ids of the heavy cases have this bit; those of the numbered posts do not


def thread_size(surge: Surge) -> int:
    """How many replies the heavy thread has: ten thousand, fewer only in a very small world."""
    return min(THREAD, surge.posts // 10)


def draw(surge: Surge) -> int:
    """Draw the time and the author of each post: more posts where more people were, some people much more."""
    joined = surge.joined()
    numbered = surge.posts - thread_size(surge) - FAMOUS_POSTS - 2
    people = [(low + high) / 2 for low, high in pairwise(joined)]
    edges = [0.0, *(numbered * made / sum(people) for made in accumulate(people))]
    # The first have little to answer to: their deeper replies answer a post after all.
    slot = f"""CASE WHEN n < {FIRST} THEN 0 WHEN n < {21 * EVERY} AND n % {EVERY} IN (12, 13) THEN {REPLY}
      WHEN n < {22 * EVERY} AND n % {EVERY} = 14 THEN {REPLY} ELSE n % {EVERY} END"""
    bulk.keep(
        "timed",
        f"""SELECT n, slot::int AS slot, {surge.begins_ms} + greatest(floor({DAY_MS} * days)::bigint, {QUIET_MS}) AS ms,
          greatest({at_day(joined, "days")} - {len(NAMED)}, 1) AS there
        FROM (SELECT n::int AS n, {over_days(edges, "n")} AS days, {slot} AS slot
              FROM generate_series(0::bigint, {numbered - 1}) n OFFSET 0) drawn""",
    )
    chance = surge.chance("t.n", 31)
    newcomer = f"{len(NAMED)} + floor(t.there * {chance})::int"
    made = bulk.keep(
        "said",
        f"""SELECT s.n, (s.ms << {ids.LOW_BITS}) | (s.n & 32767) AS id, s.slot, p.n AS author, p.id AS author_id, p.language
        FROM (
          SELECT t.*, coalesce(talker.swap, {newcomer}) AS one FROM scratch.timed t
          LEFT JOIN scratch.person talker ON talker.n =
            CASE WHEN {surge.chance("t.n", 30)} < {TALKATIVE} THEN {len(NAMED)} + floor(t.there / 2 * {chance} * {chance})::int END
        ) s
        JOIN scratch.person p ON p.n = one - (one % 100 = 99)::int
        ORDER BY s.n""",
    )
    bulk.run("CREATE UNIQUE INDEX ON scratch.said (n)")
    bulk.keep(
        "special",
        f"""SELECT (({surge.begins_ms} + (k + 1) * {14 * DAY_MS // (FAMOUS_POSTS + 1)}) << {ids.LOW_BITS}) | {SPECIAL} AS id,
          k::int AS n, p.id AS author_id, p.language FROM generate_series(0::bigint, {FAMOUS_POSTS - 1}) k
        JOIN scratch.person p ON p.n = {FAMOUS}
        UNION ALL
        SELECT {_hours_ago(surge, THREAD_HOURS)}, -1, id, language FROM scratch.person WHERE n = {HOST}
        UNION ALL
        SELECT {lucky_id(surge)}, -2, id, language FROM scratch.person WHERE n = {LUCKY}""",
    )
    return made


def lucky_id(surge: Surge) -> int:
    """The post that a fifth of everybody likes."""
    return _hours_ago(surge, LUCKY_HOURS)


def _hours_ago(surge: Surge, hours: int) -> int:
    return (surge.until_ms - hours * 3_600_000) << ids.LOW_BITS | SPECIAL


def connect(surge: Surge) -> int:
    """Draw what each reply answers and each share shares, and which post began the thread (`root_id`).

    Threads have a depth of three. One person shares a post once.
    """
    bulk.run(
        """CREATE UNLOGGED TABLE scratch.reply (n int, id bigint, author_id bigint, language int,
          parent_id bigint, parent_author_id bigint, parent_author int, root_id bigint)"""
    )
    bulk.run("CREATE INDEX ON scratch.reply (n)")
    with bulk.probing():
        return _draw_replies(surge) + _draw_shares(surge)


def _draw_replies(surge: Surge) -> int:
    made = 0
    for depth, (slots, above, since) in enumerate(_DEPTHS):
        of_these = f"slot BETWEEN {slots[0]} AND {slots[-1]}"
        made += bulk.run(
            f"""INSERT INTO scratch.reply
            SELECT s.n, s.id, s.author_id, s.language, p.id, p.author_id, p.author, coalesce(r.root_id, p.id)
            FROM ({_choosing(surge, of_these, above, since, salt=40 + depth)}) s
            JOIN scratch.said p ON p.n = s.chosen LEFT JOIN scratch.reply r ON r.n = p.n"""
        )
        bulk.run("ANALYZE scratch.reply")
    return made


def _draw_shares(surge: Surge) -> int:
    of_these = f"slot >= {SHARE}"
    return bulk.keep(
        "share",
        f"""SELECT n, id, author_id, original_id, original_author_id FROM (
          SELECT s.n, s.id, s.author_id, p.id AS original_id, p.author_id AS original_author_id,
            row_number() OVER (PARTITION BY s.author_id, p.id ORDER BY s.n) AS again
          FROM ({_choosing(surge, of_these, range(PUBLIC), 0, salt=50)}) s
          JOIN scratch.said p ON p.n = s.chosen
        ) shares WHERE again = 1""",
    )


def _choosing(surge: Surge, of_these: str, above: range, since: int, *, salt: int) -> str:
    """Return SQL for posts with `chosen`, the number of an earlier post that has one of the places `above`.

    Rather a late one; and many choose the same: some choices are rounded down, to whole eights or more.
    """
    there = f"(n / {EVERY} - {since}) * {len(above)}"
    chance, crowd = surge.chance("n", salt), surge.chance("n", salt + 100)
    return f"""SELECT *, ({since} + o / {len(above)}) * {EVERY} + {above[0]} + o % {len(above)} AS chosen FROM (
        SELECT *, late - late % (CASE WHEN crowd < 0.02 THEN 1024 WHEN crowd < 0.1 THEN 128
                                 WHEN crowd < 0.4 THEN 8 ELSE 1 END) AS o
        FROM (SELECT *, {crowd} AS crowd, {there} - 1 - floor(least({there}, {NEAR}) * {chance} * {chance})::int AS late
              FROM scratch.said WHERE {of_these} OFFSET 0) drawn) rounded"""


def draw_thread(surge: Surge) -> int:
    """Draw ten thousand answers to one post: six of ten to the post itself, the others in chains of a hundred."""
    size = thread_size(surge)
    wide = int(size * THREAD_WIDE)
    root = _hours_ago(surge, THREAD_HOURS)
    begins, pause = surge.until_ms - THREAD_HOURS * 3_600_000, (THREAD_HOURS - 2) * 3_600_000 // size
    bulk.keep(
        "thread",
        f"""SELECT j, (({begins} + (j + 1) * {pause}) << {ids.LOW_BITS}) | {SPECIAL} | (j & {SPECIAL - 1}) AS id,
          CASE WHEN j < {wide} THEN NULL WHEN (j - {wide}) % {CHAIN} = 0 THEN (j - {wide}) / {CHAIN} ELSE j - 1 END AS parent,
          p.n AS author, p.id AS author_id, p.language
        FROM (SELECT j, {len(NAMED)} + floor({surge.joined()[-2]} * {surge.chance("j", 60)})::int AS one
              FROM generate_series(0::bigint, {size - 1}) j) drawn
        JOIN scratch.person p ON p.n = one - (one % 100 = 99)::int""",
    )
    return bulk.run(
        f"""INSERT INTO scratch.reply
        SELECT -1 - t.j, t.id, t.author_id, t.language, coalesce(u.id, {root}),
          coalesce(u.author_id, host.id), coalesce(u.author, {HOST}), {root}
        FROM scratch.thread t LEFT JOIN scratch.thread u ON u.j = t.parent
        CROSS JOIN (SELECT id FROM scratch.person WHERE n = {HOST}) host ORDER BY t.j"""
    )
