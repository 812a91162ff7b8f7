"""What the clock starts in the feed."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import shared_task
from celery.schedules import crontab
from django.conf import settings

from feed import tasks
from feed.operations import leaving, scheduled
from upscrolled import switches
from upscrolled.celery import app

SWEEP_SECONDS = 10
SCHEDULED_SECONDS = 5
POLLS_SECONDS = 15
CARDS_SECONDS = 15
WORDS_SECONDS = 30
DIGESTS_SECONDS = 300
PUSHES_SECONDS = 30
FOLD_SECONDS = 5
STANDING_SECONDS = 60
USAGE_SECONDS = 300
POOLS_SECONDS = 600
IMPRESSIONS_SECONDS = 60
EPOCH_SECONDS = settings.DISCOVER_EPOCH.total_seconds()

# A pool that nobody froze in time is not made up for: the next one is newer.
app.add_periodic_task(
    EPOCH_SECONDS,
    tasks.freeze_discover.s(),
    name="freeze discover",
    expires=EPOCH_SECONDS,
)
if settings.DISCOVER_AUDIT_SECONDS:
    app.add_periodic_task(
        settings.DISCOVER_AUDIT_SECONDS,
        tasks.audit_discover.s(),
        name="audit discover",
        expires=settings.DISCOVER_AUDIT_SECONDS,
    )
app.add_periodic_task(POOLS_SECONDS, tasks.sweep_pools.s(), name="forget old pools", expires=POOLS_SECONDS)
app.add_periodic_task(
    IMPRESSIONS_SECONDS, tasks.add_up_impressions.s(), name="add up impressions", expires=IMPRESSIONS_SECONDS
)
# Finds what is still owed when the worker was not told of it.
app.add_periodic_task(
    SWEEP_SECONDS, tasks.sweep_deliveries.s(), name="sweep deliveries", expires=SWEEP_SECONDS
)
# Polls end at any moment; who voted hears of it within this time.
app.add_periodic_task(POLLS_SECONDS, tasks.announce_polls.s(), name="announce polls", expires=POLLS_SECONDS)
app.add_periodic_task(CARDS_SECONDS, tasks.fetch_cards.s(), name="fetch cards", expires=CARDS_SECONDS)
app.add_periodic_task(WORDS_SECONDS, tasks.enter_words.s(), name="enter words", expires=WORDS_SECONDS)
app.add_periodic_task(DIGESTS_SECONDS, tasks.send_digests.s(), name="send digests", expires=DIGESTS_SECONDS)
app.add_periodic_task(PUSHES_SECONDS, tasks.send_pushes.s(), name="send pushes", expires=PUSHES_SECONDS)
app.add_periodic_task(USAGE_SECONDS, tasks.count_usage.s(), name="count usage", expires=USAGE_SECONDS)
app.add_periodic_task(FOLD_SECONDS, tasks.fold_counts.s(), name="fold counts", expires=FOLD_SECONDS)
app.add_periodic_task(
    STANDING_SECONDS, tasks.settle_standing.s(), name="settle standing", expires=STANDING_SECONDS
)
app.add_periodic_task(
    STANDING_SECONDS, tasks.settle_openness.s(), name="settle whose media are open", expires=STANDING_SECONDS
)
app.add_periodic_task(
    crontab(hour="4", minute="45"), tasks.settle_openness.s(all_of_them=True), name="compare all open media"
)


@shared_task
def publish_scheduled(**_: object) -> None:
    """Publish the posts whose time has come, unless writing is switched off: then they wait until it is not.

    It stands here, above the verbs: other tasks are below them.
    """
    if switches.value("writes") == "off":
        return
    scheduled.publish_due(now=datetime.now(UTC))


app.add_periodic_task(
    SCHEDULED_SECONDS, publish_scheduled.s(), name="publish scheduled posts", expires=SCHEDULED_SECONDS
)


@shared_task
def empty_erased(**_: object) -> None:
    """Delete what people published whom the ground has erased, unless writing is switched off."""
    if switches.value("writes") == "on":
        leaving.empty_erased(now=datetime.now(UTC))


app.add_periodic_task(
    STANDING_SECONDS, empty_erased.s(), name="empty erased accounts", expires=STANDING_SECONDS
)
app.add_periodic_task(crontab(minute="17"), tasks.purge.s(), name="purge")
