"""What decides what stays."""

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    """App of this room."""

    name = "moderation"
    default_auto_field = "django.db.models.BigAutoField"
