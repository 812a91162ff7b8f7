"""Picture: a stored file that profiles and cards show, and when it may go."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Picture(models.Model):
    """A file of the storage, named by its content, so that any number of profiles and cards may show the same.

    The row is there before the file and goes after it. `due_at` is when the file may be removed if nothing
    shows it; None while nobody has given it up.
    """

    name = models.CharField(max_length=200, primary_key=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="picture_due", condition=models.Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name
