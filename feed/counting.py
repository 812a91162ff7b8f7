"""One step of a post's numbers, as SQL that never waits: the pieces of which the verbs' statements are made.

A post to which many answer at once has one row of counters and one of tickets that all of them want, and
each would hold them until its commit has reached the disk. So whoever finds the row of the counters free takes
it, and with it the tickets; whoever finds it taken counts beside it, in a row that belongs to their connection
alone (`models.SideCount`). A number is the sum of both, in every snapshot; the clock folds the second into the
first (`counters.fold`). Ordinary posts never have a side count.
"""

from __future__ import annotations

from feed.ranking import formula

_W = formula.V1
NUMBERS = ("likes", "reposts", "replies", "quotes")
TICKETS = ("likes", "comments", "shares")


def base(likes: str, comments: str, shares: str, *, post: str = "post_id") -> str:
    """The formula of `ranking.formula.base` in SQL; an id carries its created_ms above 16 bits.

    A row may be below zero for a moment: its like was counted aside, and taken back from the row.
    """
    tickets = f"{_W.w_like} * greatest({likes}, 0) + {_W.w_comment} * greatest({comments}, 0)"
    return f"""(ln((1 + {tickets} + {_W.w_share} * greatest({shares}, 0))::float8)
        + (({post} >> 16) - {_W.origin_ms})::float8 / ({_W.half_life_ms}::float8 / ln(2::float8)))"""


def beside(post: str, names: tuple[str, ...] = NUMBERS) -> str:
    """What was counted beside the row of a post, one row whatever there is. `post` is an expression for its id."""
    columns = _each(names, "coalesce(sum(n.{n}), 0)::int AS {n}")
    return f"(SELECT {columns} FROM feed_sidecount n WHERE n.post_id = {post})"


# FROM and not WHERE: what an UPDATE meets changed since the statement began is looked at again, and a statement
# that writes may not run again for that; its rows, joined, are at hand.
_STEPS = """stands AS (SELECT {stands} FROM feed_postcounters WHERE post_id = %(post)s),
free AS (
  SELECT c.post_id FROM {mark} m, feed_postcounters c WHERE c.post_id = %(post)s FOR NO KEY UPDATE OF c SKIP LOCKED
), counted AS (
  UPDATE feed_postcounters c SET {counted} FROM free WHERE c.post_id = free.post_id
), first AS (
  INSERT INTO feed_postcounters AS c (post_id, {names})
  SELECT %(post)s, {first} FROM {mark} m WHERE NOT EXISTS (SELECT 1 FROM stands)
  ON CONFLICT (post_id) DO UPDATE SET {counted} RETURNING c.post_id
), aside AS (
  INSERT INTO feed_sidecount AS n (post_id, backend, {aside})
  SELECT %(post)s, pg_backend_pid(), {steps} FROM {mark} m
  WHERE EXISTS (SELECT 1 FROM stands) AND NOT EXISTS (SELECT 1 FROM free)
  ON CONFLICT (post_id, backend) DO UPDATE SET {added}
)"""
# Tickets count distinct people who count at all, never the author; who does not is no business of the numbers.
_GIVES = """gives AS (
  SELECT k.post_id FROM feed_candidate k WHERE k.post_id = %(post)s AND k.author_id <> %(by)s
  AND NOT EXISTS (SELECT 1 FROM feed_uncounted u WHERE u.account_id = %(by)s)
)"""
_PLACED = """placed AS (
  UPDATE feed_candidate k SET {placed}, base = {base}
  FROM (SELECT post_id AS held FROM free UNION ALL SELECT post_id FROM first) h, gives g
  WHERE k.post_id = h.held AND g.post_id = h.held
)"""


def steps(names: tuple[str, ...], tickets: tuple[str, ...] = (), *, mark: str = "(SELECT 1)") -> str:
    """Return the CTEs that change these numbers of a post, and these tickets of its candidate, by a step each.

    One step for each row of `mark`: the verb's own CTE, with one row or none. Parameters: `post`, a step by the
    name of each number, `ticket_…` for each ticket, and with tickets `by`, who gives them.
    """
    placed = _PLACED.format(
        placed=_each(tickets, "{n} = k.{n} + %(ticket_{n})s"),
        base=base(
            *(f"k.{name} + %(ticket_{name})s" if name in tickets else f"k.{name}" for name in TICKETS),
            post="k.post_id",
        ),
    )
    columns = (*names, *(f"ticket_{name}" for name in tickets))
    given = [
        *(f"%({n})s" for n in names),
        *(f"%(ticket_{n})s * (SELECT count(*) FROM gives)" for n in tickets),
    ]
    step = _STEPS.format(
        mark=mark,
        names=", ".join(names) or "likes",
        stands=", ".join(names) or "1",
        counted=_each(names, "{n} = c.{n} + %({n})s") or "post_id = c.post_id",
        first=_each(names, "greatest(%({n})s, 0)") or "0",
        aside=", ".join(columns),
        steps=", ".join(given),
        added=_each(columns, "{n} = n.{n} + excluded.{n}"),
    )
    return f"{_GIVES},\n{step},\n{placed}" if tickets else step


def standing(names: tuple[str, ...], *, mark: str = "(SELECT 1)", also: str = "") -> str:
    """Return the SELECT of these numbers as they stand after the step, if there was one, and of `also`."""
    numbers = _each(names, "coalesce(c.{n}, 0) + n.{n} + coalesce(%({n})s * m.one, 0)")
    return f"""SELECT {", ".join([numbers, also] if also else [numbers])} FROM {beside("%(post)s", names)} n
LEFT JOIN stands c ON true LEFT JOIN (SELECT 1 AS one FROM {mark} m) m ON true"""


def _each(names: tuple[str, ...], text: str) -> str:
    return ", ".join(text.format(n=name) for name in names)
