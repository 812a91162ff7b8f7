"""A worker may die at any step, and the queue may lose everything: a decision stands whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from moderation import tasks
from moderation.models import (
    Appeal,
    Case,
    Decision,
    EndedEffect,
    LogEntry,
    PublicAct,
    Report,
    SeveredFollow,
)
from moderation.operations import appeals, cases, claims
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests.desks import reported
from tests.mortal import mortal
from tests.people import client_of, make_account, publish
from tests.restricting import REASONS, moderator
from upscrolled.core import valkey
from upscrolled.models import Follow, Notification, OwedMail, Restriction

NOTHING, ALL = (0, 0, 0, 0, 0, 0, 0, "claimed", ""), (1, 1, 1, 1, 1, 1, 1, "decided", "upheld")
_CHAIN = """
WITH d AS (SELECT * FROM moderation_decision WHERE case_id = %(case)s),
     s AS (SELECT * FROM moderation_statement WHERE subject_kind = 'post' AND subject_id = %(post)s)
SELECT (SELECT count(*) FROM d), (SELECT count(*) FROM s),
  (SELECT count(*) FROM moderation_statementkey WHERE statement_id IN (SELECT id FROM s)),
  (SELECT count(*) FROM moderation_notice WHERE statement_id IN (SELECT id FROM s)),
  (SELECT count(*) FROM moderation_logentry WHERE decision_id IN (SELECT id FROM d)),
  (SELECT count(*) FROM upscrolled_restriction WHERE subject_kind = 'post' AND subject_id = %(post)s),
  (SELECT count(*) FROM moderation_strike WHERE decision_id IN (SELECT id FROM d)),
  (SELECT state FROM moderation_case WHERE id = %(case)s),
  (SELECT outcome FROM moderation_report WHERE %(case)s = ANY(cases))
"""


def chain(case: Case) -> tuple[object, ...]:
    """What there is of the decision about a case, and what became of the case and its report."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"case": case.pk, "post": case.subject_id})
        return tuple(cursor.fetchone())


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_step_leaves_all_or_nothing() -> None:
    alice, dave, mia = make_account("alice"), make_account("dave"), moderator()
    first, second = (reported(alice, dave, f"post {n}") for n in range(2))
    held = {case.pk: claims.claim(case.pk, by=mia, now=datetime.now(UTC)) for case in (first, second)}
    with mortal() as worker:

        def dies_deciding(case: Case, after: int) -> bool:
            facts = {"case": case.pk, "version": held[case.pk].version, "post": case.subject_id, "by": mia.id}
            return worker.order("decide", dies_after=after, **facts)

        steps = 1
        while dies_deciding(first, steps):
            assert chain(first) == NOTHING, f"killed after statement {steps}"
            steps += 1
        assert chain(first) == ALL
        assert steps > 10

        assert dies_deciding(second, 0)
        assert chain(second) == ALL

        decision, told = Decision.objects.get(case=second).pk, []
        while worker.order("carry out", dies_after=len(told) + 1, decision=decision):
            told.append((_told(alice), OwedMail.objects.count()))
        assert set(told) == {(0, 0), (1, 1)}
        assert told == sorted(told)

    tasks.carry_out(decision_id=decision)
    tasks.deliver_notices()  # of the first, whose task died with its sender
    assert (_told(alice), OwedMail.objects.count()) == (2, 2)
    assert client_of(dave).get(f"/api/v1/statuses/{second.subject_id}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_is_taken_back_is_so_wholly_or_not_at_all() -> None:
    """An appeal that is right ends a suspension: killed at any step of it, and of giving back what it severed."""
    now = datetime.now(UTC)
    alice, dave, mia, noor = make_account("alice"), make_account("dave"), moderator(), moderator("noor")
    client_of(dave).post(f"/api/v1/accounts/{alice.id}/follow")
    held = claims.claim(reported(alice, dave, "post").pk, by=mia, now=now)
    wish = Wish(Subject("account", alice.id), "account_suspended", "hate", REASONS)
    made = cases.decide_case(held, wish, by=mia, now=now)
    with mortal() as worker:
        severed = []
        while worker.order("carry out", dies_after=len(severed) + 1, decision=made.decision_id):
            severed.append((Follow.objects.count(), SeveredFollow.objects.count()))
        assert set(severed) == {(1, 0), (0, 1)}

        filed = appeals.appeal_decision(made.statement_id, by=alice, text="I quoted them.", now=now)
        claim = appeals.claim_appeal(filed.pk, by=noor, now=now)
        steps, facts = 1, {"appeal": filed.pk, "version": claim.version, "by": noor.id}
        before = _taken_back(filed)
        while worker.order("overturn", dies_after=steps, **facts):
            assert _taken_back(filed) == before == ("claimed", 0, 0, True, "upheld"), (
                f"after statement {steps}"
            )
            steps += 1
        assert (_taken_back(filed), steps > 10) == (("overturned", 1, 2, False, "refused"), True)

        back, given = Decision.objects.get(reverses=made.decision_id).pk, []
        while worker.order("carry out", dies_after=len(given) + 1, decision=back):
            given.append((Follow.objects.count(), EndedEffect.objects.count()))
        assert set(given) == {(0, 0), (1, 1)}
    for task in (tasks.deliver_notices, tasks.end_effects, tasks.tell_reporters):
        task()
    assert (_told(alice), Follow.objects.count()) == (2, 1)
    assert client_of(dave).get(f"/api/v1/accounts/{alice.id}").json().get("suspended") is None


def _taken_back(filed: Appeal) -> tuple[object, ...]:
    """How far an appeal is, what of taking back there is, whether the restriction holds, what the reporter is told."""
    filed.refresh_from_db()
    return (
        filed.state,
        Decision.objects.filter(action="restore").count(),
        LogEntry.objects.filter(decision__action="restore").count() + PublicAct.objects.count(),
        Restriction.objects.filter(ends_at=None).exists(),
        Report.objects.get().outcome,
    )


def _told(account) -> int:
    return Notification.objects.filter(recipient=account, kind="moderation_warning").count()


@pytest.mark.django_db(transaction=True)
def test_with_every_queue_and_cache_lost_the_clock_does_what_is_owed() -> None:
    now = datetime.now(UTC)
    alice, dave, mia, noor = make_account("alice"), make_account("dave"), moderator(), moderator("noor")
    for follower, target in ((dave, alice), (alice, dave)):
        client_of(follower).post(f"/api/v1/accounts/{target.id}/follow")
    case = reported(alice, dave, "post")
    held = claims.next_case(by=mia, now=now)
    assert held is not None
    cases.decide_case(
        held, Wish(Subject("account", alice.id), "account_suspended", "hate", REASONS), by=mia, now=now
    )
    left = reported(noor, dave, "another")
    claims.claim(left.pk, by=mia, now=now - timedelta(minutes=11))
    hidden = publish(dave, "a third")
    decide(Wish(Subject("post", hidden), "removed", "hate", REASONS), by=mia, now=now)
    for server in (valkey.data(), valkey.cache()):
        server.flushdb()

    for _ in range(2):
        for task in (tasks.deliver_notices, tasks.tell_reporters, tasks.end_effects, tasks.refresh_queue):
            task()

    assert (_told(alice), _told(dave)) == (1, 1)
    assert OwedMail.objects.count() == 3  # two statements, and the outcome of dave's report
    assert [told["upscrolled"]["report"]["outcome"] for told in _outcomes(dave)] == ["received", "upheld"]
    assert not Follow.objects.exists()
    assert Case.objects.get(pk=left.pk).state == "open"
    assert client_of(noor).get(f"/api/v1/statuses/{hidden}").status_code == 404
    assert client_of(dave).get(f"/api/v1/statuses/{case.subject_id}").status_code == 404

    reverse(
        Decision.objects.get(action="account_suspended").pk,
        by=noor,
        facts="The post was read again in its context.",
        explanation="It quotes the insult to condemn it.",
        now=datetime.now(UTC),
    )
    valkey.data().flushdb()
    for _ in range(2):
        tasks.end_effects()
    assert Follow.objects.count() == 2


def _outcomes(account) -> list[dict]:
    shown = client_of(account).get("/api/v1/notifications", {"types[]": "upscrolled.report"}).json()
    return sorted(shown, key=lambda told: told["upscrolled"]["report"]["outcome"])
