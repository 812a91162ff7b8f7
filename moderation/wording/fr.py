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
    "uncounted": "Ce que le compte aime, commente et partage ne donne plus de tickets dans la découverte. Tout le reste "
    "demeure : vous pouvez continuer, et les autres le voient.",
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
    "message": "un de vos messages, envoyé le {written} UTC",
    "media": "une de vos images ou vidéos",
    "hashtag": "un mot-dièse",
}
SOURCES: Final[dict[str, str]] = {
    "report": "Quelqu’un l’a signalé. Qui l’a fait n’est dit à personne.",
    "notice": "Une notification par le formulaire public nous l’a appris. On ne dit à personne qui l’a envoyée.",
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
HELD_AT_HIT: Final = (
    "Un fichier qui s’y trouve est identique à un fichier répertorié parmi des contenus connus d’abus d’enfants ou de terrorisme.",
    "Un programme les a comparés, personne n’a encore regardé. C’est retenu jusqu’à ce qu’une personne le fasse, 72 heures au plus.",
)
HELD_AS_COPY: Final = (
    "C’est exactement le même fichier qu’un autre qui a été retiré par une décision.",
    "Un programme les a comparés, personne n’a encore regardé. C’est retenu jusqu’à ce qu’une personne le fasse, 72 heures au plus.",
)
MAIL_SUBJECT: Final = "Une décision vous concernant sur {site}"
MAIL: Final = "Bonjour,\n\nune décision vous concernant a été prise :\n\n{measure}\n\nDe quoi il s’agit, pourquoi, et comment contester :\n\n{link}"
REPORT_RECEIVED: Final = "Votre signalement est arrivé"
REPORT_NEXT: Final = "Une personne va le regarder. Vous saurez ce qu’il en advient."
OUTCOMES: Final[dict[str, str]] = {
    "upheld": "Merci : ce que vous avez signalé enfreignait nos règles, et nous avons agi.",
    "refused": "Nous avons regardé ce que vous avez signalé : cela respecte nos règles. Vous pouvez demander un second regard d’une autre personne, dans les six mois.",
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
NOTICE: Final[dict[str, str]] = {
    "title": "Signaler un contenu illicite",
    "intro": "Ce formulaire est ouvert à tous, sans compte. Une personne lit chaque notification. Si vous avez un "
    "compte, le signalement dans l’application est plus rapide.",
    "addresses": "Où se trouve-t-il ? Les adresses des publications, du profil ou du mot-dièse, une par ligne.",
    "explanation": "Qu’est-ce qui est illicite, ou contraire à nos règles, et pourquoi ?",
    "reason": "De quoi s’agit-il ?",
    "law": "Quelle loi est enfreinte ? (Si vous la connaissez.)",
    "name": "Votre nom",
    "email": "Votre adresse électronique",
    "nameless": "Qui signale des abus sexuels sur des enfants n’a pas à dire qui il est.",
    "good_faith": "À ma connaissance, tout ce que je dis ici est exact et complet.",
    "send": "Envoyer la notification",
    "private": "Les personnes concernées n’apprennent pas qui vous êtes, sauf si une loi nous y oblige.",
    "wrong": "Il manque quelque chose. Veuillez revoir les champs indiqués.",
    "wrong_addresses": "Veuillez donner une à dix adresses de pages publiques de ce site, d’un seul compte.",
    "wrong_explanation": "Veuillez l’expliquer en 20 à 5 000 caractères.",
    "wrong_reason": "Veuillez choisir de quoi il s’agit.",
    "wrong_name": "Veuillez donner votre nom, en 200 caractères au plus.",
    "wrong_email": "Veuillez donner une adresse électronique où vous joindre.",
    "wrong_law": "Veuillez nommer la loi en 500 caractères au plus.",
    "wrong_good_faith": "Veuillez le confirmer.",
    "too_many": "Trop de notifications sont venues d’ici. Veuillez réessayer plus tard.",
    "yours": "Votre notification",
    "your_report": "Votre signalement",
    "sent": "Envoyée le",
    "received": "Votre notification est arrivée. Une personne la lit, et vous saurez ce qu’il en advient.",
    "automated": "Aucune décision à son sujet n’est prise par une machine.",
    "keep": "Gardez l’adresse de cette page : elle seule permet d’y revenir.",
    "redress": "Vous pouvez aussi vous adresser à un organe certifié de règlement extrajudiciaire dans l’Union européenne, ou à un tribunal.",
    "mail_subject": "Votre notification à {site}",
    "mail": "Bonjour,\n\n{said}\n\nVotre notification et ce qu’il en est advenu :\n\n{link}",
    "report_subject": "Du nouveau sur votre signalement à {site}",
    "report_mail": "Bonjour,\n\n{said}\n\nVotre signalement et ce qu’il en est advenu :\n\n{link}",
    "wrong_text": "Veuillez écrire 1 à 5 000 caractères.",
    "answered": "Une personne étrangère à la première réponse a relu votre notification.",
    "second": "Un second regard",
    "waits": "Une personne étrangère à la première réponse répondra avant le",
    "why": "Pourquoi la réponse était-elle erronée ?",
    "ask": "Demander un second regard",
}
FLAGGERS: Final[dict[str, str]] = {
    "title": "Signaleurs de confiance",
    "intro": "Des organisations désignées par un coordinateur pour les services numériques. Leurs signalements sont lus plus tôt, selon les mêmes règles. Qui se trompe le plus souvent perd cela.",
    "appointed_by": "Désigné par",
    "since": "Depuis le",
    "until": "Jusqu’au",
    "decided": "Signalements décidés :",
    "upheld": "fondés :",
    "nobody": "Il n’y a pas de signaleur de confiance à présent.",
}
CRISIS: Final[dict[str, str]] = {
    "title": "Mode de crise",
    "intro": "Quand on signale plus que nos modérateurs ne peuvent lire, nous le disons, et suivons les règles ci-dessous pendant 72 heures au plus.",
    "on": "Le mode de crise est en vigueur jusqu’au",
    "off": "Le mode de crise n’est pas en vigueur.",
    "changes": "Ce que change le mode de crise",
    "effect_no_samples": "Nous cessons de lire des publications tirées au sort que personne n’a signalées, pour que chaque minute aille à ce qui l’a été.",
    "effect_shadow_to_queue": "Ce que rencontrent des règles encore à l’essai, dans les noms, présentations et mots-dièse, est lu par une personne. Ce qui est écrit reste jusque-là.",
    "effect_delayed": "Une personne lira votre signalement plus tard que d’habitude, car il en arrive beaucoup.",
    "never": "Le mode de crise ne supprime ni ne cache rien. Son début et sa fin figurent au registre public.",
    "before": "Modes de crise passés",
}
FIGURES: Final[dict[str, str]] = {
    "title": "Chiffres de la modération",
    "intro": "Chaque nombre ici est compté à partir du registre public, et quiconque a le registre compte de même.",
    "counted": "Feuilles du registre comptées :",
    "not_counted": "Pas encore comptés",
    "nothing": "Rien n’a encore été compté ici : les chiffres sont comptés à partir du registre quatre fois par jour. D’ici là, le registre public montre lui-même ce qui a été décidé, s’il y a eu des décisions.",
    "quiet": "Personne n’a encore été restreint ici : le registre ne contient aucune décision sur un message, une image ou un compte, et il n’y avait rien à contester.",
    "later": "Dès la première décision, cette page dira combien il y en a eu, selon quelle règle, comment elles sont survenues, combien de temps elles ont pris et combien de contestations ont abouti.",
    "log": "Le registre public",
    "whole": "Depuis le début",
    "times": "Le temps que cela a pris",
    "times_why": "En minutes, arrondies à la puissance de deux supérieure : un temps exact trahirait l’objet d’une décision.",
    "lane": "Genre",
    "decided": "Suivies d’effet",
    "kept": "Laissées telles quelles",
    "median": "Médiane",
    "p95": "95 sur 100",
    "late": "Après le délai",
    "by_policy": "Par règle",
    "by_action": "Par décision",
    "by_source": "Par origine",
    "decisions": "Décisions",
    "machine": "Décidées par une machine, jusqu’au regard d’une personne",
    "detected": "Trouvées avec l’aide d’une machine",
    "taken_back": "Annulées",
    "appeals": "Contestations répondues",
    "overturned": "Contestations qui ont abouti",
    "appeal_late": "Contestations répondues en retard",
    "sealed": "Exposés scellés",
    "crises": "Périodes de mode de crise",
    "unreported": "Parmi les publications que personne n’a signalées, celles qui enfreignent une politique",
    "unreported_is": "{share} (de {low} à {high} ; {looked_at} tirées au hasard et examinées, dont {broke} l’enfreignaient)",
    "flaggers": "Signaleurs de confiance",
    "crisis": "Mode de crise",
    "lane_life": "Danger pour la vie",
    "lane_dark": "Abus d’enfants, terrorisme",
    "lane_order": "Injonctions d’autorités",
    "lane_intimate": "Images intimes",
    "lane_ordinary": "Tout le reste",
    "lane_sample": "Échantillon tiré au sort",
    "by_action_warn": "Avertissement",
    "by_action_sensitive": "Masqué",
    "by_action_hidden_from_discover": "Hors de la découverte",
    "by_action_removed": "Supprimé",
    "by_action_age_limited": "Réservé aux personnes connectées",
    "by_action_replies_off": "Sans réponses",
    "by_action_account_limited": "Compte limité",
    "by_action_account_suspended": "Compte suspendu",
    "by_action_hold": "Retenu jusqu’au regard d’une personne",
    "by_source_report": "Un signalement",
    "by_source_notice": "Une notification sans compte",
    "by_source_trusted_flagger": "Un signaleur de confiance",
    "by_source_order": "Une injonction",
    "by_source_own_initiative": "Notre propre constat",
    "by_source_appeal": "Une contestation",
    "log_intro": "Chaque ligne est une feuille du registre, la plus récente d’abord. Aucune ne dit qui elle concerne ; avec l’exposé qu’elles ont reçu, ces personnes prouvent que c’est la leur.",
    "checkpoint": "Point de contrôle signé",
    "key": "Clé du registre",
    "leaf": "Feuille",
    "day": "Jour",
    "what": "Ce qui a été décidé",
    "about": "À propos",
    "rule": "Règle",
    "source": "Origine",
    "where": "Où",
    "everywhere": "partout",
    "older": "Feuilles plus anciennes",
    "empty": "Aucune feuille ici.",
    "by_action_uncounted": "Mentions « j’aime » non comptées",
    "by_action_restore": "Annulée",
    "act_kept": "Laissé tel quel",
    "act_appeal": "Réponse à une contestation",
    "act_door_appeal": "Réponse à une contestation à l’entrée",
    "act_sealed": "Exposé scellé",
    "act_crisis_on": "Début du mode de crise",
    "act_crisis_off": "Fin du mode de crise",
    "answer_upheld": "la décision est maintenue",
    "answer_overturned": "elle a abouti",
    "about_post": "un message",
    "about_account": "un compte",
    "about_handle": "un nom",
    "about_hashtag": "un mot-dièse",
    "about_message": "un message privé",
    "about_media": "un média",
}
DOOR: Final[dict[str, str]] = {
    "title": "Refusé à l’entrée",
    "how": "Vous pouvez contester : {link}",
    "refused": "Une règle a refusé ces mots :",
    "free": "Une personne lit votre contestation, sans frais, et répond sous sept jours. Il ne faut pas de compte.",
    "say": "Pourquoi faudrait-il les admettre ?",
    "email": "Votre adresse électronique, si vous voulez la réponse par courriel",
    "send": "Envoyer la contestation",
    "wrong": "Veuillez écrire 1 à 2 000 caractères, et une adresse électronique ou aucune.",
    "keep": "Gardez l’adresse de cette page : la réponse y figurera.",
    "filed": "Une personne répondra avant le",
    "upheld": "Le refus est maintenu.",
    "overturned": "Vous aviez raison : ces mots sont désormais admis.",
    "mail_subject": "La réponse à votre contestation sur {site}",
    "mail": "Bonjour,\n\n{said}\n\n{answer}\n\n{link}",
}
STAFF: Final[dict[str, str]] = {
    "role_admin": "administration",
    "role_senior": "modération principale",
    "role_moderator": "modération",
    "role_legal": "affaires juridiques",
    "role_policy": "règles",
    "role_triage": "tri",
    "given_subject": "Vous avez un rôle sur {site}",
    "given": "Bonjour @{name},\n\n@{by} vous a confié le rôle « {role} » jusqu’au {until} UTC, pour cette raison :\n\n{because}\n\nVotre bureau est ici : {link}",
    "ended_subject": "Votre rôle sur {site} prend fin",
    "ended": "Bonjour @{name},\n\n@{by} met fin à votre rôle « {role} » au {until} UTC, pour cette raison :\n\n{because}",
}
