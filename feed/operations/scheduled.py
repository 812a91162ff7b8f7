"""Posts for later: scheduled ones, which the clock publishes, and drafts, which wait for their author.

Both are rows of `ScheduledPost`. What a client sent is kept as it was checked (`wanted`), and is checked again
like any new post when it is published: the standing of its author, the post it answers, who may quote.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from feed import post_types
from feed.models import IdempotencyKey, ScheduledPost
from feed.operations.publish import Draft, Parent, check_draft, claim_key, publish_post
from feed.queries import posts
from feed.queries.scheduled import key_of
from upscrolled import acting, tasks
from upscrolled.core import ids
from upscrolled.core import text as core_text
from upscrolled.core.errors import DomainError, Invalid, NotAllowed, NotFound, TooMany
from upscrolled.graph import alone
from upscrolled.models import Account, Notification
from upscrolled.operations import attachments, notify
from upscrolled.operations.attaching import NotReady
from upscrolled.operations.owed_mail import owe_mail
from upscrolled.viewer import Viewer

log = logging.getLogger(__name__)

AHEAD = timedelta(minutes=5)
SCHEDULED_MAX, SCHEDULED_A_DAY, DRAFTS_MAX = 300, 25, 300
DRAFT_BYTES_MAX = 64_000
DRAFT_MEDIA_KEPT = timedelta(days=30)  # after the draft was last saved
WAIT_LEAST, WAIT_MOST = timedelta(seconds=2), timedelta(seconds=60)  # between two looks at media
MAILED = 200  # characters of a post that could not be published
_KIND = Notification.Kind.NOT_PUBLISHED
FAILED = "Something went wrong on our side. It has been logged; write the post anew."


def draft_of(wanted: Mapping[str, Any], *, by: Account, idempotency_key: str = "") -> Draft:
    """Return what a checked form wants published. Raises NotFound when its author may not see what it answers."""
    return Draft(
        text=wanted["status"],
        audience=wanted["visibility"],
        warning=wanted["spoiler_text"] or "",
        sensitive=wanted["sensitive"],
        language=wanted["language"] or "",
        reply_to=_parent(wanted["in_reply_to_id"], by),
        idempotency_key=idempotency_key,
        application_id=wanted.get("application_id"),
        replying=(wanted["upscrolled"] or {}).get("reply_policy") or "everybody",
        quoting=wanted["quote_approval_policy"],
        parts=post_types.parse(wanted),
    )


@transaction.atomic
def schedule_post(
    wanted: Mapping[str, Any], *, by: Account, at: datetime | None, idempotency_key: str, now: datetime
) -> int:
    """Keep a post to be published at that moment, or (None) as soon as its media are ready, and return its id.

    For whom it is and who may quote it is settled now, where the author left that to their settings: a post never
    comes out for more people than it was told to be for.

    Told as a negative number, so that ids of posts are told apart where an idempotency key stands for either:
    a key that stands for a post answers that post's id. Raises Invalid for a moment less than AHEAD from now,
    beyond SCHEDULED_MAX in all or SCHEDULED_A_DAY on a UTC day, and whatever publishing now would raise.
    """
    if at is not None:
        _check_moment(at, now)
    draft = draft_of(wanted, by=by)
    if (media := draft.parts.get("media")) is not None and waits(wanted):
        draft = replace(draft, parts={**draft.parts, "media": replace(media, ready=False)})
    settled, _ = check_draft(author=by, draft=draft, now=now)
    kept = {**wanted, "visibility": settled["audience"], "quote_approval_policy": settled["quoting"]}
    alone(by.id, by.id)
    row = ScheduledPost(
        account=by,
        publish_at=at or now,
        wanted=kept,
        when_ready=at is None,
        created_at=now,
        updated_at=now,
    )
    row.save()
    _keep_media(wanted, by=by, until=_after(at or now))
    if idempotency_key:
        before = claim_key(by.id, idempotency_key, -row.pk, now)
        if before is not None:
            acting.as_owner(by.id)
            row.delete()
            return before
    _check_room(by, at or now)
    return -int(row.pk)


def waits(wanted: Mapping[str, Any]) -> bool:
    """Say whether a post shall wait for its media, rather than be refused, if they are not ready in time."""
    return bool((wanted.get("upscrolled") or {}).get("publish_when_ready"))


@transaction.atomic
def reschedule(scheduled_id: int, *, by: Account, at: datetime, now: datetime) -> None:
    """Publish it at another moment; one that was refused is tried again then. Raises NotFound, Invalid."""
    _check_moment(at, now)
    alone(by.id, by.id)
    row = _locked(scheduled_id, by, draft=False)
    row.publish_at, row.refused, row.updated_at = at, "", now
    row.save(update_fields=["publish_at", "refused", "updated_at"])
    _keep_media(row.wanted, by=by, until=_after(at))
    _check_room(by, at)


@transaction.atomic
def save_draft(wanted: Mapping[str, Any], *, by: Account, draft_id: int | None, now: datetime) -> int:
    """Keep what somebody has written so far and return its id; nothing in it need be complete or short enough.

    Raises NotFound for a draft that is not theirs, Invalid beyond DRAFTS_MAX and DRAFT_BYTES_MAX.
    """
    size = len(json.dumps(wanted, ensure_ascii=False).encode())
    if size > DRAFT_BYTES_MAX:
        raise Invalid(f"Validation failed: The draft is {size} bytes long; the limit is {DRAFT_BYTES_MAX}")
    alone(by.id, by.id)
    _keep_media(wanted, by=by, until=now + DRAFT_MEDIA_KEPT)
    if draft_id is not None:
        row = _locked(draft_id, by, draft=True)
        row.wanted, row.updated_at = dict(wanted), now
        row.save(update_fields=["wanted", "updated_at"])
        return draft_id
    held = ScheduledPost.objects.filter(account=by, publish_at__isnull=True).count()
    if held >= DRAFTS_MAX:
        raise Invalid(f"Validation failed: There are at most {DRAFTS_MAX} drafts; you have {held}")
    row = ScheduledPost.objects.create(account=by, wanted=dict(wanted), created_at=now, updated_at=now)
    return int(row.pk)


@transaction.atomic
def drop(scheduled_id: int, *, by: Account, draft: bool) -> None:
    """Publish it never. Raises NotFound."""
    _locked(scheduled_id, by, draft=draft).delete()


@transaction.atomic
def publish_draft(draft_id: int, wanted: Mapping[str, Any], *, by: Account, now: datetime) -> int:
    """Publish a draft, checked as `wanted`, and return the id of the post; both or neither happens.

    Raises NotFound for a draft that is published already (`queries.scheduled.published` knows the post).
    """
    row = _locked(draft_id, by, draft=True)
    draft = draft_of(wanted, by=by, idempotency_key=key_of(draft_id))
    post_id = publish_post(author=by, draft=draft, now=now)
    row.delete()
    return post_id


def publish_due(*, now: datetime, at_most: int = 100) -> int:
    """Publish what is due, the longest due first; return how many rows were looked at.

    Each is a transaction that publishes the post and ends its row, so that neither a killed worker nor two at
    once publish anything twice. What is refused stays, with the reason, for its author to see; so does one at which
    the code itself fails, which is logged, for it must not keep all the others waiting.
    """
    count = 0
    while count < at_most and _publish_next(now):
        count += 1
    return count


@transaction.atomic
def _publish_next(now: datetime) -> bool:
    row = (
        ScheduledPost.objects.select_related("account")
        .filter(publish_at__lte=now, refused="")
        .order_by("publish_at")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if row is None:
        return False
    acting.as_owner(row.account_id)  # as they asked
    try:
        with transaction.atomic():
            post_id = publish_post(author=row.account, draft=draft_of(row.wanted, by=row.account), now=now)
            IdempotencyKey.objects.filter(account=row.account, post_id=-row.pk).update(post_id=post_id)
            row.delete()
    except NotReady as refusal:
        if waits(row.wanted):
            _postpone(row, now)
        else:
            _refuse(row, refusal.safe, now, because="media")
    except DomainError as refusal:
        _refuse(row, refusal.safe, now, because=_because(refusal))
    except OperationalError:  # the database is away, or a lock was not given: all of it is tried again
        raise
    except Exception:
        log.exception("Scheduled post %s cannot be published", row.pk)
        _refuse(row, FAILED, now)
    return True


def _postpone(row: ScheduledPost, now: datetime) -> None:
    """Look again in a moment, a longer one the longer it has waited; media that fail refuse the post by then."""
    waited = (now - row.created_at) / 10
    row.publish_at = now + min(max(waited, WAIT_LEAST), WAIT_MOST)
    row.save(update_fields=["publish_at"])


def _after(at: datetime) -> datetime:
    """Return when media may go that a post is to have at that moment."""
    try:
        return at + attachments.kept_for()
    except OverflowError:  # on the last day of the calendar
        return at


def _keep_media(wanted: Mapping[str, Any], *, by: Account, until: datetime) -> None:
    named = wanted.get("media_ids")
    numbers = [ids.parse(str(each)) for each in named] if isinstance(named, list) else []
    found = [number for number in numbers if number is not None]
    if found:
        attachments.keep_until(found, owner_id=by.id, until=until)


def _because(refusal: DomainError) -> str:
    """Return which of its sentences in every language the mail says; the whole reason stands with the post."""
    kinds = ((NotFound, "gone"), (NotAllowed, "not_allowed"), (TooMany, "limit"))
    return next((name for kind, name in kinds if isinstance(refusal, kind)), "other")


def _refuse(row: ScheduledPost, reason: str, now: datetime, *, because: str = "other") -> None:
    """Keep it with the reason, and tell its author, who is not looking: by a mail too, for any application."""
    row.refused, row.updated_at = reason, now
    row.save(update_fields=["refused", "updated_at"])
    author = row.account
    notify.withdraw(
        _KIND, actor_id=author.id, subject_id=row.pk
    )  # of the time before, if this is not the first
    notify.tell_oneself(author.id, _KIND, subject_id=row.pk, now=now)
    tasks.tell_soon()
    said = core_text.beginning(" ".join(row.wanted["status"].split()), MAILED)
    owe_mail(
        to=author.email,
        language=author.locale,
        template="feed/email/not_published",
        facts={"username": author.username, "said": said, "reason": reason, "because": because},
        now=now,
    )


def _parent(text: str | None, by: Account) -> Parent | None:
    if not text:
        return None
    number = ids.parse(text)
    try:
        if number is None:
            raise NotFound
        post = posts.get_original(Viewer(by), number)
    except NotFound:
        raise NotFound("The post you are trying to reply to does not appear to exist.") from None
    return Parent(post.id, post.author_id)


def _check_moment(at: datetime, now: datetime) -> None:
    if at < now + AHEAD:
        ahead = max(int((at - now).total_seconds()), 0)
        raise Invalid(
            "Validation failed: Scheduled at must be at least "
            f"{int(AHEAD.total_seconds())} seconds in the future; it is {ahead}"
        )


def _check_room(by: Account, at: datetime) -> None:
    """See that the row just written is not one too many."""
    day = at.astimezone(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (
                 WHERE (publish_at AT TIME ZONE 'UTC')::date = %(day)s AND NOT when_ready)
               FROM feed_scheduledpost WHERE account_id = %(by)s AND publish_at IS NOT NULL""",
            {"by": by.id, "day": day},
        )
        held, that_day = cursor.fetchone()
    if held > SCHEDULED_MAX:
        raise Invalid(
            f"Validation failed: There are at most {SCHEDULED_MAX} scheduled posts; you have {held - 1}"
        )
    if that_day > SCHEDULED_A_DAY:
        raise Invalid(
            f"Validation failed: There are at most {SCHEDULED_A_DAY} scheduled posts for one day; "
            f"you have {that_day - 1} for {day}"
        )


def _locked(scheduled_id: int, by: Account, *, draft: bool) -> ScheduledPost:
    row = (
        ScheduledPost.objects.select_for_update()
        .filter(pk=scheduled_id, account=by, publish_at__isnull=draft)
        .first()
    )
    if row is None:
        raise NotFound
    acting.as_owner(by.id)
    return row
