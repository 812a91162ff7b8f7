"""What decides what stays."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """App of this room."""

    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have names screened by this room's rules, accounts kept while an appeal is open, statements taken along."""
        from moderation import door, keeping
        from moderation.queries.exports import FILES
        from upscrolled import exports, screening
        from upscrolled import keeping as before_erasure

        screening.join(door.SCREEN)
        before_erasure.join(keeping.held)
        exports.join(*FILES)
