"""Private conversations: a message can never be a feed's row."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """App of this room."""

    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"
