"""What decides what stays."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """App of this room."""

    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have names, bios and hashtags screened by this room's rules, and accounts kept while an appeal is open."""
        from moderation import door, keeping
        from upscrolled import keeping as before_erasure
        from upscrolled import screening

        screening.join(door.SCREEN)
        before_erasure.join(keeping.held)
