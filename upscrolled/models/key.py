"""SigningKey: what the site signs and seals with. Verbs and purposes stand in `upscrolled/keys.py`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SigningKey(models.Model):
    """A key for one purpose: the public half for everybody and for ever, the private one sealed with SECRET_KEY.

    A purpose has one key that is not retired. `sealed` is empty once the private half was destroyed.
    """

    id = models.CharField(max_length=16, primary_key=True)
    purpose = models.CharField(max_length=20)
    algorithm = models.CharField(max_length=10)
    public = models.BinaryField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    because = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["purpose"],
                condition=models.Q(retired_at__isnull=True),
                name="one_key_in_use_for_each_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
