"""How pools follow each other: written down before anybody draws, one leader, and what befalls clocks and stores."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest
import redis
from django.db import IntegrityError, connection, transaction

from feed import tasks
from feed.models import FrozenPool, PoolAudit
from feed.operations.interact import like
from feed.ranking import frames
from feed.ranking.formula import VERSIONS, Weights
from feed.ranking.pool import Pool
from feed.timelines import audits, ledger, pools
from tests.people import NOON, make_account, publish, seen_by
from tests.waiting import until
from upscrolled import keys
from upscrolled.core import valkey

SOON = NOON + timedelta(minutes=1)
EPOCH = timedelta(seconds=2)

pytestmark = pytest.mark.django_db


def test_a_pool_is_written_down_signed_and_chained_before_it_is_handed_out(alice):
    post = publish(alice)
    first, second = advance(SOON), advance(SOON + EPOCH)

    newest, oldest = ledger.listed("all", below=None, limit=9)

    assert bytes(newest.previous) == bytes(oldest.digest) == first.digest
    assert bytes(newest.digest) == second.digest
    said = ledger.statement(newest).text().encode()
    assert keys.verify(newest.key_id, said, bytes(newest.signature))
    assert newest.posts == newest.popular == newest.fresh == 1
    assert post in ledger.rebuilt(second.digest).popular_ids()


def test_the_chain_never_forks(alice):
    publish(alice)
    first = advance(SOON)
    advance(SOON + EPOCH)
    other = Pool.of([], [], epoch_ms=first.epoch_ms + 9, previous=first.digest)

    with pytest.raises(IntegrityError), transaction.atomic():
        ledger.publish("all", other, before=first, keyframe_at=SOON, now=SOON)


def test_a_keyframe_now_and_then_and_deltas_between(alice, settings):
    settings.DISCOVER_KEYFRAME = timedelta(seconds=6)
    posts = [publish(alice, f"post {n}", after=n) for n in range(9)]
    digests = []
    for number, post in enumerate(posts):
        like(seen_by(alice, post), by=make_account(f"fan{number}"), now=NOON)
        digests.append(advance(SOON + number * EPOCH).digest)

    kinds = [row.is_keyframe for row in reversed(ledger.listed("all", below=None, limit=99))]
    assert kinds == [True, False, False, True, False, False, True, False, False]
    rebuilt = [ledger.rebuilt(digest) for digest in digests]
    assert [pool.digest for pool in rebuilt] == digests


def test_a_worker_that_knows_nothing_takes_the_pool_before_from_valkey(alice):
    publish(alice)
    advance(SOON)
    pools.forget()

    advance(SOON + EPOCH)

    assert not FrozenPool.objects.latest("id").is_keyframe


def test_a_worker_that_has_the_pool_before_from_nobody_publishes_a_whole_one(alice):
    publish(alice)
    advance(SOON)
    pools.forget()
    valkey.data().flushdb()

    second = advance(SOON + EPOCH)

    assert FrozenPool.objects.latest("id").is_keyframe
    assert ledger.rebuilt(second.digest).digest == second.digest


def test_only_one_worker_freezes_at_a_time_and_a_dead_leader_is_followed_at_once(alice):
    publish(alice)
    settings = connection.settings_dict
    leader = psycopg.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"] or None,
    )
    leader.execute("SELECT pg_advisory_xact_lock(hashtextextended('discover all', 0))")

    assert pools.advance(now=SOON) is None
    leader.close()  # no word of it: as when the process is killed

    assert until(lambda: pools.advance(now=SOON)) is not None  # once the server has noticed


def test_missed_epochs_are_not_made_up_for_and_the_pool_says_its_age(client_of, alice):
    publish(alice, now=datetime.now(NOON.tzinfo) - timedelta(minutes=2))
    late = advance(datetime.now(NOON.tzinfo) - timedelta(minutes=1))

    page = client_of().get("/api/v1/upscrolled/discover").json()

    assert page["receipt"]["pool"] == late.digest.hex()
    assert 60_000 <= page["pool_age_ms"] < 120_000
    after = advance(datetime.now(NOON.tzinfo))
    assert after.previous == late.digest


def test_a_flushed_valkey_gets_the_last_pool_back_from_the_ledger(alice):
    publish(alice)
    last = advance(SOON)
    valkey.data().flushdb()
    pools.forget()

    assert pools.current(now=SOON + EPOCH).pool.digest == last.digest
    assert FrozenPool.objects.count() == 1
    assert valkey.data().get("discover:pool:{all}:current") is not None


def test_without_valkey_a_new_process_takes_the_last_pool_that_was_written_down(alice, valkey_down):
    publish(alice)
    last = advance(SOON)
    pools.forget()
    valkey_down()

    assert pools.current(now=SOON + timedelta(hours=3)).pool.digest == last.digest
    assert FrozenPool.objects.count() == 1


def test_without_valkey_the_first_pool_of_all_is_public_too(alice, valkey_down):
    publish(alice)
    valkey_down()

    drawn_from = pools.current(now=SOON).pool

    assert ledger.rebuilt(drawn_from.digest).digest == drawn_from.digest


def test_a_clock_that_jumps_back_a_little_is_outrun(alice):
    publish(alice)
    first = advance(SOON)

    second = advance(SOON - timedelta(seconds=30))
    third = advance(SOON - timedelta(seconds=28))

    assert [pool.epoch_ms - first.epoch_ms for pool in (second, third)] == [1, 2]
    assert third.previous == second.digest


def test_a_clock_that_was_wrong_by_far_is_not_waited_for(alice):
    post = publish(alice)
    wrong = advance(SOON + timedelta(days=365))
    assert post not in wrong.fresh_ids()

    right = advance(SOON)

    assert right.epoch_ms < wrong.epoch_ms
    assert right.previous == wrong.digest
    assert post in right.fresh_ids()
    assert pools.current(now=SOON + EPOCH).pool.digest == right.digest


def test_a_pool_of_another_version_is_left_to_newer_processes_and_both_verify(alice, monkeypatch):
    publish(alice)
    old = advance(SOON)
    assert pools.current(now=SOON).pool.version == 1
    newer = Weights(version=2, temperature=0.5)
    monkeypatch.setitem(VERSIONS, 2, newer)
    monkeypatch.setattr(pools, "NEWEST", newer)

    new = advance(SOON + EPOCH)

    assert new.version == 2
    assert pools.current(now=SOON + EPOCH).weights is newer
    assert ledger.rebuilt(old.digest).version == 1
    monkeypatch.delitem(VERSIONS, 2)
    pools.forget()
    valkey.data().mset(
        {
            "discover:pool:{all}:current": pools.Head(old.epoch_ms, old.digest).encode(),
            "discover:pool:{all}:bytes": old.to_bytes(),
        }
    )
    assert pools.current(now=SOON).pool.digest == old.digest
    monkeypatch.setitem(VERSIONS, 2, newer)
    pools._hand_out("all", new)
    monkeypatch.delitem(VERSIONS, 2)
    assert pools.current(now=SOON + EPOCH).pool.digest == old.digest


def test_pools_are_forgotten_after_their_time_but_every_one_listed_can_be_rebuilt(alice, settings):
    settings.DISCOVER_KEYFRAME = timedelta(minutes=10)
    settings.DISCOVER_POOLS_KEPT = timedelta(hours=1)
    publish(alice)
    for minutes in range(0, 120, 4):
        advance(SOON + timedelta(minutes=minutes))

    gone = ledger.sweep("all", now=SOON + timedelta(minutes=116))

    listed = ledger.listed("all", below=None, limit=99)
    assert gone > 0
    assert all(ledger.rebuilt(bytes(row.digest)) for row in listed)
    oldest = (SOON + timedelta(minutes=116) - listed[-1].frozen_at).total_seconds() / 60
    assert 60 <= oldest < 75
    assert ledger.sweep("all", now=SOON + timedelta(minutes=116)) == 0


def test_the_disk_is_bounded_and_the_newest_pool_always_stays(alice, settings):
    settings.DISCOVER_KEYFRAME = timedelta(seconds=1)
    settings.DISCOVER_POOLS_MB = 0
    publish(alice)
    for number in range(5):
        last = advance(SOON + number * EPOCH)

    ledger.sweep("all", now=SOON)

    assert [bytes(row.digest) for row in ledger.listed("all", below=None, limit=9)] == [last.digest]


def test_the_clock_freezes_sweeps_and_audits_every_kind(alice):
    publish(alice)

    tasks.freeze_discover()
    tasks.sweep_pools()

    assert set(FrozenPool.objects.values_list("pool", flat=True)) == {"all", "video"}


def test_old_audits_are_forgotten():
    for days in (1, 91):
        PoolAudit.objects.create(
            pool="all",
            epoch_ms=1,
            digest=b"",
            audited_at=NOON - timedelta(days=days),
            looked_at=0,
            missing=[],
            surplus=[],
        )

    assert audits.sweep(now=NOON) == 1


def test_the_pool_of_videos_is_there_and_empty(client_of, alice):
    publish(alice, now=datetime.now(NOON.tzinfo) - timedelta(minutes=2))

    page = client_of().get("/api/v1/upscrolled/discover", {"media": "video"}).json()

    assert page["items"] == []
    assert page["is_small"] is True
    assert page["receipt"]["pool"] == FrozenPool.objects.get(pool="video").digest.hex()


def test_two_empty_pools_of_one_moment_stand_in_two_chains(db):
    both = [pools.advance(kind, now=SOON) for kind in ("all", "video")]

    assert both[0].digest == both[1].digest
    assert ledger.rebuilt(both[0].digest).digest == both[0].digest
    assert advance(SOON + EPOCH).previous == both[0].digest


def test_a_frame_says_what_it_is(alice):
    publish(alice)
    advance(SOON)
    advance(SOON + EPOCH)

    delta, whole = ledger.listed("all", below=None, limit=2)
    assert frames.is_keyframe(bytes(whole.frame))
    assert not frames.is_keyframe(bytes(delta.frame))


@pytest.fixture
def valkey_down(settings):
    """Call it, and nothing answers at Valkey's addresses any more."""

    def down() -> None:
        settings.VALKEY_URL = settings.CACHE_URL = "redis://127.0.0.1:1/0"
        valkey.forget_connections()
        with pytest.raises(redis.RedisError):
            valkey.data().ping()

    yield down
    valkey.forget_connections()


def advance(now: datetime) -> Pool:
    pool = pools.advance(now=now)
    assert pool is not None
    return pool
