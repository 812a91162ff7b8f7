"""French; by the name of the error, with what it knows in braces."""

from __future__ import annotations

from typing import Final

SAID: Final = {
    "LostClaim": "Ce dossier n’est plus à vous ; reprenez-le.",
    "Taken": "Quelqu’un d’autre l’examine en ce moment.",
    "ConflictOfInterest": "Ce dossier n’est pas pour vous : il concerne quelqu’un avec qui vous avez un lien.",
    "SamePerson": "Une contestation est tranchée par une autre personne que toutes celles qui y ont eu part.",
    "AlreadySo": "Cette restriction est déjà en vigueur.",
    "NoReason": "Dites pourquoi : {length} caractères ; il en faut au moins {least}.",
    "Length": "« {part} » : {length} caractères ; il en faut de {least} à {most}.",
    "SaysNothing": "« {part} » ne dit rien ; écrivez ce qui s’est passé, en une phrase.",
    "Repeats": "L’explication répète les faits ; dites pourquoi la règle s’y applique.",
    "NoAction": "Choisissez ce qui est à faire.",
    "NoOutcome": "Dites si la décision tient ou si elle est annulée.",
    "NotFound": "Cela n’existe pas, ou n’existe plus.",
}
