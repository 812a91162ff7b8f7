"""Commands that cannot do their work say so in a sentence, not in a page of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql://nobody:hidden@127.0.0.1:9/nothing"  # the port of discard, on which nobody answers


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "DATABASE_URL": NOWHERE, "SECRET_KEY": "only for this"}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_without_a_database_it_says_where_it_looked_and_what_to_do() -> None:
    said = shell("switch")

    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert "127.0.0.1" in said.stderr
    assert "make up" in said.stderr
    assert "hidden" not in said.stderr


def test_who_asks_for_the_traceback_gets_it() -> None:
    assert "Traceback" in shell("switch", "--traceback").stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("account", "token", "alice", "--scopes", "everything"), "no scope 'everything'"),
        (("account", "approve", "--all-older-than", "99999999999"), "between 0 and 87600"),
        (("account", "approve", "--all-older-than", "-1"), "between 0 and 87600"),
        (("account", "create", "zed", "--email", "z@example.org", "--password", ""), "password is empty"),
        (("announcement", "publish", "hello", "--ends", "soon"), "'soon' is no moment"),
        (("announcement", "end", "99999999999999999999"), "no announcement"),
        (("surge", "--minutes", "nan"), "must be above 0"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(alice, words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command(*words)
