"""Two databases on one server: the surge world, which is kept between runs, and the small one, made anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.benchmarks.stack import ROOT
from upscrolled.dev.servers import EmbeddedPostgres

SMALL = "upscrolled_small"


def prepare(data_dir: Path, *, scale: float, say: Callable[[str], None]) -> None:
    """Make what is missing in this data directory, with PostgreSQL alone: nobody else uses the tables then."""
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o711)  # When we are root, the servers' user has to pass.
    server = EmbeddedPostgres(data_dir)
    server.start(say)
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {SMALL} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {SMALL}")
        for url, world in (
            (server.url, ("surge", "--scale", f"{scale:g}")),
            (beside(server.url), ("small",)),
        ):
            say(f"World {world[0]}:")
            _manage(data_dir, url, "migrate", "--verbosity", "0")
            _manage(data_dir, url, "demo", "--world", *world)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
                connection.execute("VACUUM (ANALYZE)" if world == ("small",) else "ANALYZE")
    finally:
        server.stop()


def beside(url: str) -> str:
    """Return the address of the small world's database on the same server."""
    return url.replace(f"/{EmbeddedPostgres.database}?", f"/{SMALL}?")


def _manage(data_dir: Path, url: str, *arguments: str) -> None:
    environ = os.environ | {"DATABASE_URL": url, "DATA_DIR": str(data_dir)}
    done = subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments], env=environ, check=False)
    if done.returncode:
        raise SystemExit(
            f"manage.py {arguments[0]} failed. If {data_dir} holds the world of an older version, remove it: "
            "it is made anew then."
        )
