"""French."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "missing": "Il faut pour cela une permission que votre rôle n’a pas : {permission}.",
    "may_sort": "prendre et trier des cas",
    "may_hold": "retenir jusqu’à ce que quelqu’un décide",
    "may_decide": "décider des cas",
    "may_decide_many": "décider de beaucoup à la fois",
    "may_undo": "revenir sur les décisions d’autrui",
    "may_appeals": "répondre aux recours",
    "may_dark": "la file des abus et du terrorisme",
    "may_law": "la file des injonctions",
    "may_messages": "lire les messages signalés",
    "may_grant": "confier un cas à quelqu’un de l’extérieur",
    "may_seal": "sceller des décisions",
    "may_orders": "saisir des injonctions",
    "may_policies": "choisir comment agissent les règles à l’entrée",
    "may_crisis": "le mode de crise",
    "may_sign_ups": "laisser entrer des personnes",
    "may_team": "voir ce que l’équipe a dû regarder",
    "may_site": "lieux et registres",
    "may_staff": "donner des rôles",
    "staff": "Équipe",
    "staff_text": (
        "Qui a quel rôle, jusqu’à quand et pourquoi. Un rôle est donné pour un an au plus et prend fin de lui-même ; "
        "ce dont la personne s’occupait attend alors quelqu’un d’autre. Chaque étape reste ici "
        "et est annoncée par courriel."
    ),
    "staff_give": "Donner un rôle",
    "staff_days": "Pour combien de jours, {number} au plus",
    "staff_limits": "Seulement dans certains cas",
    "staff_lanes": "Seulement dans ces files",
    "staff_kinds": "Seulement à propos de",
    "staff_languages": "Seulement dans ces langues (codes de deux ou trois lettres)",
    "staff_everywhere": "partout",
    "staff_until": "jusqu’au",
    "staff_no_end": "sans fin",
    "staff_begun": "depuis",
    "staff_end": "Y mettre fin",
    "staff_end_days": "Dans combien de jours ; 0 : maintenant",
    "staff_ended": "Terminés",
    "staff_shell": "la ligne de commande",
}
