"""The ground: people, relations, who may see, how one is told; and the project's wiring."""

from django.apps import AppConfig

from upscrolled import celery

__all__ = ["UpscrolledConfig", "celery"]  # Whoever loads Django has the Celery app and its queues.


class UpscrolledConfig(AppConfig):
    """App of the ground."""

    name = "upscrolled"
    default_auto_field = "django.db.models.BigAutoField"
