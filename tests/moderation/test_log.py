"""The log as arithmetic, as rows and over HTTP; and a script that knows nothing of us agrees."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from moderation import acts, publishing, statements, transparency
from moderation.log import notes, tree
from moderation.logstore import Tiles
from moderation.models import LogCheckpoint, LogEntry, LogLeaf, LogTile, Statement
from moderation.operations.decide import Wish, decide, reverse
from moderation.subjects import Subject
from tests.moderation.test_audit import as_superuser
from tests.people import publish
from tests.restricting import REASONS, moderator

ROOT = Path(__file__).parents[2]
LOG = "/log"
PROOFS = "/api/v1/upscrolled/log"
NOW = datetime.now(UTC)


def leaves(count: int) -> list[bytes]:
    return [tree.leaf_hash(str(n).encode()) for n in range(count)]


# Of the reference implementation's tests (RFC 6962): the roots of its eight entries.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def test_roots_are_those_of_the_reference() -> None:
    grown = tree.Tree(list(map(tree.leaf_hash, ENTRIES)))
    assert tree.root(0, grown.node) == sha256(b"").digest()
    assert {size: tree.root(size, grown.node).hex() for size in ROOTS} == ROOTS


@given(st.integers(1, 300), st.data())
def test_every_proof_proves_its_own_and_nothing_else(size: int, data: st.DataObject) -> None:
    grown = tree.Tree(leaves(size))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    top, path = tree.root(size, grown.node), tree.inclusion_proof(index, size, grown.node)
    assert tree.verify_inclusion(grown.levels[0][index], index, size, path, top)
    assert not tree.verify_inclusion(tree.leaf_hash(b"forged"), index, size, path, top)
    assert not tree.verify_inclusion(grown.levels[0][index], index, size, [*path, top], top)
    before, steps = tree.root(old, grown.node), tree.consistency_proof(old, size, grown.node)
    assert tree.verify_consistency(old, size, before, top, steps)
    assert old == size or not tree.verify_consistency(old, size, top, top, steps)


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [(1, 1, 1), (255, 1, 1), (256, 300), (700,)])
def test_tiles_grow_into_the_tree_and_are_made_again(steps: tuple[int, ...]) -> None:
    hashes, size = leaves(sum(steps)), 0
    for step in steps:
        size = Tiles().append(size, hashes[size : size + step])
    whole = tree.Tree(hashes)
    assert tree.root(size, Tiles().node) == tree.root(size, whole.node)
    assert tree.inclusion_proof(size // 2, size, Tiles().node) == tree.inclusion_proof(
        size // 2, size, whole.node
    )
    assert LogTile.objects.count() == -(-size // 256) + size // 256 // 256 + (size >= 256)


def test_a_note_is_read_only_under_its_key() -> None:
    def sign(message: bytes) -> bytes:
        return sha256(b"secret" + message).digest()

    checkpoint = notes.Checkpoint("a.example/log", 3, bytes(32))
    note = notes.write(checkpoint, public=b"key", signature=sign(checkpoint.text.encode()))

    def reads(text: str, public: bytes = b"key") -> bool:
        try:
            notes.read(text, publics=[public], verify=lambda _, said, made: made == sign(said))
        except ValueError:
            return False
        return True

    assert reads(note)
    assert not reads(note.replace("\n3\n", "\n4\n"))
    assert not reads(note.partition("\n\n")[0])
    assert not reads(note, public=b"another")


@pytest.fixture
def decided(alice) -> list[int]:
    """Three decisions about posts of alice, of yesterday."""
    return [
        decide(
            Wish(Subject("post", publish(alice, f"post {n}")), "removed", "hate", REASONS),
            by=moderator(),
            now=NOW - timedelta(days=1),
        ).decision_id
        for n in range(3)
    ]


@pytest.mark.django_db
class TestPublishing:
    def test_a_batch_waits_for_its_delay_and_is_published_once(self, decided: list[int]) -> None:
        assert publishing.publish(now=NOW - timedelta(days=1) + timedelta(hours=1)) == 0
        assert publishing.publish(now=NOW) == 3
        assert publishing.publish(now=NOW) == 0
        assert LogCheckpoint.objects.get().size == 3
        assert sorted(LogLeaf.objects.values_list("index", flat=True)) == [0, 1, 2]

    def test_an_entry_names_nobody(self, decided: list[int], alice) -> None:
        for entry in LogEntry.objects.all():
            said = json.loads(entry.data)
            assert set(said) == {
                *("v", "action", "subject", "day", "days", "policy", "policy_version", "category", "ground"),
                *("source", "automated_detection", "automated_decision", "countries", "digest", "prior"),
                *("lane", "took", "in_time"),
            }
            assert str(alice.id) not in entry.data
            assert transparency.canonical(said) == entry.data

    def test_a_lost_tile_is_made_again_from_the_leaves(self, decided: list[int]) -> None:
        publishing.publish(now=NOW)
        before = list(LogTile.objects.values_list("level", "number", "hashes"))
        LogTile.objects.all().delete()

        assert publishing.rebuild() == 3
        assert [
            tuple(map(bytes_or, row)) for row in LogTile.objects.values_list("level", "number", "hashes")
        ] == [tuple(map(bytes_or, row)) for row in before]

    def test_the_person_verifies_it_with_a_script_that_knows_nothing_of_us(
        self, client_of, alice, decided: list[int], tmp_path: Path
    ) -> None:
        publishing.publish(now=NOW)
        mine = client_of(alice).get("/api/v1/upscrolled/statements").json()
        told = client_of(alice).get(f"/api/v1/upscrolled/statements/{mine[0]['id']}").json()
        key = tmp_path / "key"
        key.write_bytes(client_of().get(f"{LOG}/key").content)
        statement = tmp_path / "statement.json"

        statement.write_text(json.dumps(told))
        assert run_verifier("statement", statement, key) == "ok"

        statement.write_text(json.dumps({**told, "text": told["text"] + "."}))
        assert "not the one of the log" in run_verifier("statement", statement, key)

    def test_a_later_log_continues_the_earlier_one(self, client_of, alice, decided, tmp_path: Path) -> None:
        publishing.publish(now=NOW)
        old, new, proof, key = (tmp_path / name for name in ("old", "new", "proof", "key"))
        old.write_bytes(client_of().get(f"{LOG}/checkpoint").content)
        for n in range(2):
            wish = Wish(Subject("post", publish(alice, f"again {n}")), "removed", "spam", REASONS)
            decide(wish, by=moderator(), now=NOW - timedelta(days=1))
        publishing.publish(now=NOW)
        new.write_bytes(client_of().get(f"{LOG}/checkpoint").content)
        key.write_bytes(client_of().get(f"{LOG}/key").content)
        proof.write_bytes(client_of().get(f"{PROOFS}/consistency", {"old": 3, "new": 5}).content)

        assert run_verifier("consistency", old, new, proof, key) == "ok"
        proof.write_bytes(client_of().get(f"{PROOFS}/consistency", {"old": 2, "new": 5}).content)
        assert run_verifier("consistency", old, new, proof, key) != "ok"

    def test_the_order_of_a_batch_is_nobodys(self, db: None) -> None:
        for n in range(20):
            acts.tell("kept", n + 1, now=NOW - timedelta(days=1), lane="ordinary", policy="hate")
        publishing.publish(now=NOW)
        places = list(LogLeaf.objects.order_by("index").values_list("act__ref", flat=True))
        assert sorted(places) == list(range(1, 21)) != places

    def test_who_has_both_statements_sees_that_one_takes_the_other_back(self, decided: list[int]) -> None:
        made = reverse(
            decided[0],
            by=moderator(),
            facts="It was read again in its context.",
            explanation="It quotes the insult to condemn it.",
            now=NOW,
        )
        earlier = Statement.objects.select_related("key").get(decision=decided[0])
        opened = statements.unseal(earlier, earlier.key.key)
        assert opened is not None
        said = LogEntry.objects.get(pk=made.decision_id).data
        assert json.loads(said)["prior"] == sha256(b"prior" + bytes.fromhex(opened.salt)).hexdigest()
        assert opened.salt not in said
        assert earlier.digest not in said

    def test_the_checkpoint_is_a_signed_note_as_witnesses_take_it(
        self, client_of, decided: list[int]
    ) -> None:
        """C2SP's signed-note and tlog-checkpoint, and an Ed25519 that is none of ours."""
        publishing.publish(now=NOW)
        text, signatures = client_of().get(f"{LOG}/checkpoint").content.decode().split("\n\n")
        name, mark, public = client_of().get(f"{LOG}/key").content.decode().strip().split("+", 2)
        origin, size, root = text.split("\n")
        assert (origin, size, len(b64decode(root))) == (name, "3", 32)
        (line,) = signatures.splitlines()
        dash, signer, signature = line.split(" ")
        key, made = b64decode(public), b64decode(signature)
        assert (dash, signer, key[:1]) == ("—", name, b"\x01")
        assert sha256(f"{name}\n".encode() + key).digest()[:4] == made[:4] == bytes.fromhex(mark)
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(made[4:], f"{text}\n".encode())

    def test_the_shell_verifies_a_statement_and_that_the_log_only_grew(
        self, alice, decided: list[int], capsys
    ) -> None:
        number = Statement.objects.earliest("id").pk
        with pytest.raises(SystemExit):
            call_command("log_verify", statement=number)
        assert "waits for its place" in capsys.readouterr().err
        publishing.publish(now=NOW)
        wish = Wish(Subject("post", publish(alice, "again")), "removed", "spam", REASONS)
        decide(wish, by=moderator(), now=NOW - timedelta(days=1))
        publishing.publish(now=NOW)
        call_command("log_verify", statement=number, since=3)
        for unknown in ({"statement": 1}, {"since": 2}):
            with pytest.raises(CommandError, match="There is no"):
                call_command("log_verify", **unknown)

        as_superuser(
            "UPDATE moderation_logleaf SET index = 9 WHERE index = 0",
            f"UPDATE moderation_statement SET digest = '{'0' * 64}' WHERE id = {number}",
        )
        with pytest.raises(SystemExit):
            call_command("log_verify", statement=number)
        assert "the log tells of another statement" in capsys.readouterr().err
        LogTile.objects.all().delete()
        publishing.rebuild()
        with pytest.raises(SystemExit):
            call_command("log_verify", since=3)
        assert "the log was rewritten" in capsys.readouterr().err

    def test_tiles_and_entries_are_files_for_mirrors(self, client_of, decided: list[int]) -> None:
        publishing.publish(now=NOW)
        client = client_of()
        tile = client.get(f"{LOG}/tile/0/000.p/3")
        bundle = client.get(f"{LOG}/tile/entries/000.p/3").content

        entries, at = [], 0
        while at < len(bundle):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : end])
            at = end
        assert b"".join(map(tree.leaf_hash, entries)) == tile.content
        assert client.get(f"{LOG}/tile/0/000").status_code == 404
        assert client.get(f"{LOG}/tile/0/001.p/1").status_code == 404
        assert client.get(f"{PROOFS}/inclusion", {"index": 3, "size": 3}).status_code == 422
        assert client.get(f"{PROOFS}/inclusion", {"index": 0, "size": 4}).status_code == 404
        assert client.get(f"{PROOFS}/inclusion", {"index": "x", "size": 4}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_anybody_verifies_the_whole_of_a_live_log(live_server, tmp_path: Path) -> None:
    for n in range(300):  # a full tile, and a part of the next
        acts.tell("kept", n + 1, now=NOW - timedelta(days=1), lane="ordinary", policy="hate")
    publishing.publish(now=NOW)
    key, address = tmp_path / "key", f"{live_server.url}{LOG}"
    key.write_bytes(urlopen(f"{address}/key").read())
    assert run_verifier("whole", address, key) == "ok"

    with transaction.atomic():
        as_superuser(
            "UPDATE moderation_publicact SET data = replace(data, 'hate', 'spam'), hash = sha256("
            "'\\x00'::bytea || convert_to(replace(data, 'hate', 'spam'), 'UTF8')) WHERE ref = 2"
        )
    assert "not those that were signed" in run_verifier("whole", address, key)


def test_the_script_has_less_than_a_hundred_lines_of_code() -> None:
    script = (ROOT / "docs" / "verify" / "log.py").read_text()
    described: set[int] = set()
    for part in ast.walk(ast.parse(script)):
        if isinstance(part, ast.Module | ast.FunctionDef) and ast.get_docstring(part):
            described |= set(range(part.body[0].lineno, (part.body[0].end_lineno or 0) + 1))
    lines = {n for n, line in enumerate(script.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
    assert len(lines - described) < 100


def bytes_or(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value


def run_verifier(*arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "verify" / "log.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return (done.stdout or done.stderr).strip()
