"""English."""

from __future__ import annotations

from typing import Final

POLICIES: Final[dict[str, tuple[str, str, str]]] = {
    "hate": (
        "Hatred",
        "Do not attack people for who they are: their origin, religion, sex, disability, orientation or the like. "
        "Criticism of states, parties, armies and ideas is allowed, and so is quoting hatred to condemn it.",
        "Where people are attacked for who they are, they leave or fall silent.",
    ),
    "violence": (
        "Threats and incitement",
        "Do not threaten anybody, and do not call for violence or praise it.",
        "A threat takes somebody's safety away, whether it is carried out or not.",
    ),
    "terror": (
        "Terrorist content",
        "Do not spread propaganda, footage or instructions of terrorist organisations. Reporting and research may "
        "show what they need to.",
        "Such content is made to recruit and to frighten, and law forbids it.",
    ),
    "child_abuse": (
        "Sexual abuse of children",
        "Nothing that sexualises children or helps to abuse them, in whatever form.",
        "Every copy harms the child again, and law forbids it everywhere.",
    ),
    "intimate": (
        "Intimate pictures without consent",
        "Do not publish intimate pictures of somebody who did not agree, real or made up.",
        "Nobody else may decide who sees them.",
    ),
    "harassment": (
        "Harassment",
        "Do not hound people, send them what they asked you to stop, or call others upon them.",
        "People must be able to speak here without being hunted for it.",
    ),
    "privacy": (
        "Private life",
        "Do not publish addresses, documents or whereabouts of others against their will.",
        "Who knows where somebody lives can harm them.",
    ),
    "spam": (
        "Spam",
        "Do not post the same thing over and over, and do not use many accounts to be seen.",
        "Spam takes everybody's attention away and gives nothing.",
    ),
    "deceit": (
        "Deceit",
        "Do not trick people out of money or passwords, and do not pass off the false as genuine to harm them.",
        "Who is deceived here trusts nobody here.",
    ),
    "impersonation": (
        "Posing as somebody else",
        "Do not pretend to be a person or an organisation that you are not; satire says that it is satire.",
        "A name must mean who it says.",
    ),
    "graphic": (
        "Hard to look at",
        "Put violence, injuries and death behind a warning.",
        "People choose for themselves when they look.",
    ),
    "adult": (
        "Nudity and sex",
        "Put nudity and sexual content behind a warning; nothing of it reaches people who are under age.",
        "People choose for themselves, and some are too young to.",
    ),
    "self_harm": (
        "Suicide and self-harm",
        "Do not encourage or teach it. Speaking of one's own pain is allowed.",
        "Encouragement can cost a life.",
    ),
    "illegal": (
        "Against the law",
        "Nothing that a law forbids which binds us.",
        "We answer for what we keep once we know of it.",
    ),
    "underage": (
        "Too young",
        "Who is younger than the law of their country allows may not have an account.",
        "The law protects children's data and time.",
    ),
    "other": (
        "Other rules of the house",
        "The rules of the house stand on the page about this site.",
        "They keep this a place where people like to be.",
    ),
}
MEASURES: Final[dict[str, str]] = {
    "warn": "This is a warning; nothing is restricted.",
    "sensitive": "It is shown behind a cover that readers open themselves.",
    "hidden_from_discover": "It is not shown in discover. Everywhere else it is shown as before.",
    "removed": "It was removed: nobody but you sees it any more.",
    "age_limited": "It is shown only to people who are signed in.",
    "replies_off": "Nobody can answer it any more.",
    "account_limited": "The account can read, but not post, like, follow or write messages.",
    "account_suspended": "The account is suspended: nobody sees its profile or posts. You can sign in to read this, "
    "to appeal, to take your data with you, and to delete the account.",
    "hold": "It is held back until a person has looked at it, within 72 hours.",
    "restore": "An earlier decision is taken back: what it restricted is restored, and its strike counts no more.",
}
SUBJECTS: Final[dict[str, str]] = {
    "account": "your account",
    "handle": "the name of your account",
    "post": "a post of yours",
    "message": "a message of yours",
    "media": "a picture or video of yours",
    "hashtag": "a hashtag",
}
SOURCES: Final[dict[str, str]] = {
    "report": "Somebody reported it. Who did is not told to anybody.",
    "trusted_flagger": "A trusted flagger, an organisation appointed by law, reported it.",
    "order": "An authority ordered it.",
    "own_initiative": "We came across it ourselves.",
    "appeal": "An appeal made us look again.",
}
REDRESS: Final[dict[str, str]] = {
    "appeal": "Appeal here, free of charge, within six months. Another person than the one who decided will look "
    "at it and answer you.",
    "settlement": "In the European Union you may turn to a certified out-of-court dispute settlement body.",
    "court": "You may go to court.",
}
HEADINGS: Final[dict[str, str]] = {
    "title": "Statement of reasons",
    "measure": "What was decided",
    "scope": "Where",
    "duration": "How long",
    "facts": "What it is about",
    "source": "How we came to it",
    "automation": "Machines",
    "ground": "The rule",
    "law": "The law",
    "explanation": "Why it applies",
    "redress": "What you can do",
}
CONCERNS: Final = "This is about {subject}."
EVERYWHERE: Final = "Everywhere."
IN_COUNTRIES: Final = "In these countries only: {countries}."
WITHOUT_END: Final = "From {start}, without an end."
UNTIL: Final = "From {start} until {end}."
AT_ONCE: Final = "On {start}."
FOUND_BY_MACHINE: Final = "A program drew attention to it."
FOUND_BY_PERSON: Final = "No program was used to find it."
DECIDED_BY_MACHINE: Final = "A program decided it; a person looks at it next."
DECIDED_BY_PERSON: Final = "A person decided it."
POLICY: Final = "{title} (version {version}). {rule} {why}"
TAKEN_BACK: Final = (
    "A moderator looked at the decision again.",
    "It is taken back: what it restricted is restored.",
)
RELEASED: Final = (
    "A person has looked at what was held back.",
    "It keeps to the rules, so it is shown again.",
)
MAIL_SUBJECT: Final = "A decision about you on {site}"
MAIL: Final = "Hello,\n\na decision was taken that concerns you:\n\n{measure}\n\nWhat it is about, why, and how to appeal stands here:\n\n{link}"
REPORT_RECEIVED: Final = "Your report was received"
REPORT_NEXT: Final = "A person will look at it. You will be told what becomes of it."
OUTCOMES: Final[dict[str, str]] = {
    "upheld": "Thank you: what you reported broke our rules, and we acted on it.",
    "refused": "We looked at what you reported and found that it keeps to our rules. You may ask for a second look by another person, within six months.",
    "gone": "What you reported is gone; its author deleted it.",
}
PAGE: Final[dict[str, str]] = {
    "list": "Decisions about you",
    "nothing": "Nothing was decided about you.",
    "reversed": "taken back",
    "in_force": "in force",
    "weighs": "Weight of the strike:",
    "erased": "The text of this statement was erased.",
    "appeal": "Appeal",
    "waits": "Somebody who had no hand in the decision will answer by",
    "say": "Why was this decision wrong?",
    "send": "Send the appeal",
    "proof": "Proof",
    "pending": "This decision is written down and waits for its place in the public log, which it gets within some hours.",
    "proven": "This decision stands in the public log. With what follows anybody whom you give it to can verify that, and that this text was not changed.",
    "details": "For verification",
}
