"""Pictures that mean harm: each gets a clear sentence, soon, and the worker goes on."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.upscrolled.media.photo import hostile
from upscrolled.media.photo import probe, renditions
from upscrolled.media.photo.limits import Limits
from upscrolled.media.photo.shapes import Made
from upscrolled.media.refusals import Reason, Refused

SECONDS = 60.0  # half of what any picture may take, on whatever machine


def _all_of_it(path: Path, limits: Limits) -> Made:
    return renditions.make(
        path, path.with_name(f"{path.name}.made"), probe.look(path, limits=limits), limits=limits
    )


def _refuse(path: Path, limits: Limits | None = None) -> Refused:
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        _all_of_it(path, limits or Limits())
    assert time.monotonic() - began < SECONDS
    assert refused.value.sentence[0].isupper()
    assert len(refused.value.sentence) < 250
    assert path.name not in refused.value.sentence
    assert not path.with_name(f"{path.name}.made").exists()
    return refused.value


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_more_pixels_than_are_taken_are_refused_by_number(tmp_path, pictures):
    for name, data in hostile.huge(pictures).items():
        refused = _refuse(_write(tmp_path, name, data))
        if name == "bomb.png":
            assert refused.sentence == "The picture has 30000 x 30000 = 900000000 pixels; at most 50331648"
        assert refused.reason in (
            {Reason.PIXELS, Reason.UNREADABLE} if name.endswith(("heic", "avif")) else {Reason.PIXELS}
        ), (name, refused.sentence)


def test_a_thread_of_a_million_pixels_is_no_picture(tmp_path):
    sentences = {
        name: _refuse(_write(tmp_path, name, data)).sentence for name, data in hostile.long_sides().items()
    }

    assert sentences == {
        "tall.png": "The picture is 1 x 1000000 pixels; each side has at most 30000",
        "wide.png": "The picture is 1000000 x 1 pixels; each side has at most 30000",
    }


def test_what_unpacks_to_hundreds_of_megabytes_is_not_unpacked(tmp_path, pictures):
    for name, data in (hostile.packed() | hostile.packed_notes(pictures)).items():
        path = _write(tmp_path, name, data)
        with suppress(Refused):
            assert _all_of_it(path, Limits()).peak_bytes < 150 << 20


def test_a_picture_that_takes_too_long_is_given_up(tmp_path):
    path = _write(tmp_path, "scans.jpg", hostile.endless_scans())

    refused = _refuse(path, Limits(cpu_seconds=2))

    assert refused.reason == Reason.COST
    assert refused.sentence == "This takes longer than 2 seconds of processor time to read; that is the limit"


def test_a_picture_that_takes_too_much_memory_is_given_up(tmp_path):
    path = _write(tmp_path, "large.png", hostile.png(9000, 5000, data=hostile.rows(9000, 5000)))

    refused = _refuse(path, Limits(memory=300 << 20))

    assert refused.reason == Reason.COST
    assert refused.sentence == "This takes more than 300 MB of memory to read; that is the limit"


def test_a_thousand_frames_are_told_and_not_drawn(tmp_path):
    path = _write(tmp_path, "frames.gif", hostile.many_frames())

    began = time.monotonic()
    facts = probe.look(path, limits=Limits())

    assert facts.moves
    assert renditions.make(path, tmp_path / "made", facts, limits=Limits()).meta.small.size == "554x554"
    assert time.monotonic() - began < SECONDS


def test_headers_that_lie_are_refused(tmp_path, pictures):
    for name, data in hostile.lies(pictures).items():
        assert _refuse(_write(tmp_path, name, data)).reason in (Reason.UNREADABLE, Reason.TRUNCATED), name


def test_boxes_that_lead_nowhere_are_refused(tmp_path, pictures):
    for name, data in hostile.boxes(pictures).items():
        assert _refuse(_write(tmp_path, name, data)).reason in (
            Reason.UNREADABLE,
            Reason.TRUNCATED,
            Reason.PIXELS,
            Reason.LONG,
            Reason.COST,
        ), name


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "heic", "avif"])
def test_what_was_not_sent_whole_is_refused(tmp_path, pictures, suffix):
    reasons = set()
    for tenth, data in hostile.cut(pictures[f"photo.{suffix}"].read_bytes()):
        reasons.add(_refuse(_write(tmp_path, f"{tenth}.{suffix}", data)).reason)

    assert reasons <= {Reason.TRUNCATED, Reason.UNREADABLE}
    assert Reason.TRUNCATED in reasons


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.jpg", "This is text; taken are JPEG, PNG, WebP, GIF, HEIC, AVIF"),
        ("arabic.jpg", "This is text"),
        ("page.jpg", "This is a web page"),
        ("drawing.svg", "This is an SVG drawing"),
        ("drawing.png", "This is an SVG drawing"),
        ("bomb.jpg", "This is a ZIP archive"),
        ("film.jpg", "This is a video"),
        ("paper.jpg", "This is a PDF document"),
        ("scan.jpg", "This is a TIFF picture"),
        ("shell.jpg", "This is text"),
        ("drawing.eps.jpg", "This is a file of an unknown kind"),
        ("noise.jpg", "This is a file of an unknown kind"),
        ("zeroes.jpg", "This is a file of an unknown kind"),
        ("one_byte.jpg", "This is a file of an unknown kind"),
    ],
)
def test_what_is_no_picture_is_told_what_it_is(tmp_path, name, words):
    refused = _refuse(_write(tmp_path, name, hostile.strangers()[name]))

    assert refused.reason == Reason.NOT_MEDIA
    assert words in refused.sentence


def test_an_empty_file_is_told_so(tmp_path):
    refused = _refuse(_write(tmp_path, "empty.jpg", b""))

    assert (refused.reason, refused.sentence) == (Reason.EMPTY, "The file is empty (0 bytes)")


def test_two_kinds_at_once_are_one_too_many(tmp_path, pictures):
    for name, data in hostile.polyglots(pictures).items():
        refused = _refuse(_write(tmp_path, name, data))
        assert refused.reason == Reason.TWO_KINDS
        assert ("a ZIP archive" if "zip" in name else "a web page") in refused.sentence


def test_a_phones_short_video_behind_a_picture_does_not_matter(tmp_path, pictures):
    film = hostile.box(b"ftyp", b"mp42", bytes(4), b"mp42") + hostile.box(b"mdat", bytes(range(256)) * 400)
    path = _write(tmp_path, "motion.jpg", pictures["phone.jpg"].read_bytes() + film)

    made = _all_of_it(path, Limits())

    assert made.meta.original.size == "240x160"
    assert all(file.bytes < 60_000 for file in made.files)


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_only_plain_files_are_read(pictures, tmp_path, kind):
    path = tmp_path / "upload.jpg"
    if kind == "link":
        path.symlink_to(pictures["photo.jpg"])
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)

    assert _refuse(path).reason == Reason.NOT_A_FILE


@pytest.mark.parametrize(
    "name",
    ["photo\u202egpj.exe", "؜\u200fصورة\u2067.jpg", "-rf.jpg", "..jpg", "a\nb\x1b[2J.jpg", "photo.jpg;id"],
)
def test_a_name_is_never_looked_at(tmp_path, pictures, name):
    folder = tmp_path / "in\u202e"
    folder.mkdir()
    path = _write(folder, name, pictures["photo.jpg"].read_bytes())

    made = renditions.make(path, tmp_path / "made", probe.look(path, limits=Limits()), limits=Limits())

    assert {file.name for file in made.files} == {"photo.jpg", "preview.jpg"}


@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "heic", "avif"])
def test_damage_anywhere_is_either_seen_or_survived(tmp_path, pictures, suffix):
    for number, data in enumerate(hostile.damaged(pictures[f"photo.{suffix}"].read_bytes(), 25)):
        with suppress(Refused):
            _all_of_it(_write(tmp_path, f"{number}.{suffix}", data), Limits(cpu_seconds=5))
