"""Demo data of moderation: two reports that wait for a moderator, and one decision with its statement of reasons."""

from __future__ import annotations

from moderation.operations.decide import Wish, decide
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
    wish = Wish(Subject("account", scene.people["oscar"].id), "warn", "spam", _WARNING)
    decide(wish, by=scene.staff["moderator"], now=scene.now)
