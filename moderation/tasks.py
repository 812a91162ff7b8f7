"""Moderation's work after the commit. Every task may run twice, and finds in rows what a lost queue forgot."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task

from feed import openness, standing
from moderation import counting, crisis, door, effects, flaggers, notices, publishing, queue, rehearsals
from moderation.models import Decision

REHEARSED_AT_ONCE = 25  # batches: 50,000 accounts, about four seconds


@shared_task
def carry_out(*, decision_id: int, **_: object) -> None:
    """Deliver a decision's notice, and settle what it does beside its restriction."""
    now = datetime.now(UTC)
    notices.deliver(now=now, decision_id=decision_id)
    decision = Decision.objects.select_related("reverses").filter(pk=decision_id).first()
    if decision is None:
        return
    effects.settle(decision, now=now)
    if decision.subject_kind == "account":
        standing.settle(now=now)
    elif decision.subject_kind == "post":
        openness.of_posts([decision.subject_id], now=now)
    elif decision.subject_kind == "media":
        openness.of_attachments([decision.subject_id], now=now)


@shared_task
def carry_out_all(*, decision_ids: list[int], **_: object) -> None:
    """Do so for decisions that were made together."""
    for decision_id in decision_ids:
        carry_out(decision_id=decision_id)


@shared_task
def deliver_notices(**_: object) -> None:
    """Deliver notices whose task was lost."""
    now = datetime.now(UTC)
    while notices.deliver(now=now) == 200:
        pass


@shared_task
def end_effects(**_: object) -> None:
    """Do what decisions do beside their restriction where a lost queue forgot it; undo it once their time is up."""
    now = datetime.now(UTC)
    effects.settle_owed(now=now)
    effects.undo_ended(now=now)


@shared_task
def tell_reporters(**_: object) -> None:
    """Tell reporters what became of their reports, and people what became of their appeals."""
    now = datetime.now(UTC)
    while notices.tell_outcomes(now=now):
        pass
    while notices.tell_notifiers(now=now):
        pass
    while notices.tell_answers(now=now):
        pass


@shared_task
def refresh_queue(**_: object) -> None:
    """Free the cases and appeals whose lease ran out, and place open ones anew as views and deadlines change."""
    now = datetime.now(UTC)
    queue.free_leases(now=now)
    queue.free_appeals(now=now)
    queue.refresh(now=now)


@shared_task
def end_crisis(**_: object) -> None:
    """End crisis mode when its time is up, and tell so."""
    now = datetime.now(UTC)
    if crisis.close_over(now=now):
        publishing.publish(now=now)


@shared_task
def lapse_flaggers(**_: object) -> None:
    """End the trust in flaggers whose reports were mostly refused."""
    flaggers.lapse(now=datetime.now(UTC))


@shared_task
def publish_log(**_: object) -> None:
    """Publish the next batch of the public log."""
    publishing.publish(now=datetime.now(UTC))


@shared_task
def count_figures(**_: object) -> None:
    """Count the public figures anew, from the public log."""
    counting.publish(now=datetime.now(UTC))


@shared_task
def sample_posts(**_: object) -> None:
    """Open cases for a few posts that nobody reported, so that what is missed can be estimated."""
    now = datetime.now(UTC)
    if crisis.running(now=now) is None:  # else every minute of review is for what was reported
        queue.sample(wanted=queue.samples_due(now=now), now=now)


@shared_task
def look_for_rings(**_: object) -> None:
    """Open cases for accounts that like the same quiet posts again and again, for a person to judge."""
    queue.look_for_rings(now=datetime.now(UTC))


@shared_task
def count_hit(*, rule: str, version: int, mode: str, field: str, **_: object) -> None:
    """Count that a rule at the door was met."""
    door.tally(rule=rule, version=version, mode=mode, field=field, now=datetime.now(UTC))


@shared_task
def screen_tags(**_: object) -> None:
    """Look at new hashtags."""
    while door.screen_tags(now=datetime.now(UTC)) == 1_000:
        pass


@shared_task
def rehearse_rules(**_: object) -> None:
    """Find out what rules would have met last week: of one under way, of a new rule, and of one that was changed.

    Where millions signed up that takes minutes of a processor: some seconds of them each time, so that nobody's page
    and no decision waits for it.
    """
    if rehearsals.is_due():
        rehearsals.begin(now=datetime.now(UTC))
    for _batch in range(REHEARSED_AT_ONCE):
        if not rehearsals.go_on(now=datetime.now(UTC)):
            break
