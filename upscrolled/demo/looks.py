"""How the people of the demo look: their pictures, pronouns and places, and what stands beside their profile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from upscrolled import pictures, places
from upscrolled.demo.cast import CAST, Role
from upscrolled.demo.drawing import TOPICS, avatar, header
from upscrolled.operations import profiles

if TYPE_CHECKING:
    from upscrolled.demo.scene import Scene


class Drawing(NamedTuple):
    """What is drawn: an avatar or a header, of a topic, in the colours with this number."""

    place: str
    topic: str
    number: int


# Some say nothing of this kind, as people do.
_PRONOUNS = {
    "en": {"she": "she/her", "he": "he/him", "they": "they/them"},
    "ar": {"she": "هي", "he": "هو", "they": "هم"},
    "fr": {"she": "elle", "he": "il", "they": "iel"},
}
_WHO = {
    "she": "alice layla chloe nadia ines maya grace hala rosa zoe amal priya dina ivy lucie salma noemie huda tess "
    "margot farah anouk pearl june rana lina",
    "he": "omar bruno yusuf theo karim leo tariq finn marin hugo khaled jonas emile rami oscar basile ziad bilal",
    "they": "wren sol",
}
_WHERE = {
    "GB": "alice grace tess", "IE": "rosa finn pearl", "CA": "maya gaspard june", "ZA": "nadia", "NZ": "wren ivy",
    "KE": "eli", "JM": "jonas", "IN": "priya", "EG": "omar khaled lina", "LB": "layla ziad", "MA": "sami amal",
    "TN": "yusuf rami", "PS": "hala farah", "OM": "karim", "DZ": "tariq", "JO": "dina huda", "SD": "salma",
    "IQ": "bilal", "FR": "chloe bruno lucie", "BE": "theo margot", "SN": "ines", "CH": "leo felix", "LU": "emile",
    "RE": "marin", "CI": "basile",
}  # fmt: skip
# What stands beside a profile, by topic: a name and a value.
_LINES = {
    "en": {
        "garden": ("Growing", "tomatoes, mint, patience"), "kitchen": ("On the stove", "soup, most days"),
        "books": ("Reading", "something slow"), "bikes": ("Rides", "a green one with a bell"),
        "photos": ("Camera", "older than me"), "code": ("Editor", "whichever is open"),
        "music": ("Plays", "badly, with joy"), "school": ("Teaches", "and learns"),
        "sky": ("Looking at", "Saturn, if the clouds agree"), "sea": ("Tide", "always on my mind"),
        "crafts": ("On the table", "three things half done"), "walks": ("Shoes", "muddy"),
    },
    "ar": {
        "garden": ("أزرع", "طماطم ونعناع وصبرًا"), "kitchen": ("على النار", "شوربة في معظم الأيام"),
        "books": ("أقرأ", "كتابًا على مهل"), "bikes": ("دراجتي", "خضراء ولها جرس"),
        "photos": ("الكاميرا", "أكبر مني سنًا"), "code": ("المحرر", "المفتوح أمامي"),
        "music": ("أعزف", "بفرح أكثر من الإتقان"), "school": ("أعلّم", "وأتعلم"),
        "sky": ("أراقب", "زحل إن رضيت الغيوم"), "sea": ("البحر", "في البال دائمًا"),
        "crafts": ("على الطاولة", "ثلاثة أشياء لم تكتمل"), "walks": ("حذائي", "عليه تراب الطريق"),
    },
    "fr": {
        "garden": ("Pousse ici", "tomates, menthe, patience"), "kitchen": ("Sur le feu", "une soupe, le plus souvent"),
        "books": ("Lecture", "lente, toujours"), "bikes": ("Vélo", "vert, avec une sonnette"),
        "photos": ("Appareil", "plus vieux que moi"), "code": ("Éditeur", "celui qui est ouvert"),
        "music": ("Joue", "mal, mais avec joie"), "school": ("Enseigne", "et apprend"),
        "sky": ("Observe", "Saturne, si les nuages veulent bien"), "sea": ("Marée", "toujours en tête"),
        "crafts": ("Sur la table", "trois ouvrages commencés"), "walks": ("Chaussures", "crottées"),
    },
}  # fmt: skip
_SITE = {"en": "Site", "ar": "الموقع", "fr": "Site"}


def dress(scene: Scene) -> None:
    """Give everybody a face, and most of them something to say of themselves."""
    place_of = {place.code: place.id for place in places.menu().places.values()}
    where = {name: place_of.get(code) for code, names in _WHERE.items() for name in names.split()}
    for number, role in enumerate(CAST):
        profiles.edit_profile(
            account=scene.people[role.username],
            now=scene.now,
            pronouns=_pronouns(role),
            place_id=where.get(role.username),
            fields=_fields(role, number),
        )
    faces = {role.username: _face(role, number) for number, role in enumerate(CAST)}
    faces |= {name: [Drawing("avatar", "walks", number)] for number, name in enumerate(scene.staff)}
    made = _made({drawing for face in faces.values() for drawing in face})
    everybody = scene.people | scene.staff
    for username, face in faces.items():
        for drawing in face:
            account, files = everybody[username], made[drawing]
            profiles.show_picture(account=account, place=drawing.place, made=files, now=scene.now)


def _pronouns(role: Role) -> str:
    said = [key for key, names in _WHO.items() if role.username in names.split()]
    return _PRONOUNS[role.language][said[0]] if said else ""


def _fields(role: Role, number: int) -> list[dict[str, str]]:
    """One or two lines of their topics; every fifth person has a site."""
    lines = [_LINES[role.language][topic] for topic in role.topics[: 1 + number % 2]]
    if number % 5 == 0:
        lines.append((_SITE[role.language], f"https://{role.username}.example"))
    return [{"name": name, "value": value} for name, value in lines]


def _face(role: Role, number: int) -> list[Drawing]:
    """An avatar of one's own; a header that those share who like the same thing, for each picture takes time."""
    first, second = role.topics
    return [Drawing("avatar", first, number), Drawing("header", second, TOPICS.index(second))]


def _made(wanted: set[Drawing]) -> dict[Drawing, list[tuple[str, bytes]]]:
    """Make the pictures as if they had been sent, as many at once as the site itself does."""
    ordered = sorted(wanted)
    with ThreadPoolExecutor(pictures.AT_ONCE) as pool:
        return dict(zip(ordered, pool.map(_picture, ordered), strict=True))


@cache
def _picture(drawing: Drawing) -> list[tuple[str, bytes]]:
    draw = {"avatar": avatar, "header": header}[drawing.place]
    return pictures.make(pictures.KINDS[drawing.place], draw(drawing.topic, drawing.number))
