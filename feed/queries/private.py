"""Notifications that are about private messages: the one place below the API that asks messaging, and only for ids.

A list of notifications has both kinds in one order, and whether one may be shown is decided here for all of them: in
lists, on streams, in pushes.
"""

from __future__ import annotations

from collections.abc import Iterable

from messaging.queries import notices
from messaging.queries.notices import About, Notice
from upscrolled.viewer import Viewer

__all__ = ["About", "is_private", "of"]
is_private = notices.is_private


def of(viewer: Viewer, rows: Iterable[tuple[int, str, int, int | None]]) -> dict[int, About]:
    """Return by notification (id, kind, sender, subject) the message it is about, where the viewer still sees it."""
    wanted = {
        number: Notice(kind, subject or 0, sender)
        for number, kind, sender, subject in rows
        if is_private(kind, subject)
    }
    found = notices.about(viewer, list(wanted.values()))
    return {number: found[notice] for number, notice in wanted.items() if notice in found}
