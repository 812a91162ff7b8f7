"""What a push says, in the language of whoever reads it."""

from __future__ import annotations

from typing import Final

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
    },
}


def title(kind: str, name: str, *, locale: str) -> str:
    """Return who did what; in English where a language is not ours."""
    return _TITLES.get(locale[:2], _TITLES["en"])[kind].format(name=name)


def body(text: str) -> str:
    """Return the beginning of a text."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
