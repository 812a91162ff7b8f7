"""docs/scaling.md names settings, profiles and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from upscrolled import env

PAGE = Path("docs/scaling.md").read_text()
COMPOSED = Path("docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(COMPOSED)


def test_every_setting_of_the_page_is_read_by_somebody():
    known = {var.name for var in env.VARS} | set(COMPOSE["services"]["caddy"]["environment"])
    known |= set(re.findall(r"\{\$(\w+)", Path("deploy/Caddyfile").read_text()))
    known |= set(re.findall(r"\$\{(\w+)", COMPOSED))
    named = set(re.findall(r"\b([A-Z][A-Z]+(?:_[A-Z]+)+)\b", PAGE)) - {"PGDATA", "PG_VERSION"}

    assert {"DATABASE_REPLICA_URL", "WEB_UPSTREAMS", "CACHE_URL"} <= named
    assert named - known == set()


def test_every_profile_of_the_page_is_one_of_the_compose_file():
    there = {profile for service in COMPOSE["services"].values() for profile in service.get("profiles", ())}
    named = set(re.findall(r"--profile (\w+)|profile\s+`(\w+)`", PAGE))

    assert {one or other for one, other in named} <= there
    assert there == {"replica", "pgbouncer", "web2"}


def test_every_test_of_the_page_exists():
    named = re.findall(r"`(tests/\S+\.py)`", PAGE)

    assert len(named) == 4
    assert [path for path in named if not Path(path).is_file()] == []


def test_every_page_it_links_to_exists():
    links = re.findall(r"\]\(([a-z]+\.md)\)", PAGE)

    assert [link for link in links if not (Path("docs") / link).is_file()] == []
