"""French."""

from __future__ import annotations

from typing import Final

POLICIES: Final[dict[str, tuple[str, str, str]]] = {
    "hate": (
        "Haine",
        "N’attaquez personne pour ce qu’il est : origine, religion, sexe, handicap, orientation. Critiquer "
        "des États, des partis, des armées ou des idées est permis, comme citer la haine pour la condamner.",
        "Là où l’on est attaqué pour ce que l’on est, on part ou l’on se tait.",
    ),
    "violence": (
        "Menaces et incitation",
        "Ne menacez personne, n’appelez pas à la violence et n’en faites pas l’éloge.",
        "Une menace ôte la sécurité de quelqu’un, qu’elle soit exécutée ou non.",
    ),
    "terror": (
        "Contenu terroriste",
        "Ne diffusez ni propagande, ni images, ni consignes d’organisations terroristes. L’information et la recherche "
        "peuvent montrer ce qu’il leur faut.",
        "Ces contenus servent à recruter et à effrayer, et la loi les interdit.",
    ),
    "child_abuse": (
        "Abus sexuels sur enfants",
        "Rien qui sexualise des enfants ou aide à les abuser, sous quelque forme que ce soit.",
        "Chaque copie blesse l’enfant de nouveau, et la loi l’interdit partout.",
    ),
    "intimate": (
        "Images intimes sans accord",
        "Ne publiez pas d’images intimes de quelqu’un qui n’y a pas consenti, vraies ou fabriquées.",
        "Personne d’autre ne peut décider de qui les voit.",
    ),
    "harassment": (
        "Harcèlement",
        "Ne traquez personne, n’envoyez pas ce qu’on vous a prié de cesser, n’ameutez pas autrui.",
        "Chacun doit pouvoir parler ici sans être pris en chasse.",
    ),
    "privacy": (
        "Vie privée",
        "Ne publiez ni adresses, ni documents, ni lieux de séjour d’autrui contre son gré.",
        "Qui sait où vit quelqu’un peut lui nuire.",
    ),
    "spam": (
        "Spam",
        "Ne publiez pas sans cesse la même chose et n’utilisez pas plusieurs comptes pour être vu.",
        "Le spam prend l’attention de tous et ne donne rien.",
    ),
    "deceit": (
        "Tromperie",
        "Ne soutirez ni argent ni mots de passe, et ne faites pas passer le faux pour vrai afin de nuire.",
        "Qui est trompé ici ne fait plus confiance à personne ici.",
    ),
    "impersonation": (
        "Usurpation d’identité",
        "Ne vous faites pas passer pour une personne ou une organisation ; la satire dit qu’elle en est une.",
        "Un nom doit désigner qui il dit.",
    ),
    "graphic": (
        "Dur à regarder",
        "Placez violence, blessures et mort derrière un avertissement.",
        "Chacun choisit quand il regarde.",
    ),
    "adult": (
        "Nudité et sexe",
        "Placez la nudité et les contenus sexuels derrière un avertissement ; rien n’en parvient aux mineurs.",
        "Chacun choisit, et certains sont trop jeunes pour le faire.",
    ),
    "self_harm": (
        "Suicide et automutilation",
        "Ne les encouragez pas et ne les enseignez pas. Parler de sa propre douleur est permis.",
        "Un encouragement peut coûter une vie.",
    ),
    "illegal": (
        "Contraire à la loi",
        "Rien de ce qu’interdit une loi qui nous lie.",
        "Nous répondons de ce que nous gardons une fois que nous le savons.",
    ),
    "underage": (
        "Trop jeune",
        "Qui est plus jeune que ne le permet la loi de son pays ne peut pas avoir de compte.",
        "La loi protège les données et le temps des enfants.",
    ),
    "other": (
        "Autres règles de la maison",
        "Les règles de la maison figurent sur la page de ce site.",
        "Elles font que l’on s’y plaît.",
    ),
}
MEASURES: Final[dict[str, str]] = {
    "warn": "Ceci est un avertissement ; rien n’est restreint.",
    "sensitive": "C’est montré derrière un voile que les lecteurs ouvrent eux-mêmes.",
    "hidden_from_discover": "Ce n’est pas montré dans la découverte. Partout ailleurs, rien ne change.",
    "removed": "C’est retiré : plus personne ne le voit, sauf vous.",
    "age_limited": "C’est montré seulement aux personnes connectées.",
    "replies_off": "Plus personne ne peut y répondre.",
    "account_limited": "Le compte peut lire, mais ni publier, ni aimer, ni suivre, ni écrire de messages.",
    "account_suspended": "Le compte est suspendu : personne n’en voit le profil ni les publications. Vous pouvez vous "
    "connecter pour lire ceci, contester, emporter vos données et supprimer le compte.",
    "hold": "C’est retenu jusqu’à ce qu’une personne l’ait regardé, dans les 72 heures.",
    "restore": "Une décision antérieure est annulée : ce qu’elle restreignait est rétabli, son avertissement ne "
    "compte plus.",
}
SUBJECTS: Final[dict[str, str]] = {
    "account": "votre compte",
    "handle": "le nom de votre compte",
    "post": "une de vos publications",
    "message": "un de vos messages",
    "media": "une de vos images ou vidéos",
    "hashtag": "un mot-dièse",
}
SOURCES: Final[dict[str, str]] = {
    "report": "Quelqu’un l’a signalé. Qui l’a fait n’est dit à personne.",
    "trusted_flagger": "Un signaleur de confiance, désigné par la loi, l’a signalé.",
    "order": "Une autorité l’a ordonné.",
    "own_initiative": "Nous l’avons rencontré nous-mêmes.",
    "appeal": "Une contestation nous a fait regarder de nouveau.",
}
REDRESS: Final[dict[str, str]] = {
    "appeal": "Contestez ici, gratuitement, dans les six mois. Une autre personne que celle qui a décidé regardera et "
    "vous répondra.",
    "settlement": "Dans l’Union européenne, vous pouvez saisir un organe certifié de règlement extrajudiciaire.",
    "court": "Vous pouvez saisir un tribunal.",
}
HEADINGS: Final[dict[str, str]] = {
    "title": "Exposé des motifs",
    "measure": "Ce qui a été décidé",
    "scope": "Où",
    "duration": "Combien de temps",
    "facts": "De quoi il s’agit",
    "source": "Comment nous y sommes venus",
    "automation": "Machines",
    "ground": "La règle",
    "law": "La loi",
    "explanation": "Pourquoi elle s’applique",
    "redress": "Ce que vous pouvez faire",
}
CONCERNS: Final = "Il s’agit de {subject}."
EVERYWHERE: Final = "Partout."
IN_COUNTRIES: Final = "Dans ces pays seulement : {countries}."
WITHOUT_END: Final = "Depuis le {start}, sans fin."
UNTIL: Final = "Du {start} au {end}."
AT_ONCE: Final = "Le {start}."
FOUND_BY_MACHINE: Final = "Un programme a attiré l’attention dessus."
FOUND_BY_PERSON: Final = "Aucun programme n’a servi à le trouver."
DECIDED_BY_MACHINE: Final = "Un programme l’a décidé ; une personne regarde ensuite."
DECIDED_BY_PERSON: Final = "Une personne l’a décidé."
POLICY: Final = "{title} (version {version}). {rule} {why}"
TAKEN_BACK: Final = (
    "Une personne de la modération a regardé la décision de nouveau.",
    "Elle est annulée : ce qu’elle restreignait est rétabli.",
)
RELEASED: Final = (
    "Une personne a regardé ce qui était retenu.",
    "Cela respecte les règles ; c’est donc montré de nouveau.",
)
MAIL_SUBJECT: Final = "Une décision vous concernant sur {site}"
MAIL: Final = "Bonjour,\n\nune décision vous concernant a été prise :\n\n{measure}\n\nDe quoi il s’agit, pourquoi, et comment contester :\n\n{link}"
REPORT_RECEIVED: Final = "Votre signalement est arrivé"
REPORT_NEXT: Final = "Une personne va le regarder. Vous saurez ce qu’il en advient."
OUTCOMES: Final[dict[str, str]] = {
    "upheld": "Merci : ce que vous avez signalé enfreignait nos règles, et nous avons agi.",
    "refused": "Nous avons regardé ce que vous avez signalé : cela respecte nos règles. Vous pouvez demander un second regard d’une autre personne, dans les six mois.",
    "gone": "Ce que vous avez signalé n’existe plus ; son auteur l’a supprimé.",
}
PAGE: Final[dict[str, str]] = {
    "list": "Décisions vous concernant",
    "nothing": "Rien n’a été décidé à votre sujet.",
    "reversed": "annulée",
    "in_force": "en vigueur",
    "weighs": "Poids de l’avertissement :",
    "erased": "Le texte de cet exposé a été effacé.",
    "appeal": "Contestation",
    "waits": "Une personne étrangère à la décision répondra avant le",
    "say": "Pourquoi cette décision est-elle erronée ?",
    "send": "Envoyer la contestation",
    "proof": "Preuve",
    "pending": "Cette décision est consignée et attend sa place dans le registre public, dans quelques heures.",
    "proven": "Cette décision figure au registre public. Avec ce qui suit, quiconque le reçoit de vous peut le vérifier, et que ce texte n’a pas changé.",
    "details": "Pour vérifier",
}
