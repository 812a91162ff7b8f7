"""What a push says, in the language of whoever reads it."""

from __future__ import annotations

from typing import Final, NamedTuple

LONGEST: Final = 140  # characters of a post that a push shows

_TITLES: Final = {
    "en": {
        "mention": "{name} mentioned you",
        "like": "{name} favourited your post",
        "repost": "{name} boosted your post",
        "follow": "{name} is now following you",
        "follow_request": "{name} wants to follow you",
        "post": "{name} just posted",
        "edit": "{name} edited a post",
        "poll": "A poll by {name} has ended",
        "quote": "{name} quoted your post",
        "quoted_edit": "{name} edited a post that you quoted",
        "sign_up": "{name} signed up",
        "moderation_warning": "A decision about your account",
        "report": "News of your report",
        "message": "{name} sent you a message",
        "not_published": "A post of yours could not be published",
    },
    "ar": {
        "mention": "ذكرك {name}",
        "like": "أعجب {name} بمنشورك",
        "repost": "أعاد {name} نشر منشورك",
        "follow": "بدأ {name} بمتابعتك",
        "follow_request": "يرغب {name} في متابعتك",
        "post": "نشر {name} للتو",
        "edit": "عدّل {name} منشورًا",
        "poll": "انتهى استطلاع {name}",
        "quote": "اقتبس {name} منشورك",
        "quoted_edit": "عدّل {name} منشورًا اقتبسته",
        "sign_up": "سجّل {name} حسابًا",
        "moderation_warning": "قرار بشأن حسابك",
        "report": "جديد بشأن بلاغك",
        "message": "أرسل إليك {name} رسالة",
        "not_published": "تعذّر نشر منشور لك",
    },
    "fr": {
        "mention": "{name} vous a mentionné",
        "like": "{name} a aimé votre message",
        "repost": "{name} a partagé votre message",
        "follow": "{name} vous suit",
        "follow_request": "{name} souhaite vous suivre",
        "post": "{name} vient de publier",
        "edit": "{name} a modifié un message",
        "poll": "Un sondage de {name} est terminé",
        "quote": "{name} a cité votre message",
        "quoted_edit": "{name} a modifié un message que vous avez cité",
        "sign_up": "{name} s’est inscrit",
        "moderation_warning": "Une décision concerne votre compte",
        "report": "Du nouveau sur votre signalement",
        "message": "{name} vous a envoyé un message",
        "not_published": "Un de vos messages n’a pas pu être publié",
    },
}


class Digest(NamedTuple):
    """What a mail about unread notifications says, and the page that ends these mails."""

    subject: str
    greeting: str
    stop: str
    title: str
    button: str
    done: str


_DIGESTS: Final = {
    "en": Digest(
        "Unread on {site}: {count}",
        "Hello @{name}, this is new since you were here:",
        "Nobody has to get these mails. To end them:",
        "Mails about what you have not read",
        "Send me none of these mails any more",
        "You get none of these mails any more.",
    ),
    "ar": Digest(
        "غير مقروء على {site}: {count}",
        "مرحبًا @{name}، هذا هو الجديد منذ زيارتك الأخيرة:",
        "لا أحد ملزم بتلقي هذه الرسائل. لإيقافها:",
        "رسائل عمّا لم تقرأه",
        "لا ترسلوا إليّ هذه الرسائل بعد الآن",
        "لن تصلك هذه الرسائل بعد الآن.",
    ),
    "fr": Digest(
        "Non lu sur {site} : {count}",
        "Bonjour @{name}, voici ce qui est nouveau depuis votre visite :",
        "Personne n’est obligé de recevoir ces courriels. Pour ne plus en recevoir :",
        "Courriels sur ce que vous n’avez pas lu",
        "Ne plus m’envoyer ces courriels",
        "Vous ne recevrez plus ces courriels.",
    ),
}


def digest(locale: str, *, name: str = "", site: str = "", count: int = 0) -> Digest:
    """Return what such a mail says; in English where a language is not ours."""
    said = _DIGESTS.get(locale[:2], _DIGESTS["en"])
    return Digest(*(part.format(name=name, site=site, count=count) for part in said))


def title(kind: str, name: str, *, locale: str) -> str:
    """Return who did what; in English where a language is not ours."""
    return _TITLES.get(locale[:2], _TITLES["en"])[kind].format(name=name)


def body(text: str) -> str:
    """Return the beginning of a text."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
