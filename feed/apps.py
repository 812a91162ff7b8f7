"""Posts, timelines and the public ranking."""

from django.apps import AppConfig


class FeedConfig(AppConfig):
    """App of this room."""

    name = "feed"
    default_auto_field = "django.db.models.BigAutoField"
