"""From the bytes of a page to its text, as browsers find it out (WHATWG Encoding and HTML standards, cut short)."""

from __future__ import annotations

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What pages call them, and the codec. Browsers read Latin 1 as windows-1252, and so on for its neighbours.
_OTHERS: Final = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "macintosh": "mac_roman",
    "utf-16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf8": "utf-8",
    "utf-8": "utf-8",
}
_FAMILIES: Final = re.compile(r"(?:windows|cp|x-cp)-?(125[0-8]|874)\Z|iso-?8859-?(\d{1,2})\Z")
_LOOKED_AT: Final = 4_096
_META: Final = re.compile(rb"<meta\b[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_LANG: Final = re.compile(rb"<html\b[^>]{0,500}?\blang\s*=\s*[\"']?\s*([a-z]{2,3})", re.IGNORECASE)
# What a page without any word about it is written in, by its language, when it is not UTF-8.
_BY_LANGUAGE: Final = {
    **dict.fromkeys((b"ar", b"fa", b"ur", b"ckb", b"ps"), "cp1256"),
    **dict.fromkeys((b"ru", b"uk", b"bg", b"sr", b"mk", b"be"), "cp1251"),
    **dict.fromkeys((b"tr", b"ku", b"az"), "cp1254"),
    **dict.fromkeys((b"cs", b"hu", b"pl", b"sk", b"sl", b"hr", b"ro"), "cp1250"),
    b"he": "cp1255",
    b"el": "cp1253",
    b"vi": "cp1258",
    b"th": "cp874",
    b"ja": "cp932",
    b"ko": "cp949",
    b"zh": "gb18030",
}


def codec_of(label: str) -> str | None:
    """Return the codec that a page means by a label; None for a label that no page should use (UTF-7)."""
    name = label.strip().lower()
    if name in _OTHERS:
        return _OTHERS[name]
    found = _FAMILIES.match(name)
    if not found:
        return None
    windows, iso = found.groups()
    return f"cp{windows}" if windows else f"iso8859_{iso}" if 2 <= int(iso) <= 16 and iso != "12" else None


def text_of(content: bytes, told: str) -> str:
    """Return the text of a page; `told` is the charset its server named, if it did. Never fails.

    A mark at the beginning decides, then the server, then the page itself; without any word it is UTF-8 if it can
    be, else what pages of its language were written in.
    """
    for mark, codec in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace")
    head = content[:_LOOKED_AT]
    codec_told = codec_of(told)
    if codec_told is None and (meta := _META.search(head)):
        codec_told = codec_of(meta[1].decode("ascii", "replace"))
        if codec_told and codec_told.startswith("utf-16"):
            codec_told = "utf-8"  # the page could not be read so far if it were so
    if codec_told is None:
        codec_told = "utf-8" if _is_utf8(content) else _guessed(head)
    return content.decode(codec_told, "replace")


def _is_utf8(content: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)  # its last character may be cut in two
    except UnicodeDecodeError:
        return False
    return True


def _guessed(head: bytes) -> str:
    lang = _LANG.search(head)
    return _BY_LANGUAGE.get(lang[1].lower(), "cp1252") if lang else "cp1252"
