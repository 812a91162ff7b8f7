"""THE policy: may somebody see a post here, may they act on it. Three questions, never one flag.

- `why_hidden`: may I see it, and do I want it on this surface (taste: mutes, replies to strangers).
- `visible_sql`: the same rules as a condition, for statements that choose rows.
- `why_withheld`: may I have this photo, video or sound; the post that shows it stays.
- `may_interact`: may I act on this person's posts; asked of the database, never of a page.

Each rule stands once, its test and its SQL side by side; the matrix test holds the two forms together over
every viewer, post and surface. Every list, page and stream passes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Protocol, TypeVar

from django.db import connection

from upscrolled.core.errors import NotAllowed, NotFound
from upscrolled.models import Account, Audience, Restriction
from upscrolled.viewer import Person, Viewer


class Surface(Enum):
    """Where a post would be shown."""

    THREAD = "thread"  # opened by its address, or in the thread around it
    PROFILE = "profile"
    HOME = "home"
    PUBLIC = "public"
    TAG = "tag"
    DISCOVER = "discover"
    SEARCH = "search"
    NOTIFICATIONS = "notifications"


EVERYWHERE = frozenset(Surface)
PASSIVE = frozenset({Surface.HOME, Surface.PUBLIC, Surface.TAG, Surface.DISCOVER, Surface.SEARCH})
NOTIFICATIONS = frozenset({Surface.NOTIFICATIONS})
HOME = frozenset({Surface.HOME})
SEARCH = frozenset({Surface.SEARCH})
DISCOVER = frozenset({Surface.DISCOVER})
LISTED = frozenset({Surface.PUBLIC, Surface.TAG, Surface.DISCOVER, Surface.SEARCH})


class Shown(Protocol):
    """What a rule may ask of a post. `restrictions` holds the kinds in force for this viewer's country."""

    @property
    def author_id(self) -> int: ...
    @property
    def audience(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def deleted(self) -> bool: ...
    @property
    def mentions(self) -> Any: ...
    @property
    def restrictions(self) -> Any: ...
    @property
    def in_reply_to_account_id(self) -> int | None: ...
    @property
    def original(self) -> Shown | None: ...


class Attached(Protocol):
    """What a rule may ask of an attachment. `restrictions` holds the kinds in force for this viewer's country."""

    @property
    def owner_id(self) -> int: ...
    @property
    def restrictions(self) -> Any: ...


S = TypeVar("S", bound=Shown)


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to hide a post: `test` of the post, its author as the viewer meets them, and the viewer.

    `sql` speaks of the alias `{p}`, of %(viewer)s and %(country)s, and of restrictions `r` that count `{here}`.

    The author is exempt where `spares_author`; a rule with `shares` set to False says nothing about the
    original that a shared post brings along.
    """

    reason: str
    test: Callable[[Shown, Person, Viewer], bool]
    sql: str
    on: frozenset[Surface] = EVERYWHERE
    spares_author: bool = True
    shares: bool = True


def _restricted(subject_kind: str, subject: str, *kinds: str) -> str:
    names = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = '{subject_kind}'
        AND r.subject_id = {subject} AND r.kind IN ({names})
        AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()) AND {{here}})"""


# Where a restriction is felt: where the viewer is; or, asked for nobody in particular, wherever it is felt at all.
_HERE, _ANYWHERE = "(r.countries = '{}' OR %(country)s = ANY(r.countries))", "true"
_Kind, _Of = Restriction.Kind, Restriction.Subject
_FOLLOWED = """EXISTS (SELECT 1 FROM upscrolled_follow f
        WHERE f.account_id = %(viewer)s AND f.target_id = {whom}{more})"""

RULES: tuple[Rule, ...] = (
    Rule(
        "deleted",
        test=lambda post, author, viewer: post.deleted,
        sql="{p}.deleted_at IS NOT NULL",
        spares_author=False,
    ),
    Rule(
        "the author closed the account",
        test=lambda post, author, viewer: not author.active,
        sql="EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = {p}.author_id AND NOT a.is_active)",
        spares_author=False,
    ),
    Rule(
        "the author is suspended or on hold",
        test=lambda post, author, viewer: not {"account_suspended", "hold"}.isdisjoint(author.restrictions),
        sql=_restricted(_Of.ACCOUNT, "{p}.author_id", _Kind.ACCOUNT_SUSPENDED, _Kind.HOLD),
    ),
    Rule(
        "removed or on hold by a decision",
        test=lambda post, author, viewer: not {"removed", "hold"}.isdisjoint(post.restrictions),
        sql=_restricted(_Of.POST, "{p}.id", _Kind.REMOVED, _Kind.HOLD),
    ),
    Rule(
        "age limited, and nobody is signed in",
        test=lambda post, author, viewer: "age_limited" in post.restrictions and viewer.account is None,
        sql="%(viewer)s = 0 AND " + _restricted(_Of.POST, "{p}.id", _Kind.AGE_LIMITED),
    ),
    Rule(
        "blocked either way",
        test=lambda post, author, viewer: author.blocked,
        sql="""EXISTS (SELECT 1 FROM upscrolled_block b
        WHERE b.account_id = %(viewer)s AND b.target_id = {p}.author_id)
        OR EXISTS (SELECT 1 FROM upscrolled_block b
        WHERE b.account_id = {p}.author_id AND b.target_id = %(viewer)s)""",
    ),
    Rule(
        "for followers and those it mentions",
        test=lambda post, author, viewer: (
            post.audience == Audience.FOLLOWERS and viewer.id not in post.mentions and not author.followed
        ),
        sql=f"""{{p}}.audience = 'followers' AND NOT %(viewer)s = ANY({{p}}.mentions)
        AND NOT {_FOLLOWED.format(whom="{p}.author_id", more="")}""",
    ),
    Rule(
        "not public",
        test=lambda post, author, viewer: post.audience != Audience.PUBLIC,
        sql="{p}.audience <> 'public'",
        on=LISTED,
        spares_author=False,
    ),
    Rule(
        "the author is not to be found by words",
        test=lambda post, author, viewer: not author.indexable,
        sql="EXISTS (SELECT 1 FROM upscrolled_account a WHERE a.id = {p}.author_id AND NOT a.indexable)",
        on=SEARCH,
    ),
    Rule(
        "muted",
        test=lambda post, author, viewer: author.muting,
        sql="""EXISTS (SELECT 1 FROM upscrolled_mute m WHERE m.account_id = %(viewer)s
        AND m.target_id = {p}.author_id AND (m.expires_at IS NULL OR m.expires_at > now()))""",
        on=PASSIVE,
    ),
    Rule(
        "muted, notifications too",
        test=lambda post, author, viewer: author.muting_notifications,
        sql="""EXISTS (SELECT 1 FROM upscrolled_mute m WHERE m.account_id = %(viewer)s AND m.notifications
        AND m.target_id = {p}.author_id AND (m.expires_at IS NULL OR m.expires_at > now()))""",
        on=NOTIFICATIONS,
    ),
    Rule(
        "hidden from discover by a decision",
        test=lambda post, author, viewer: (
            "hidden_from_discover" in post.restrictions or "hidden_from_discover" in author.restrictions
        ),
        sql=_restricted(_Of.POST, "{p}.id", _Kind.HIDDEN_FROM_DISCOVER)
        + " OR "
        + _restricted(_Of.ACCOUNT, "{p}.author_id", _Kind.HIDDEN_FROM_DISCOVER),
        on=DISCOVER,
        spares_author=False,
    ),
    Rule(
        "not followed",
        test=lambda post, author, viewer: not author.followed,
        sql="NOT " + _FOLLOWED.format(whom="{p}.author_id", more=""),
        on=HOME,
        shares=False,
    ),
    Rule(
        "a share, and shares of this person are switched off",
        test=lambda post, author, viewer: post.original is not None and not author.shows_reposts,
        sql=f"""{{p}}.repost_of_id IS NOT NULL
        AND NOT {_FOLLOWED.format(whom="{p}.author_id", more=" AND f.reposts")}""",
        on=HOME,
        shares=False,
    ),
    Rule(
        "a reply to somebody you do not follow",
        test=lambda post, author, viewer: (
            post.in_reply_to_account_id not in (None, viewer.id)
            and not viewer.person(post.in_reply_to_account_id or 0).followed
        ),
        sql=f"""{{p}}.in_reply_to_account_id IS NOT NULL AND {{p}}.in_reply_to_account_id <> %(viewer)s
        AND NOT {_FOLLOWED.format(whom="{p}.in_reply_to_account_id", more="")}""",
        on=HOME,
        shares=False,
    ),
    Rule(
        "in a language you did not choose for this person",
        test=lambda post, author, viewer: bool(
            post.language and author.languages and post.language not in (author.languages or ())
        ),
        sql="""{p}.language <> '' AND EXISTS (SELECT 1 FROM upscrolled_follow f
        WHERE f.account_id = %(viewer)s AND f.target_id = {p}.author_id
        AND cardinality(f.languages) > 0 AND NOT {p}.language = ANY(f.languages))""",
        on=HOME,
        shares=False,
    ),
)
_ON = {surface: tuple(rule for rule in RULES if surface in rule.on) for surface in Surface}
_SHARED_ON = {surface: tuple(rule for rule in rules if rule.shares) for surface, rules in _ON.items()}


def why_hidden(post: Shown, viewer: Viewer, surface: Surface) -> str | None:
    """Return the first reason why this post is not shown to this viewer here, or None if it is.

    A share is hidden too when what it shares is.
    """
    reason = _first(_ON[surface], post, viewer)
    if reason is None and post.original is not None:
        reason = _first(_SHARED_ON[surface], post.original, viewer)
    return reason


def visible(posts: Iterable[S], viewer: Viewer, surface: Surface) -> list[S]:
    """Keep the posts that this viewer may and wants to see here, in their order."""
    return [post for post in posts if why_hidden(post, viewer, surface) is None]


@cache
def visible_sql(surface: Surface, *, post: str = "p") -> str:
    """Return the condition that holds for the posts (alias `post`) which `why_hidden` does not hide.

    The statement's parameters must have `viewer` (0 for nobody) and `country` ('' when unknown).
    """
    original = f"{post}o"
    own = " AND ".join(_clause(rule, post) for rule in _ON[surface])
    shared = " AND ".join(_clause(rule, original) for rule in _SHARED_ON[surface])
    shares = f"""{post}.repost_of_id IS NULL OR EXISTS (
        SELECT 1 FROM feed_post {original} WHERE {original}.id = {post}.repost_of_id AND {shared})"""
    # In as few characters as it has: the driver remembers how it reads a statement only up to 4,096 of them.
    return " ".join(f"({own} AND ({shares}))".split())


@cache
def everybody_sql(*, post: str = "p") -> str:
    """Return the condition that holds for the posts (alias `post`) which anybody may open, wherever they are.

    It is what an address asks that holds for ever and knows nobody: a restriction in one country counts. A share
    is judged by itself. It needs no parameters.
    """
    rules = " AND ".join(_clause(rule, post, here=_ANYWHERE) for rule in _ON[Surface.THREAD])
    return rules.replace("%(viewer)s", "0")


def sql_params(viewer: Viewer) -> dict[str, Any]:
    """Parameters that `visible_sql` needs."""
    return {"viewer": viewer.id, "country": viewer.country}


def _first(rules: tuple[Rule, ...], post: Shown, viewer: Viewer) -> str | None:
    author = viewer.person(post.author_id)
    mine = author.id == viewer.id
    for rule in rules:
        if not (mine and rule.spares_author) and rule.test(post, author, viewer):
            return rule.reason
    return None


def _clause(rule: Rule, alias: str, *, here: str = _HERE) -> str:
    hides = f"({rule.sql.format(p=alias, here=here)})"
    spare = f"{alias}.author_id = %(viewer)s OR " if rule.spares_author else ""
    return f"({spare}NOT {hides})"


# --- may I have this photo, video or sound ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MediaRule:
    """A reason to withhold an attachment from everybody but its owner. What shows it stays, and says so.

    `sql` speaks of the alias `{m}`, of %(viewer)s and %(country)s, and of restrictions `r` that count `{here}`.
    """

    reason: str
    test: Callable[[Attached, Viewer], bool]
    sql: str


MEDIA_RULES: tuple[MediaRule, ...] = (
    MediaRule(
        "removed or on hold by a decision",
        test=lambda media, viewer: not {"removed", "hold"}.isdisjoint(media.restrictions),
        sql=_restricted(_Of.MEDIA, "{m}.id", _Kind.REMOVED, _Kind.HOLD),
    ),
    MediaRule(
        "age limited, and nobody is signed in",
        test=lambda media, viewer: "age_limited" in media.restrictions and viewer.account is None,
        sql="%(viewer)s = 0 AND " + _restricted(_Of.MEDIA, "{m}.id", _Kind.AGE_LIMITED),
    ),
)


def why_withheld(media: Attached, viewer: Viewer) -> str | None:
    """Return the first reason why this viewer is not given an attachment of a post they may see, or None."""
    if not media.restrictions or media.owner_id == viewer.id:
        return None
    return next((rule.reason for rule in MEDIA_RULES if rule.test(media, viewer)), None)


def is_covered(post: Shown, media: Iterable[Attached]) -> bool:
    """Say whether a decision about a post, or about any of its media, puts these behind a cover."""
    return "sensitive" in post.restrictions or any("sensitive" in each.restrictions for each in media)


@cache
def given_sql(*, media: str = "a") -> str:
    """Return the condition that holds for the attachments (alias `media`) which `why_withheld` does not withhold.

    It has the parameters of `visible_sql`, and asks nothing of the post.
    """
    return f"({media}.owner_id = %(viewer)s OR NOT ({_withheld(media, _HERE)}))"


@cache
def everybody_given_sql(*, media: str = "a") -> str:
    """Return the condition that holds for the attachments (alias `media`) which nobody anywhere is denied.

    It is for media what `everybody_sql` is for posts.
    """
    return f"NOT ({_withheld(media, _ANYWHERE)})".replace("%(viewer)s", "0")


def _withheld(alias: str, here: str) -> str:
    return " OR ".join(f"({rule.sql.format(m=alias, here=here)})" for rule in MEDIA_RULES)


# --- may I act --------------------------------------------------------------------------------------

# Why an account `a` may not act on something of %(other)s, the first reason; NULL if it may.
WHY_NOT = f"""CASE WHEN NOT a.is_active THEN 'the account is closed'
  WHEN a.confirmed_at IS NULL THEN 'the e-mail address is not confirmed'
  WHEN EXISTS (SELECT 1 FROM upscrolled_restriction r WHERE r.subject_kind = '{_Of.ACCOUNT}' AND r.subject_id = a.id
               AND r.kind IN ('{_Kind.ACCOUNT_SUSPENDED}', '{_Kind.ACCOUNT_LIMITED}', '{_Kind.HOLD}')
               AND r.starts_at <= now() AND (r.ends_at IS NULL OR r.ends_at > now()))
    THEN 'the account is restricted'
  WHEN EXISTS (SELECT 1 FROM upscrolled_block b WHERE (b.account_id = a.id AND b.target_id = %(other)s)
                                                  OR (b.account_id = %(other)s AND b.target_id = a.id))
    THEN 'blocked either way' END"""
# The same for a verb that has to be quick and asks within its own statement: a row `may (reason)`, '' for none.
MAY = f"""may AS (SELECT coalesce((
  SELECT coalesce({WHY_NOT}, '') FROM upscrolled_account a WHERE a.id = %(by)s), 'the account is closed') AS reason)"""
_STANDING = f"SELECT {WHY_NOT}, {{also}} FROM upscrolled_account a WHERE a.id = %(by)s"


def may_interact(by: Account, other_id: int | None = None) -> str | None:
    """Say why `by` may not act (on something of the account `other_id`), or None if they may.

    Asked of the database each time: a write never trusts what a page loaded.
    """
    return ask(by, other_id)[0]


def require_interact(by: Account, other_id: int | None = None) -> None:
    """Raise NotFound if either blocks the other (it must not be told), NotAllowed for any other reason."""
    refuse(may_interact(by, other_id))


def ask(by: Account, other_id: int | None, also: str = "NULL", **more: Any) -> tuple[str | None, Any]:
    """Return what `may_interact` says, and the value of `also` from the same statement.

    `also` is an expression of ours over the account `a`, with the parameters `more`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING.replace("{also}", also), {"by": by.id, "other": other_id or 0, **more})
        row: tuple[str | None, Any] | None = cursor.fetchone()
    return row or ("the account is closed", None)


def refuse(reason: str | None) -> None:
    """Raise what `require_interact` raises for this reason; nothing for None."""
    if reason == "blocked either way":
        raise NotFound
    if reason:
        raise NotAllowed(f"This action is not allowed: {reason}")
