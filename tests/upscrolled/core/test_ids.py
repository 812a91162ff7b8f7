import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from upscrolled.core import ids

NOON = datetime(2026, 1, 27, 12, 0, 0, 123_456, tzinfo=UTC)
NOON_MS = 1_769_515_200_123


def test_an_id_says_when_it_was_made():
    made = ids.at(NOON)

    assert made >> 16 == ids.created_ms(made) == NOON_MS
    assert ids.created_at(made) == NOON.replace(microsecond=123_000)
    assert ids.created_at(made).tzinfo is UTC


def test_an_id_of_the_published_vectors_has_its_published_time():
    assert ids.created_ms(115_963_103_536_990_758) == 1_769_456_535_903


def test_the_same_moment_in_another_time_zone_is_the_same_moment():
    in_gaza = NOON.astimezone(timezone(timedelta(hours=2)))

    assert ids.first_at(in_gaza) == ids.first_at(NOON)


def test_first_at_is_below_every_id_of_its_millisecond_and_above_the_one_before():
    assert ids.at(NOON - timedelta(milliseconds=1)) < ids.first_at(NOON) <= ids.at(NOON)
    assert ids.first_at(NOON) == NOON_MS << 16


def test_ids_of_one_millisecond_rise():
    made = [ids.at(NOON) for _ in range(5000)]

    assert made == sorted(set(made))
    assert {ids.created_ms(one) for one in made} == {NOON_MS}


def test_ids_rise_for_each_moment_also_when_the_clock_jumps_to_and_fro():
    moments = [NOON, NOON + timedelta(hours=1), NOON - timedelta(days=900)]
    made = {moment: [] for moment in moments}
    for _ in range(300):
        for moment in moments:
            made[moment].append(ids.at(moment))

    for moment, its_ids in made.items():
        assert its_ids == sorted(set(its_ids))
        assert {ids.created_ms(one) for one in its_ids} == {ids.first_at(moment) >> 16}


def test_a_full_millisecond_runs_over_into_the_next_and_stays_unique():
    busy = NOON + timedelta(days=1)
    made = [ids.at(busy) for _ in range(150_000)]
    after = [ids.at(busy + timedelta(milliseconds=1)) for _ in range(10)]

    assert made == sorted(set(made))
    assert made[-1] - made[0] < 11 << 16, "at least 16,384 fit into each"
    assert not any(one & 1 << 15 for one in made), "that bit is of messages"
    assert not set(made) & set(after)


def test_many_threads_never_get_the_same_id():
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda _: [ids.at(NOON) for _ in range(2000)], range(8)))

    assert len({one for part in parts for one in part}) == 16_000
    assert all(part == sorted(part) for part in parts)


def test_the_low_bits_start_by_chance():
    starts = {ids.at(NOON + timedelta(milliseconds=n)) & 0xFFFF for n in range(1000, 1100)}

    assert len(starts) > 90
    assert max(starts) < 1 << 14, "room to count up in"


def test_what_is_remembered_is_bounded():
    for n in range(ids.REMEMBERED + 100):
        ids.at(NOON + timedelta(milliseconds=n))

    assert len(ids._made._newest) <= ids.REMEMBERED


def test_a_forked_worker_counts_apart_from_its_parent():
    moment = NOON + timedelta(days=2)
    mine = ids.at(moment)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(len(ids._made._newest)).encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(read, 64) == b"0"
    assert ids.at(moment) == mine + 1
    os.close(read)
    os.close(write)


@pytest.mark.parametrize(
    "moment",
    [
        NOON.replace(tzinfo=None),
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(9999, 1, 1, tzinfo=UTC),
    ],
)
def test_a_moment_that_no_id_can_hold_is_refused(moment):
    with pytest.raises(ValueError, match="an id"):
        ids.at(moment)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("1", 1),
        ("115963103536990758", 115_963_103_536_990_758),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("9" * 19, None),
        ("1" * 27, None),
        ("0", None),
        ("-1", None),
        ("+1", None),
        ("", None),
        ("abc", None),
        ("1a", None),
        ("0x10", None),
        ("1.0", None),
        ("1e3", None),
        ("1_000", None),
        (" 1", None),
        ("1\n", None),
        ("%00", None),
        ("\x00", None),
        ("\uff11", None),
        ("\u0661", None),
        ("\u00b2", None),
    ],
)
def test_parse_takes_positive_decimal_numbers_of_64_bits_and_nothing_else(text, identifier):
    assert ids.parse(text) == identifier
