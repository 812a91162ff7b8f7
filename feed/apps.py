"""Posts, timelines and the public ranking."""

from django.apps import AppConfig


class FeedConfig(AppConfig):
    """App of this room."""

    name = "feed"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have people take with them what they published and kept."""
        from feed.queries.exports import FILES
        from upscrolled import exports

        exports.join(*FILES)
