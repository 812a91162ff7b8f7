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
    "uncounted": "What the account likes, answers and shares holds no tickets in discover any more. Everything else stays "
    "as it was: you can go on, and others see it.",
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
    "message": "a message of yours, sent on {written} UTC",
    "media": "a picture or video of yours",
    "hashtag": "a hashtag",
}
SOURCES: Final[dict[str, str]] = {
    "report": "Somebody reported it. Who did is not told to anybody.",
    "notice": "A notice by the public form told us of it. Who sent it is not told to anybody.",
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
HELD_AT_HIT: Final = (
    "A file in it equals one that a bank of known abuse of children or of terror lists.",
    "A program has compared them, nobody has looked yet. It is held back until a person has, for 72 hours at the most.",
)
HELD_AS_COPY: Final = (
    "It is the very same file as one that was removed by a decision.",
    "A program has compared them, nobody has looked yet. It is held back until a person has, for 72 hours at the most.",
)
MAIL_SUBJECT: Final = "A decision about you on {site}"
MAIL: Final = "Hello,\n\na decision was taken that concerns you:\n\n{measure}\n\nWhat it is about, why, and how to appeal stands here:\n\n{link}"
REPORT_RECEIVED: Final = "Your report was received"
REPORT_NEXT: Final = "A person will look at it. You will be told what becomes of it."
OUTCOMES: Final[dict[str, str]] = {
    "upheld": "Thank you: what you reported broke our rules, and we acted on it.",
    "refused": "We looked at what you reported and found that it keeps to our rules. You may ask for a second look by another person, within six months.",
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
NOTICE: Final[dict[str, str]] = {
    "title": "Report illegal content",
    "intro": "This form is for everybody; you need no account. A person looks at every notice. If you have an account, "
    "the report in the app is the faster way.",
    "addresses": "Where is it? The addresses of the posts, the profile or the hashtag, one a line.",
    "explanation": "What is illegal about it, or against our rules, and why?",
    "reason": "What is it about?",
    "law": "Which law does it break? (If you know it.)",
    "name": "Your name",
    "email": "Your e-mail address",
    "nameless": "Whoever reports the sexual abuse of children need not say who they are.",
    "good_faith": "To the best of my knowledge all that I say here is accurate and complete.",
    "send": "Send the notice",
    "private": "Nobody whom it concerns is told who you are, unless a law makes us.",
    "wrong": "Something is missing. Please look at the fields that are marked.",
    "wrong_addresses": "Please give one to ten addresses of public pages of this site, all of one account.",
    "wrong_explanation": "Please explain it in 20 to 5,000 characters.",
    "wrong_reason": "Please choose what it is about.",
    "wrong_name": "Please give your name, in 200 characters at the most.",
    "wrong_email": "Please give an e-mail address at which we reach you.",
    "wrong_law": "Please name the law in 500 characters at the most.",
    "wrong_good_faith": "Please confirm this.",
    "too_many": "Too many notices came from here. Please try again later.",
    "yours": "Your notice",
    "your_report": "Your report",
    "sent": "Sent on",
    "received": "Your notice was received. A person looks at it, and you are told what becomes of it.",
    "automated": "No decision about it is made by a machine.",
    "keep": "Keep the address of this page: only with it can you come back.",
    "redress": "You may also turn to a certified out-of-court dispute settlement body in the European Union, or to a court.",
    "mail_subject": "Your notice to {site}",
    "mail": "Hello,\n\n{said}\n\nYour notice, and what became of it, stands here:\n\n{link}",
    "report_subject": "News of your report on {site}",
    "report_mail": "Hello,\n\n{said}\n\nYour report, and what became of it, stands here:\n\n{link}",
    "wrong_text": "Please write 1 to 5,000 characters.",
    "answered": "Somebody who had no hand in the first answer has looked at it again.",
    "second": "A second look",
    "waits": "Somebody who had no hand in the first answer will answer by",
    "why": "Why was the answer wrong?",
    "ask": "Ask for a second look",
}
FLAGGERS: Final[dict[str, str]] = {
    "title": "Trusted flaggers",
    "intro": "Organisations that a Digital Services Coordinator appointed. Their reports are looked at sooner, and by the same rules. Whoever is mostly wrong loses that.",
    "appointed_by": "Appointed by",
    "since": "Since",
    "until": "Until",
    "decided": "Reports decided:",
    "upheld": "upheld:",
    "nobody": "There is no trusted flagger at present.",
}
CRISIS: Final[dict[str, str]] = {
    "title": "Crisis mode",
    "intro": "When so much is reported that our moderators cannot keep up, we say so, and work by the rules below for at most 72 hours.",
    "on": "Crisis mode is on, until",
    "off": "Crisis mode is off.",
    "changes": "What crisis mode changes",
    "effect_no_samples": "We pause looking at randomly chosen posts that nobody reported, so that every minute goes to what was reported.",
    "effect_shadow_to_queue": "What rules meet that we are still trying out, in names, bios and hashtags, is looked at by a person. What was written stands until then.",
    "effect_delayed": "A person will look at your report later than usual, because so many come in.",
    "never": "Nothing is removed or hidden by crisis mode. It begins and ends in the public log.",
    "before": "Crisis mode before",
}
FIGURES: Final[dict[str, str]] = {
    "title": "Figures of moderation",
    "intro": "Every number here is counted from the public log, and anybody who has the log counts the same.",
    "counted": "Leaves of the log that were counted:",
    "not_counted": "Not counted yet",
    "nothing": "Nothing was counted here yet: the figures are counted from the log four times a day. Until then the public log itself shows what was decided, if anything was.",
    "quiet": "Nobody was restricted here yet: no decision about a post, a picture or an account stands in the log, and there was nothing to appeal.",
    "later": "From the first decision on, this page says how many there were, by which policy, how they came up, how long they took, and how many appeals succeeded.",
    "log": "The public log",
    "whole": "All time",
    "times": "How long it took",
    "times_why": "Minutes, each up to the next power of two: an exact time would give away what a decision was about.",
    "lane": "Kind",
    "decided": "Acted on",
    "kept": "Left as it was",
    "median": "Median",
    "p95": "95 of 100",
    "late": "After the deadline",
    "by_policy": "By policy",
    "by_action": "By decision",
    "by_source": "By how it came up",
    "decisions": "Decisions",
    "machine": "Decided by a machine, until a person looked",
    "detected": "Found with the help of a machine",
    "taken_back": "Taken back",
    "appeals": "Appeals answered",
    "overturned": "Appeals that succeeded",
    "appeal_late": "Appeals answered late",
    "sealed": "Sealed statements",
    "crises": "Times of crisis mode",
    "unreported": "Of public posts that nobody reported, those that break a policy",
    "unreported_is": "{share} ({low} to {high}; {looked_at} drawn at random and looked at, {broke} of them did)",
    "flaggers": "Trusted flaggers",
    "crisis": "Crisis mode",
    "lane_life": "Danger to life",
    "lane_dark": "Abuse of children, terror",
    "lane_order": "Orders of authorities",
    "lane_intimate": "Intimate pictures",
    "lane_ordinary": "Everything else",
    "lane_sample": "Random sample",
    "by_action_warn": "Warning",
    "by_action_sensitive": "Cover",
    "by_action_hidden_from_discover": "Not in discover",
    "by_action_removed": "Removed",
    "by_action_age_limited": "Signed-in people only",
    "by_action_replies_off": "No replies",
    "by_action_account_limited": "Account limited",
    "by_action_account_suspended": "Account suspended",
    "by_action_hold": "Held back until a person looked",
    "by_source_report": "A report",
    "by_source_notice": "A notice without an account",
    "by_source_trusted_flagger": "A trusted flagger",
    "by_source_order": "An order",
    "by_source_own_initiative": "Our own finding",
    "by_source_appeal": "An appeal",
    "log_intro": "Each line is a leaf of the log, the newest first. None says whom it was about; with the statement that they were given, those people prove that it is theirs.",
    "checkpoint": "Signed checkpoint",
    "key": "Key of the log",
    "leaf": "Leaf",
    "day": "Day",
    "what": "What was decided",
    "about": "About",
    "rule": "Policy",
    "source": "How it came up",
    "where": "Where",
    "everywhere": "everywhere",
    "older": "Older leaves",
    "empty": "No leaf stands here.",
    "by_action_uncounted": "Likes do not count",
    "by_action_restore": "Taken back",
    "act_kept": "Left as it was",
    "act_appeal": "An appeal was answered",
    "act_door_appeal": "An appeal at the door was answered",
    "act_sealed": "A statement was sealed",
    "act_crisis_on": "Crisis mode began",
    "act_crisis_off": "Crisis mode ended",
    "answer_upheld": "the decision stands",
    "answer_overturned": "it succeeded",
    "about_post": "a post",
    "about_account": "an account",
    "about_handle": "a name",
    "about_hashtag": "a hashtag",
    "about_message": "a message",
    "about_media": "a medium",
}
DOOR: Final[dict[str, str]] = {
    "title": "Refused at the door",
    "how": "You may appeal against this: {link}",
    "refused": "A rule refused these words:",
    "free": "A person looks at your appeal, free of charge, and answers within seven days. You need no account.",
    "say": "Why should they be let in?",
    "email": "Your e-mail address, if you want the answer by mail",
    "send": "Send the appeal",
    "wrong": "Please write 1 to 2,000 characters, and an e-mail address or none.",
    "keep": "Keep the address of this page: the answer stands here.",
    "filed": "A person will answer by",
    "upheld": "The refusal stands.",
    "overturned": "You were right: these words are let in from now on.",
    "mail_subject": "The answer to your appeal on {site}",
    "mail": "Hello,\n\n{said}\n\n{answer}\n\n{link}",
}
STAFF: Final[dict[str, str]] = {
    "role_admin": "administrator",
    "role_senior": "senior moderator",
    "role_moderator": "moderator",
    "role_legal": "legal",
    "role_policy": "policy",
    "role_triage": "triage",
    "given_subject": "You have a role on {site}",
    "given": "Hello @{name},\n\n@{by} gave you the role “{role}” until {until} UTC, because:\n\n{because}\n\nYour desk is here: {link}",
    "ended_subject": "Your role on {site} ends",
    "ended": "Hello @{name},\n\n@{by} has your role “{role}” end at {until} UTC, because:\n\n{because}",
}
