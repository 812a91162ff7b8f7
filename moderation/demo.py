"""Demo data of moderation: two reports that wait for a moderator, and one decision with its statement of reasons."""

from __future__ import annotations

from moderation.operations import cases, own
from moderation.operations.decide import Wish
from moderation.operations.report import Complaint, file_report
from moderation.statements import Reasons
from moderation.subjects import Subject
from upscrolled.demo.scene import Scene

_REPORTS = (
    ("tess", "margot", "other", "She gives away the ending of the book. A warning in front would be kind."),
    ("bilal", "oscar", "spam", "ثلاث صور للخبز نفسه في يوم واحد. ربما أنا جائع فقط."),
)
_WARNING = Reasons(
    facts="Oscar has shown the same loaf of bread three times in one day.",
    explanation="Repeating oneself is no spam yet; this is the friendly word before it becomes some.",
)


def seed(scene: Scene) -> None:
    """Two people report something harmless, and somebody is warned in a friendly way."""
    for reporter, target, category, comment in _REPORTS:
        complaint = Complaint(scene.people[target].id, [], [], category, comment)
        file_report(reporter=scene.people[reporter], complaint=complaint, now=scene.now)
    oscar, mia = Subject("account", scene.people["oscar"].id), scene.staff["moderator"]
    held = own.open_case(oscar, policy="spam", because="The same loaf, three times.", by=mia, now=scene.now)
    cases.decide_case(held, Wish(oscar, "warn", "spam", _WARNING), by=mia, now=scene.now)
