"""Reads on a streaming replica: it carries them, nobody misses what they wrote, and nobody notices its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.scale.product import App, Load, Person, Process, Product, product, until
from tests.scale.stores import Standby, ask, replicated
from upscrolled.dev.servers import EmbeddedPostgres

pytestmark = pytest.mark.long
LAG = 3
# pg_stat_statements counts at once; pg_stat_database is told of the work of a connection seconds later.
_STATEMENTS = """SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = 'upscrolled' AND s.query !~ 'pg_stat_|pg_last_wal|pg_current_wal'"""


@dataclass(frozen=True, slots=True)
class Site:
    """A product that reads on a replica."""

    primary: EmbeddedPostgres
    standby: Standby
    product: Product
    web: Process
    port: int
    people: dict[str, Person]

    def app(self, name: str) -> App:
        return App(self.port, self.people[name])

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """The replica receives and does not replay: whoever reads there, reads the past."""
        ask(self.standby, "SELECT pg_wal_replay_pause()")
        until(
            lambda: ask(self.standby, "SELECT pg_get_wal_replay_pause_state()"),
            lambda state: state == "paused",
        )
        try:
            yield
        finally:
            ask(self.standby, "SELECT pg_wal_replay_resume()")

    def caught_up(self) -> None:
        """Wait until the replica knows everything, and is read again."""
        end = ask(self.primary, "SELECT pg_switch_wal()")
        until(lambda: ask(self.standby, f"SELECT pg_last_wal_replay_lsn() >= '{end}'"), bool)
        time.sleep(0.8)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with replicated() as (primary, standby):
        stores = {"DATABASE_URL": primary.url, "DATABASE_REPLICA_URL": standby.url}
        with product(stores, DATABASE_REPLICA_LAG_SECONDS=str(LAG)) as made:
            people = made.populate("alice", "bob", "carol", "dave")
            with made.web() as (port, web):
                found = Site(primary, standby, made, web, port, people)
                found.caught_up()
                found.app("bob").get("/api/v1/timelines/public")  # wakes what looks after the replicas
                time.sleep(1)
                yield found


@pytest.fixture
def alice(site: Site) -> App:
    return site.app("alice")


@pytest.fixture
def bob(site: Site) -> App:
    """Follows alice; has written nothing lately."""
    return site.app("bob")


def posts_of(person: Person, app: App) -> list[str]:
    return [post["id"] for post in app.get(f"/api/v1/accounts/{person.id}/statuses").json]


def home(app: App) -> list[str]:
    answer = app.get("/api/v1/timelines/home")
    assert answer.status == 200, answer.body
    return [post["id"] for post in answer.json]


def test_who_posts_sees_it_at_once_although_the_replica_is_late(site, alice, bob):
    site.caught_up()
    with site.held_back():
        post = alice.post("/api/v1/statuses", status="hello").json["id"]

        assert post in home(alice)
        assert post in posts_of(site.people["alice"], alice)
        assert post not in posts_of(site.people["alice"], bob)  # he reads on the replica
    site.caught_up()

    assert post in posts_of(site.people["alice"], bob)


def test_an_id_that_somebody_was_told_of_is_found_although_the_replica_is_late(site, alice, bob):
    site.caught_up()
    with site.held_back():
        post = alice.post("/api/v1/statuses", status="look here").json["id"]

        assert bob.get(f"/api/v1/statuses/{post}").status == 200
        assert bob.get("/api/v1/statuses/1").status == 404


def test_a_list_built_meanwhile_lacks_nothing(site, alice):
    """Home's list is kept for a week and only added to: it may not be made from the past."""
    dave = site.app("dave")
    site.caught_up()
    with site.held_back():
        post = alice.post("/api/v1/statuses", status="before dave looks").json["id"]
        first = site.app("dave").get("/api/v1/timelines/home")
        assert first.status == 200
    site.caught_up()

    assert post in home(dave)


def test_reads_are_carried_by_the_replica(site, bob):
    site.caught_up()
    before = ask(site.primary, _STATEMENTS), ask(site.standby, _STATEMENTS)
    for _ in range(100):
        assert bob.get("/api/v1/timelines/public").status == 200
    after = ask(site.primary, _STATEMENTS), ask(site.standby, _STATEMENTS)

    assert after[1] - before[1] >= 100  # who bob is, at the least
    assert after[0] - before[0] < 20  # what a web process looks up for itself now and then


def test_a_replica_that_is_too_late_is_not_read(site, alice, bob):
    site.caught_up()
    with site.held_back():
        post = alice.post("/api/v1/statuses", status="old news").json["id"]
        assert post not in posts_of(site.people["alice"], bob)

        until(lambda: posts_of(site.people["alice"], bob), lambda ids: post in ids, seconds=LAG + 3)
    site.caught_up()

    assert site.web.said.count(f"it is more than {LAG} s behind") == 1


def test_a_read_that_writes_ends_up_on_the_primary(site):
    said = site.product.run("-m", "tests.scale.stray")

    assert said.split() == ["replica1", "written", "primary", "written", "primary"]


def test_nobody_notices_that_the_replica_is_killed(site):
    site.caught_up()
    names = ["alice", "bob", "carol", "dave"]
    apps = [(site.app(name), path) for name in names for path in ("timelines/home", "timelines/public")]
    askers: list[Any] = [lambda app=app, path=path: app.get(f"/api/v1/{path}") for app, path in apps]
    with Load(askers) as load:
        time.sleep(1)
        site.standby.kill()
        time.sleep(3)
        seen = len(load.answers)
        site.standby.released()
        site.standby.start()
        time.sleep(4)
    print(f"\n{seen} answers until the replica came back, {len(load.answers)} in all")

    assert set(load.statuses) == {200}
    assert site.web.said.count("Reads go to the primary, not to replica1: ") <= 3
    assert "Reads go to replica1 again." in site.web.said
