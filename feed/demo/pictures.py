"""Pictures that people of the demo post: landscapes, drawn from a topic and a number, each with its description."""

from __future__ import annotations

from feed.post_types.media import Wanted
from upscrolled.demo import drawing
from upscrolled.demo.scene import Scene
from upscrolled.media import store
from upscrolled.operations import upload

EVERY, CAROUSEL = 7, 3  # which new posts have one; which of those have three
# Hills by day, waves, hills by night: what `drawing.header` makes of a topic.
_SAID = {
    "ar": ("رسم لتلال تحت شمس شاحبة", "رسم لأمواج تحت شمس شاحبة", "رسم لتلال في الليل تحت النجوم"),
    "en": (
        "A drawing of hills under a pale sun",
        "A drawing of waves under a pale sun",
        "A drawing of hills at night, under stars",
    ),
    "fr": (
        "Un dessin de collines sous un soleil pâle",
        "Un dessin de vagues sous un soleil pâle",
        "Un dessin de collines la nuit, sous les étoiles",
    ),
}


def some(scene: Scene, username: str, topic: str, number: int) -> dict[str, Wanted]:
    """Return what somebody's new post shows beside its text, if it is one with pictures."""
    if number % EVERY:
        return {}
    several = CAROUSEL if number % (EVERY * CAROUSEL) == 0 else 1
    return {
        "media": Wanted(tuple(_upload(scene, username, topic, number + place) for place in range(several)))
    }


def _upload(scene: Scene, username: str, topic: str, number: int) -> str:
    kind = 1 if topic in ("sea", "bikes") else 2 if topic in ("sky", "music") else 0
    with store.workroom() as room:
        path = room / "picture.png"
        path.write_bytes(drawing.header(topic, number))
        sent = upload.accept(
            owner=scene.people[username],
            sent=path,
            description=_SAID[scene.roles[username].language][kind],
            at_once=True,
            now=scene.now,
        )
    upload.process_now(sent)
    return str(sent.pk)
