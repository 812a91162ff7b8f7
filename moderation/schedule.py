"""What the clock starts in moderation. Each finds in rows what is due, so a lost queue loses nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task
from celery.schedules import crontab

from moderation import keeping, queue, tasks
from moderation.operations import exposure, forgetting, messages, recurrences
from upscrolled.celery import app
from upscrolled.operations import staffing

NOTICES_SECONDS, EFFECTS_SECONDS, QUEUE_SECONDS, REHEARSAL_SECONDS = 30, 60, 60, 60


@shared_task
def take_up_messages(**_: object) -> None:
    """Open cases for reports of messages; it stands here, above the verbs."""
    while messages.take_up(now=datetime.now(UTC)) == messages.AT_ONCE:
        pass


@shared_task
def look_for_copies(**_: object) -> None:
    """Put before people what is the very file that was removed elsewhere."""
    while recurrences.look(now=datetime.now(UTC)) == recurrences.AT_ONCE:
        pass


@shared_task
def end_roles(**_: object) -> None:
    """Have accounts say no more a role whose time is over, and cases wait again that its holder held."""
    now = datetime.now(UTC)
    staffing.settle(now=now)
    queue.free_leases(now=now, by_role=True)
    queue.free_appeals(now=now, by_role=True)


@shared_task
def forget(**_: object) -> None:
    """Delete evidence whose time is over, who sent notices long ago, what statements say to accounts that are gone.

    And how much each moderator looked at.
    """
    now = datetime.now(UTC)
    while forgetting.forget_evidence(now=now):
        pass
    keeping.forget_notifiers(now=now)
    forgetting.forget_erased()
    exposure.forget(now=now)


app.add_periodic_task(
    NOTICES_SECONDS, tasks.deliver_notices.s(), name="deliver notices", expires=NOTICES_SECONDS
)
app.add_periodic_task(
    NOTICES_SECONDS, tasks.tell_reporters.s(), name="tell reporters", expires=NOTICES_SECONDS
)
app.add_periodic_task(EFFECTS_SECONDS, tasks.end_effects.s(), name="end effects", expires=EFFECTS_SECONDS)
app.add_periodic_task(QUEUE_SECONDS, tasks.refresh_queue.s(), name="refresh the queue", expires=QUEUE_SECONDS)
app.add_periodic_task(QUEUE_SECONDS, tasks.screen_tags.s(), name="screen new hashtags", expires=QUEUE_SECONDS)
app.add_periodic_task(
    REHEARSAL_SECONDS,
    tasks.rehearse_rules.s(),
    name="see what rules would have met",
    expires=REHEARSAL_SECONDS,
)
app.add_periodic_task(EFFECTS_SECONDS, end_roles.s(), name="end roles", expires=EFFECTS_SECONDS)
app.add_periodic_task(EFFECTS_SECONDS, tasks.end_crisis.s(), name="end crisis mode", expires=EFFECTS_SECONDS)
app.add_periodic_task(crontab(minute="40"), tasks.publish_log.s(), name="publish the moderation log")
app.add_periodic_task(crontab(minute="50"), tasks.sample_posts.s(), name="sample posts for review")
app.add_periodic_task(crontab(hour="4", minute="20"), tasks.look_for_rings.s(), name="look for like rings")
app.add_periodic_task(
    crontab(minute="20", hour="3"),
    tasks.lapse_flaggers.s(),
    name="end the trust in flaggers that are mostly wrong",
)
app.add_periodic_task(
    crontab(minute="45", hour="*/6"), tasks.count_figures.s(), name="count the public figures"
)
app.add_periodic_task(crontab(minute="30", hour="4"), forget.s(), name="delete evidence whose time is over")
app.add_periodic_task(
    NOTICES_SECONDS, take_up_messages.s(), name="take up reported messages", expires=NOTICES_SECONDS
)
app.add_periodic_task(
    QUEUE_SECONDS, look_for_copies.s(), name="look for copies of what was removed", expires=QUEUE_SECONDS
)
