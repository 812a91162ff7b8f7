"""What stands between the people of the surge world, and what they were told of it."""

from __future__ import annotations

from upscrolled.demo import bulk
from upscrolled.demo.surge.story import (
    ACTIVE,
    BLOCKS,
    FAMOUS,
    FAMOUS_SHARE,
    MUTES,
    NAMED,
    TOLD,
    Surge,
    moment,
)
from upscrolled.models import AccountCounters, Block, Follow, Mute, Notification


def draw_follows(surge: Surge) -> int:
    """Who follows whom: the more popular somebody is, the more of everybody's choices they are.

    Each one's choices come from as many strata of popularity, so nobody is chosen twice by the same person.
    """
    people = surge.accounts - len(NAMED)
    low, high = (f"ceil({people} * (({j}) / w) * (({j}) / w) * (({j}) / w))" for j in ("j", "j + 1"))
    drawn = f"floor({people} * power((j + {surge.chance('p.n::bigint * 8192 + j', 4)}) / w, 3))"
    chance = surge.chance("account * 8209 + target", 5)
    return bulk.keep(
        "follow",
        f"""SELECT account_id, target_id, reposts,
          later + floor(({surge.until_ms - 1} - later) * power({chance}, 3))::bigint AS ms
        FROM (
          SELECT f.id AS account_id, r.id AS target_id, f.n AS account, r.n AS target,
            greatest(f.joined, r.joined) AS later, {surge.chance("f.n * 8219 + r.n", 6)} >= 0.02 AS reposts
          FROM (
            SELECT p.n::bigint AS n, p.id, p.joined, greatest({low}, least({drawn}, {high} - 1))::int AS place
            FROM (SELECT n, id, joined, wants, wants::float8 AS w FROM scratch.person WHERE wants > 0) p
            CROSS JOIN LATERAL generate_series(0, p.wants - 1) j WHERE {low} < {high}
          ) f
          JOIN scratch.rank r ON r.place = f.place AND r.n <> f.n
          UNION ALL
          SELECT f.id, t.id, f.n, t.n, f.joined, true FROM scratch.person f
          JOIN scratch.person t ON f.confirmed AND f.n <> t.n AND t.n = {FAMOUS}
            AND {surge.chance("f.n", 7)} < {FAMOUS_SHARE}
        ) chosen ORDER BY ms, account_id, target_id""",
    )


def write_follows() -> int:
    given = {
        "account_id": "f.account_id",
        "target_id": "f.target_id",
        "created_at": moment("f.ms"),
        "reposts": "f.reposts",
    }
    return bulk.insert(Follow, given, "scratch.follow f")


def write_apart(surge: Surge) -> int:
    """Blocks are of accounts that nobody follows and that do nothing; mutes are of anybody."""
    given = {"account_id": "p.id", "target_id": "o.id", "created_at": moment(str(surge.until_ms - 1))}
    made = 0
    for model, rate, salt, whom in (
        (Block, BLOCKS, 8, "floor({chance} * {count} / 100)::int * 100 + 99"),
        (Mute, MUTES, 9, "floor({chance} * {count})::int"),
    ):
        other = whom.format(chance=surge.chance("p.n", salt + 10), count=surge.accounts)
        made += bulk.insert(
            model,
            given,
            f"""scratch.person p JOIN scratch.person o ON o.n = {other} AND o.n <> p.n
            WHERE p.confirmed AND p.n >= {len(NAMED)} AND {surge.chance("p.n", salt)} < {rate}""",
        )
    return made


def write_numbers(surge: Surge) -> int:
    """The changes of a person's relations are the version of their graph; both sides of a block change."""
    today, active = bulk.literal(surge.until.date()), f"{surge.chance('p.n', 20)} < {ACTIVE}"
    return bulk.insert(
        AccountCounters,
        {
            "account_id": "p.id",
            "followers": "coalesce(i.count, 0)",
            "following": "coalesce(o.count, 0)",
            "graph_version": "1 + coalesce(o.count, 0) + coalesce(a.count, 0)",
            "active_on": f"CASE WHEN {active} THEN {today}::date ELSE {moment('p.joined')}::date END",
        },
        """scratch.person p
        LEFT JOIN (SELECT target_id AS id, count(*) FROM scratch.follow GROUP BY 1) i ON i.id = p.id
        LEFT JOIN (SELECT account_id AS id, count(*) FROM scratch.follow GROUP BY 1) o ON o.id = p.id
        LEFT JOIN (
          SELECT id, count(*) FROM (SELECT account_id AS id FROM upscrolled_block UNION ALL
            SELECT target_id FROM upscrolled_block UNION ALL SELECT account_id FROM upscrolled_mute) changed GROUP BY 1
        ) a ON a.id = p.id""",
    )


def write_news(surge: Surge) -> int:
    since = surge.until_ms - int(TOLD.total_seconds() * 1_000)
    given = {
        "recipient_id": "f.target_id",
        "actor_id": "f.account_id",
        "kind": bulk.literal(Notification.Kind.FOLLOW.value),
        "created_at": moment("f.ms"),
    }
    made = bulk.insert(Notification, given, f"scratch.follow f WHERE f.ms >= {since}")
    bulk.run("DROP TABLE scratch.follow")
    return made
