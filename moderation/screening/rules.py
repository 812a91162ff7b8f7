"""What is looked for in names, bios and hashtags, with lists of what each rule must catch and must not. Pure.

A rule is written in the one spelling of `normal.py`. `words` are whole words or runs of them; `inside` is found within
words too, unless it stands in one that `spares` names. A new rule begins in the mode `shadow`: it is counted and does
nothing, until its hits were read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MODES: Final = ("shadow", "warn", "queue", "refuse")
EVERYWHERE: Final = frozenset({"handle", "name", "bio", "hashtag"})
NAMES: Final = frozenset({"handle", "name"})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule under a policy. A changed list is a new version."""

    name: str
    policy: str
    fields: frozenset[str]
    mode: str
    words: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    catches: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    version: int = 1


RULES: Final = (
    Rule(
        "calls for death",
        "violence",
        EVERYWHERE,
        "refuse",
        words=(
            *(
                f"death to {whom}"
                for whom in ("jews", "the jews", "muslims", "arabs", "christians", "blacks", "gays")
            ),
            *(f"kill all {whom}" for whom in ("jews", "muslims", "arabs", "christians", "blacks", "gays")),
            *(f"mort aux {whom}" for whom in ("juifs", "arabes", "musulmans", "noirs", "chretiens", "homos")),
            *(f"الموت {whom}" for whom in ("لليهود", "للعرب", "للمسلمين", "للمسيحيين", "للشيعه", "للسود")),
        ),
        inside=("gasthejews", "killalljews", "killallmuslims", "killallarabs"),
        catches=(
            "Death to Jews",
            "d.e.a.t.h to the jews",
            "DeathToMuslims",
            "K1ll all Ar4bs",
            "gas_the_jews",
            "Mort aux Juifs !",
            "mort aux arabes",
            "المَوتُ لليهود",
            "الموت للعـــرب",
        ),
        leaves=(
            "Death Valley",
            "Mortimer",
            "Killarney",
            "death to silence",
            "Mort Auxerre",
            "موتسارت",
            "حياة لليهود والعرب",
        ),
    ),
    Rule(
        "praise of mass murder",
        "hate",
        EVERYWHERE,
        "refuse",
        words=(
            "heil hitler",
            "sieg heil",
            "hitler was right",
            "hitler avait raison",
            "هتلر كان على حق",
            "كان هتلر على حق",
        ),
        inside=("heilhitler", "siegheil", "hitlerwasright", "holohoax", "hitleravaitraison"),
        catches=(
            "Heil Hitler",
            "h3il_h1tler",
            "HitlerWasRight",
            "#holohoax",
            "SIEG   HEIL",
            "Ηitler was right",
            "هِتلر كان على حق",
        ),
        leaves=(
            "Hitler was wrong",
            "Heilbronn",
            "Siegfried",
            "history of the Holocaust",
            "Heiligabend",
            "هتلر مجرم",
        ),
    ),
    Rule(
        "slurs",
        "hate",
        EVERYWHERE,
        "refuse",
        words=(
            "kike",
            "kikes",
            "sand nigger",
            "towelhead",
            "towelheads",
            "raghead",
            "ragheads",
            "sale juif",
            "sale arabe",
            "sale noir",
            "bougnoule",
            "bougnoules",
            "youpin",
            "youpins",
            "tranny",
            "faggot",
            "faggots",
        ),
        inside=("nigger", "sandnigger", "towelhead", "bougnoule"),
        spares=("snigger", "sniggers", "sniggering"),
        catches=(
            "n1gger",
            "N I G G E R",
            "kike",
            "k.i.k.e",
            "Sale Juif",
            "b0ugn0ule",
            "ṅigger",
            "\u202enigger",
            "sand_nigger",
        ),
        leaves=(
            "Scunthorpe",
            "Nigeria",
            "Nigerian food",
            "snigger",
            "sniggering",
            "Kiki",
            "Kikeo",
            "Montenegro",
            "negro spirituals",
            "ragtime",
            "youpi",
            "Tran Nguyen",
            "Faggioli",
            "Sussex",
            "Cockburn",
            "Dickinson",
            "salejunior",
        ),
    ),
    Rule(
        "posing as the house",
        "impersonation",
        NAMES,
        "refuse",
        words=(
            "upscrolled support",
            "upscrolled team",
            "upscrolled staff",
            "upscrolled admin",
            "upscrolled official",
            "official upscrolled",
            "upscrolled moderation",
            "upscrolled moderator",
            "دعم upscrolled",
            "equipe upscrolled",
        ),
        inside=(
            "upscrolledsupport",
            "upscrolledteam",
            "upscrolledadmin",
            "upscrolledofficial",
            "officialupscrolled",
            "upscrolledstaff",
            "upscrolledmoderat",
            "equipeupscrolled",
            "supportupscrolled",
        ),
        catches=(
            "UpScrolled Support",
            "Upscrolled_Team",
            "Équipe UpScrolled",
            "UPSCROLLED ADMIN",
        ),
        leaves=("I like UpScrolled", "UpScrolled fan", "Supporter", "admin of my garden"),
    ),
    Rule(
        "terror organisations praised",
        "terror",
        EVERYWHERE,
        "queue",
        words=("isis forever", "join isis", "long live isis", "داعش باقيه", "باقيه وتتمدد", "vive daech"),
        inside=("isisforever", "joinisis"),
        catches=("ISIS forever", "join_isis", "باقية وتتمدد", "Vive Daech"),
        leaves=(
            "Isis Gomez",
            "Isis the goddess",
            "survivor of ISIS",
            "داعش ارتكبت جرائم",
            "Daech a tué mon frère",
        ),
    ),
)
