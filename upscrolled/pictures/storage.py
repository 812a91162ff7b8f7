"""Where pictures lie: in the storage of all media, in folders of their own, named by their content."""

from __future__ import annotations

import hashlib
import re

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from upscrolled.pictures.kinds import KINDS, Kind

MEDIA_TYPE = {"jpg": "image/jpeg", "webp": "image/webp", "gif": "image/gif"}
_FOLDERS = "|".join(kind.folder for kind in KINDS.values())
# A name is never a path that somebody wrote: it has one form, and nothing else is looked for.
_NAME = re.compile(rf"(?:{_FOLDERS})/[0-9a-f]{{2}}/[0-9a-f]{{64}}(?:\.still)?\.(jpg|webp|gif)\Z")


def name_of(kind: Kind, suffix: str, content: bytes) -> str:
    """Return the name of a file, which follows from its content."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{kind.folder}/{digest[:2]}/{digest}.{suffix}"


def still_of(name: str) -> str:
    """Return the name of the picture that stands still: of a moving one its first frame, else itself."""
    return f"{name.removesuffix('.gif')}.still.webp" if name.endswith(".gif") else name


def moving_of(name: str) -> str:
    """Return the name that a profile has, of a picture or of the still beside it."""
    return f"{name.removesuffix('.still.webp')}.gif" if name.endswith(".still.webp") else name


def media_type(name: str) -> str | None:
    """Return the media type of a stored file, or None if no file has such a name."""
    match = _NAME.match(name)
    return MEDIA_TYPE[match[1]] if match else None


def put(name: str, content: bytes) -> None:
    """Store a file, unless it is there."""
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))


def remove(name: str) -> None:
    """Remove a file and its still, where they are there."""
    for each in {name, still_of(name)}:
        default_storage.delete(each)


def read(name: str) -> bytes | None:
    """Return a file's content, or None."""
    try:
        with default_storage.open(name) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
