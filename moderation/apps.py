"""What decides what stays."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """App of this room."""

    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have names, bios and hashtags screened by this room's rules."""
        from moderation import door
        from upscrolled import screening

        screening.join(door.SCREEN)
