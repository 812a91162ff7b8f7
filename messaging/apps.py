"""Private conversations: a message can never be a feed's row."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """App of this room."""

    name = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have what happens in conversations told to whoever listens, and people take their messages with them."""
        from messaging import happenings, streams
        from messaging.queries.exports import FILES
        from upscrolled import exports

        exports.join(*FILES)
        happenings.happened.connect(streams.tell, dispatch_uid="streams")
