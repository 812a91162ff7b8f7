"""The public record of discover over the API."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest

from feed.models import PoolAudit
from feed.operations.interact import like
from feed.ranking import frames
from feed.ranking.pool import Pool
from feed.timelines import pools
from tests.people import NOON, client_of, make_account, publish, seen_by
from upscrolled import keys

POOLS = "/api/v1/upscrolled/discover/pools"
SOON = NOON + timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(alice) -> list[Pool]:
    """Five pools, each with a like more than the one before."""
    posts, found = [publish(alice, f"post {n}", after=n) for n in range(5)], []
    for number, post in enumerate(posts):
        like(seen_by(alice, post), by=make_account(f"fan{number}"), now=NOON)
        found.append(pools.advance(now=SOON + timedelta(seconds=2 * number)))
    return found


def test_pools_are_listed_the_newest_first_and_chained(chain):
    heads = client_of().get(POOLS).json()

    assert [head["digest"] for head in heads] == [pool.digest.hex() for pool in reversed(chain)]
    assert [head["previous"] for head in heads[:-1]] == [head["digest"] for head in heads[1:]]
    assert [head["whole"] for head in heads] == [False, False, False, False, True]
    assert heads[0]["cut"] is None
    assert heads[0]["arc"] == {
        "start": str(chain[-1].ring_start),
        "end": str((chain[-1].ring_start - 1) % 2**64),
    }


def test_the_statement_of_a_pool_is_signed_by_a_public_key(chain):
    head = client_of().get(POOLS).json()[0]
    published = {key["id"] for key in client_of().get("/api/v1/upscrolled/keys").json()}

    signature = base64.b64decode(head["signature"])
    assert head["key"] in published
    assert keys.verify(head["key"], head["statement"].encode(), signature)
    assert f"digest {head['digest']}\n" in head["statement"]
    assert not keys.verify(
        head["key"], head["statement"].replace("cut none", "cut 0x1p+0").encode(), signature
    )


def test_the_list_goes_on_where_the_page_before_ended(chain):
    first = client_of().get(POOLS, {"limit": 2})
    assert 'rel="next"' in first.headers["Link"]

    second = client_of().get(POOLS, {"limit": 2, "max_id": first.json()[-1]["number"]}).json()

    digests = [head["digest"] for head in [*first.json(), *second]]
    assert digests == [pool.digest.hex() for pool in chain[:0:-1]]
    assert client_of().get(POOLS, {"media": "video"}).json() == []
    assert client_of().get(POOLS, {"media": "books"}).status_code == 422


def test_a_pool_is_fetched_as_the_bytes_of_its_digest_and_may_be_kept_for_ever(chain):
    head = client_of().get(POOLS).json()[2]

    answer = client_of().get(head["file"])

    assert hashlib.sha256(answer.content).hexdigest() == head["digest"]
    assert "immutable" in answer.headers["Cache-Control"]
    again = client_of().get(head["file"], **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_whoever_follows_the_frames_has_every_pool(chain):
    data = b""
    for head in reversed(client_of().get(POOLS).json()):
        frame = client_of().get(head["frame"]).content
        assert len(frame) == head["frame_bytes"]
        data = frames.unfold(frame, data)
        assert hashlib.sha256(data).hexdigest() == head["digest"]


@pytest.mark.parametrize("digest", ["ab" * 32, "ab", "zz" * 32, "%00"])
@pytest.mark.parametrize("what", ["", "/frame"])
def test_a_pool_that_is_not_kept_is_not_found(chain, digest, what):
    answer = client_of().get(f"{POOLS}/{digest}{what}")

    assert answer.status_code == 404
    assert "published for a day" in answer.json()["error"]


def test_every_receipt_names_a_pool_that_is_public(chain, dave):
    page = client_of(dave).get("/api/v1/upscrolled/discover").json()

    file = client_of().get(f"{POOLS}/{page['receipt']['pool']}")

    assert hashlib.sha256(file.content).hexdigest() == page["receipt"]["pool"]


def test_what_audits_found_is_public(chain):
    PoolAudit.objects.create(
        pool="all",
        epoch_ms=7,
        digest=chain[0].digest,
        audited_at=NOON,
        looked_at=5,
        missing=[2**60],
        surplus=[],
        restricted={"hold": 2},
    )

    [audit] = client_of().get("/api/v1/upscrolled/discover/audits").json()

    assert audit == {
        "pool": "all",
        "epoch_ms": 7,
        "digest": chain[0].digest.hex(),
        "audited_at": "2026-01-15T12:00:00.000Z",
        "looked_at": 5,
        "missing": [str(2**60)],
        "surplus": [],
        "restricted": {"hold": 2},
    }
    assert client_of().get("/api/v1/upscrolled/discover/audits", {"media": "video"}).json() == []


def test_the_list_is_one_statement_for_any_number_of_pools(chain, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert json.loads(client_of().get(POOLS).content)
