"""Which container a file is, by its first bytes; and which part of ffmpeg may read it. Never by a name."""

from __future__ import annotations

import os
from dataclasses import dataclass

from upscrolled.media import strangers
from upscrolled.media.refusals import Reason, Refused


@dataclass(frozen=True, slots=True)
class Container:
    """`demuxer` is the only one that ffmpeg may use for the file; `moves` are animations of pictures."""

    name: str
    demuxer: str
    moves: bool = False
    only_sound: bool = False


MP4, MOV, GP3 = Container("mp4", "mov"), Container("mov", "mov"), Container("3gp", "mov")
M4A = Container("m4a", "mov")
WEBM, MKV = Container("webm", "matroska"), Container("mkv", "matroska")
GIF, WEBP = Container("gif", "gif", moves=True), Container("webp", "webp_anim", moves=True)
MP3, AAC = Container("mp3", "mp3", only_sound=True), Container("aac", "aac", only_sound=True)
OGG, WAV = Container("ogg", "ogg", only_sound=True), Container("wav", "wav", only_sound=True)
FLAC, AMR = Container("flac", "flac", only_sound=True), Container("amr", "amr", only_sound=True)

TAKEN = "MP4, MOV, 3GP, WebM, MKV, or sound as M4A, MP3, AAC, Ogg, WAV, FLAC, AMR"
# Every decoder that may run: what phones, browsers and recorders write.
DECODERS = ",".join(
    (
        "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,av1,libdav1d,mpeg4,h263,mjpeg,prores,gif,webp,webp_anim",
        "aac,aac_fixed,aac_latm,mp3,mp3float,opus,libopus,vorbis,libvorbis,flac,alac,ac3,eac3",
        "amrnb,amrwb,libopencore_amrnb,libopencore_amrwb",
        "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_u8,pcm_mulaw,pcm_alaw",
    )
)

_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # a QuickTime file of before `ftyp`
_PLAYLISTS = (
    b"#EXTM3U",
    b"ffconcat",
    b"v=0\r\n",
    b"v=0\n",
    b"<MPD",
    b"[playlist]",
    b"<smil",
    b"RTSP",
    b"file '",
)


def sniff(descriptor: int) -> Container:
    """Return the container of an open file. Raises Refused: empty, a playlist, nothing that is taken."""
    head = os.pread(descriptor, strangers.HEAD, 0)
    if not head:
        raise Refused(Reason.EMPTY, "The file is empty (0 bytes)")
    for container in (_mov(head), _matroska(head), _riff(head), _other(head)):
        if container is not None:
            return container
    raise _not_taken(head)


def _mov(head: bytes) -> Container | None:
    kind, brand = head[4:8], head[8:12]
    if kind == b"ftyp":
        if brand in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"):
            raise Refused(Reason.NOT_MEDIA, f"This is a picture (HEIC or AVIF); taken are {TAKEN}")
        if brand.startswith((b"M4A", b"M4B")):
            return M4A
        return MOV if brand == b"qt  " else GP3 if brand.startswith((b"3gp", b"3g2")) else MP4
    return MOV if kind in _BOXES else None


def _matroska(head: bytes) -> Container | None:
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return None
    return WEBM if b"webm" in head[:64] else MKV


def _riff(head: bytes) -> Container | None:
    if head[8:12] == b"WAVE" and head[:4] in (b"RIFF", b"RF64"):
        return WAV
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return None


def _other(head: bytes) -> Container | None:
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    for magic, container in ((b"OggS", OGG), (b"fLaC", FLAC), (b"#!AMR", AMR), (b"ID3", MP3)):
        if head.startswith(magic):
            return container
    if head[0] == 0xFF and len(head) > 3 and head[1] & 0xE0 == 0xE0:
        layer = head[1] & 0x06  # of an MPEG audio frame; ADTS has 0 there
        if layer == 0 and head[1] & 0xF0 == 0xF0:
            return AAC
        if layer == 2 and head[2] & 0xF0 != 0xF0:
            return MP3
    return None


def _not_taken(head: bytes) -> Refused:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(_PLAYLISTS) or (text.startswith(b"<?xml") and b"<MPD" in text):
        return Refused(Reason.PLAYLIST, f"This is a playlist that names other files; taken are {TAKEN}")
    return Refused(Reason.NOT_MEDIA, f"This is {strangers.describe(head)}; taken are {TAKEN}")
