"""The ground: people, relations, who may see, how one is told; and the project's wiring."""

from django.apps import AppConfig
from django.core import checks

from upscrolled import celery, challenges

__all__ = ["UpscrolledConfig", "celery"]  # Whoever loads Django has the Celery app and its queues.


class UpscrolledConfig(AppConfig):
    """App of the ground."""

    name = "upscrolled"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have a wrong name in a setting found when the site starts, people take what is theirs, codes work once."""
        from upscrolled import exports, second_factor
        from upscrolled.queries.exports import FILES

        checks.register(challenges.check_setting)
        exports.join(*FILES)
        second_factor.spend_codes_once()
