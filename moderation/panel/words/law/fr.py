"""French."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    # orders, seals
    "orders": "Injonctions",
    "orders_text": (
        "Injonctions d’autorités, chacune avec son délai. Une décision dans son dossier l’exécute ; constater "
        "que le contenu est conforme aux règles la refuse, avec un motif."
    ),
    "order": "Injonction",
    "enter_order": "Saisir une injonction",
    "order_kind": "Genre",
    "order_eu_terrorist": "Contenu terroriste (UE) : 1 heure",
    "order_au_removal": "Avis de retrait (Australie) : 24 heures",
    "order_us_intimate": "Images intimes (États-Unis) : 48 heures",
    "order_court": "Un tribunal, avec son propre délai",
    "order_other": "Une autre autorité, avec son propre délai",
    "authority": "Autorité",
    "reference": "Son numéro de référence",
    "demand": "Ce qu’elle demande",
    "received": "Quand elle est arrivée (UTC) ; vide : maintenant",
    "until": "Jusqu’à quand (UTC) ; vide : selon son genre",
    "order_law": "Loi, avec l’article ; vide : selon son genre",
    "order_countries": "Pays (deux lettres chacun) ; vide : selon son genre",
    "of_its_kind": "selon son genre",
    "ground": "Base légale",
    "reach": "Portée",
    "came": "Arrivée",
    "everywhere": "partout",
    "ended_upheld": "exécutée",
    "ended_refused": "refusée",
    "ended_undone": "annulée, et examinée à nouveau",
    "ended_": "ce qu’elle visait n’existe plus",
    "refuse_order": "Refuser l’injonction : conforme aux règles",
    "order_hint": (
        "Une décision exécute l’injonction : l’exposé cite sa loi de lui-même, et elle ne va pas plus loin "
        "que l’injonction."
    ),
    "seals": "Décisions scellées",
    "seals_text": (
        "Une loi peut interdire d’informer la personne pendant un temps. Un dossier est scellé avant d’être "
        "décidé : une fois l’avis envoyé, rien ne l’est plus. Une personne propose, une autre confirme ; au "
        "terme, le scellé s’ouvre de lui-même. Chaque étape figure aussitôt au journal public."
    ),
    "seal_propose": "Proposer un scellé",
    "seal_case": "Numéro du dossier",
    "paper": "L’acte qui le demande",
    "seal_until": "Jusqu’à quand (UTC), 84 jours au plus",
    "seal_proposed": "Scellés à confirmer",
    "seal_confirm": "Confirmer",
    "seal_other": "Quelqu’un d’autre le confirme.",
    "seal_over": "Terminés ; ce qui fut décidé est communiqué",
    "sealed_until": "scellé jusqu’au",
    "basis_bank_hit": "Une correspondance dans une base d’abus ou de terreur",
    "basis_terror_order": "Une injonction sur un contenu terroriste",
    "basis_court_order": "Une décision de justice",
    "basis_child_abuse_inquiry": "Une enquête sur des abus d’enfants",
    "event_order": "une injonction est arrivée",
    "event_seal proposed": "a proposé un scellé",
    "event_sealed": "scellé",
    # appeals at the door
    "door_appeals": "Refusés à l’entrée",
    "door_text": (
        "Personnes à qui une règle a refusé un nom, une présentation ou un mot-dièse. À qui a raison, ces "
        "mots mêmes sont désormais admis, pour tout le monde."
    ),
    "rule": "Règle",
    "field_handle": "identifiant",
    "field_name": "nom",
    "field_bio": "présentation",
    "field_hashtag": "mot-dièse",
    "refused_words": "Ce qui a été refusé",
    "answer_by": "réponse attendue d’ici le",
    "answered": "Ayant reçu réponse",
    "door_upheld": "Le refus tient",
    "door_overturned": "Les mots sont admis",
    "answer_mailed": "La réponse part aussi par courriel.",
    "answer_page": "Sans adresse : la réponse figure sur sa page.",
    "send_answer": "Répondre",
    # crisis mode
    "crisis_begin": "Commencer le mode de crise",
    "crisis_because": "Pourquoi (tout le monde le lit)",
    "crisis_hours": "Pour combien d’heures, {number} au plus",
    "crisis_end": "Mettre fin au mode de crise",
    "crisis_ends": "Il prend fin de lui-même :",
    # reviewers from outside
    "outside": "Quelqu’un de l’extérieur",
    "outside_text": (
        "Une personne sans rôle examine ce seul dossier et les recours à son sujet, ne voit aucun autre "
        "écran, et a besoin d’un second facteur. Tout ce qu’elle fait ici figure plus bas. Donnez-lui "
        "l’adresse de cette page."
    ),
    "outside_until": "jusqu’au",
    "outside_days": "Pour combien de jours, {number} au plus",
    "grant": "Confier ce dossier",
    "end_grant": "Y mettre fin",
    "event_granted": "confié",
    "event_grant ended": "fin de l’accès",
    "event_looked at": "l’a regardé",
    "event_appeal claimed": "a pris un recours",
    "event_appeal answered": "a répondu à un recours",
    "alone_outside": "Un seul dossier peut être confié à quelqu’un de l’extérieur, sur son écran.",
    # what rules would have met
    "week": "Aurait rencontré la semaine dernière",
    "week_text": (
        "Une règle ne sort de l’ombre qu’après qu’on a vu, dans la journée, ce qu’elle aurait rencontré "
        "en une semaine de noms, de bios et de mots-dièse."
    ),
    "week_seen": "Examiné :",
    "week_under_way": "L’examen est en cours.",
    "week_look": "Voir ce qu’elles auraient rencontré la semaine dernière",
    "week_not": "pas examinée dans cette version",
    "week_met": "{number} sur {all}",
}
