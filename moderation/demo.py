"""Demo data of moderation: two reports that wait for a moderator."""

from __future__ import annotations

from moderation.operations.report import Complaint, file_report
from upscrolled.demo.scene import Scene

_REPORTS = (
    ("tess", "margot", "other", "She gives away the ending of the book. A warning in front would be kind."),
    ("bilal", "oscar", "spam", "ثلاث صور للخبز نفسه في يوم واحد. ربما أنا جائع فقط."),
)


def seed(scene: Scene) -> None:
    """Two people report something harmless."""
    for reporter, target, category, comment in _REPORTS:
        complaint = Complaint(scene.people[target].id, [], [], category, comment)
        file_report(reporter=scene.people[reporter], complaint=complaint, now=scene.now)
