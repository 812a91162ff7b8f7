"""Likes of the surge world: a few posts get very many, most get one or none."""

from __future__ import annotations

from feed.demo.surge.talk import lucky_id
from feed.models import Like
from upscrolled.core import ids
from upscrolled.demo import bulk
from upscrolled.demo.surge import LUCKY_SHARE, Surge, moment

STEEP = 1.25  # a post has at least k likes with a chance in proportion to k ** -STEEP
MOST = 50_000
TAIL = 6 * 3_600_000  # milliseconds after which a post has most of its likes


def draw(surge: Surge) -> int:
    """Draw who likes what: each post's likes come from as many strata of people, so nobody likes it twice."""
    most, lucky = min(MOST, surge.accounts // 10), round(surge.accounts * LUCKY_SHARE)
    likeable = bulk.keep(
        "likeable",
        """SELECT row_number() OVER (ORDER BY id) AS number, id, author_id FROM (
          SELECT id, author_id FROM scratch.post WHERE audience <> 'followers' UNION ALL
          SELECT id, author_id FROM scratch.answer) said""",
    )
    # The mean of floor(top * u ** (-1 / STEEP)), no more than `most`, is top ** STEEP * sum(k ** -STEEP).
    mean = (surge.likes - lucky) / likeable
    top = (mean / sum(k**-STEEP for k in range(1, most + 1))) ** (1 / STEEP)
    chance = surge.chance("number", 80)
    bulk.keep(
        "liked",
        f"""SELECT number, id, author_id, CASE id WHEN {lucky_id(surge)} THEN {lucky}
          ELSE least(floor({top} * power(1 - {chance}, {-1 / STEEP})), {most}) END::int AS wanted
        FROM scratch.likeable WHERE id = {lucky_id(surge)} OR {top} * power(1 - {chance}, {-1 / STEEP}) >= 1""",
    )
    low, high = (f"ceil({surge.accounts} * (({j}) / k))" for j in ("j", "j + 1"))
    drawn = f"floor({surge.accounts} * ((j + {surge.chance('l.number * 65536 + j', 81)}) / k))"
    tail = f"{TAIL} * ln(1 - {surge.chance('l.number * 65537 + p.n', 82)})"
    return bulk.keep(
        "mark",
        f"""SELECT l.id AS post_id, l.author_id, p.id AS account_id,
          least(greatest(l.id >> {ids.LOW_BITS}, p.joined) + 5000 + floor(-{tail})::bigint, {surge.until_ms - 1}) AS ms
        FROM (
          SELECT l.number, l.id, l.author_id, greatest({low}, least({drawn}, {high} - 1))::int AS who
          FROM (SELECT *, wanted::float8 AS k FROM scratch.liked) l
          CROSS JOIN LATERAL generate_series(0, l.wanted - 1) j
        ) l
        JOIN scratch.person p ON p.n = l.who AND p.confirmed AND p.id <> l.author_id
        ORDER BY ms, post_id, account_id""",
    )


def write() -> int:
    """Write the likes in the order of their time; `scratch.likes` holds how many each post has."""
    bulk.keep("likes", "SELECT post_id, count(*)::int AS likes FROM scratch.mark GROUP BY 1")
    given = {"post_id": "l.post_id", "account_id": "l.account_id", "created_at": moment("l.ms")}
    return bulk.insert(Like, given, "scratch.mark l")
