"""Account: a person (or a bot) of this site, and the numbers shown beside the name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from upscrolled.core import ids

USERNAME_MAX, DISPLAY_NAME_MAX, NOTE_MAX, FIELDS_MAX, FIELD_NAME_MAX, FIELD_VALUE_MAX = (
    30,
    30,
    500,
    4,
    255,
    255,
)
username_form = RegexValidator(r"\A[A-Za-z0-9_]+\Z", "Only letters a-z, digits and underscores.")


class Audience(models.TextChoices):
    """Who a post is for. Private messages are no audience: they are rows of another room."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts as people type them: without regard to case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account of that name, whatever the case of its letters."""
        return self.alias(_name=Lower("username")).get(_name=(username or "").lower())

    def named(self, username: str) -> Account | None:
        """Return the account with that name, or None."""
        # Lower(), as in the constraint's index; __iexact would compare UPPER() and read the whole table.
        return self.alias(_name=Lower("username")).filter(_name=username.lower()).first()

    def reached_at(self, email: str) -> Account | None:
        """Return the account with that e-mail address, or None."""
        return self.alias(_address=Lower("email")).filter(_address=email.lower()).first()


class Account(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # of the untyped toolkit
    """A person's account: what they say of themselves and how they sign in.

    Standing is not here: what moderation decides is a `Restriction` row, nothing else. `is_active`
    is False only for an account that its owner closed.
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    username = models.CharField(max_length=USERNAME_MAX, validators=[username_form])
    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    fields = models.JSONField(default=list, blank=True)
    locale = models.CharField(max_length=8, default="en")
    locked = models.BooleanField(default=False)
    bot = models.BooleanField(default=False)
    discoverable = models.BooleanField(default=True)
    indexable = models.BooleanField(default=True)
    hide_collections = models.BooleanField(default=False)
    default_audience = models.CharField(max_length=10, choices=Audience, blank=True, default="")
    default_sensitive = models.BooleanField(default=False)
    default_language = models.CharField(max_length=8, blank=True, default="")
    role = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("username"), name="one_account_per_name"),
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(OpClass(Lower("username"), "gin_trgm_ops"), name="account_name_like"),
            GinIndex(OpClass(Lower("display_name"), "gin_trgm_ops"), name="account_display_like"),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def created_at(self) -> datetime:
        """When the account was made; the id carries it."""
        return ids.created_at(self.id)

    @property
    def is_confirmed(self) -> bool:
        """Whether the e-mail address was confirmed."""
        return self.confirmed_at is not None

    def posting_audience(self) -> str:
        """Audience of a post that names none: the chosen default, else followers for a locked account."""
        return self.default_audience or (Audience.FOLLOWERS if self.locked else Audience.PUBLIC)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; the id must have been drawn by the operation that makes the account."""
        if self.id is None:
            raise ValueError("An account's id is drawn by the operation that makes it.")
        super().save(*args, **kwargs)


class AccountCounters(models.Model):
    """The numbers of an account, in a narrow row of their own because they change all the time.

    `graph_version` counts the changes of what this account follows, blocks and mutes. It is part of the
    key of everything cached for this reader, so a change makes the old entries unreachable.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="counters")
    followers = models.IntegerField(default=0)
    following = models.IntegerField(default=0)
    posts = models.IntegerField(default=0)
    last_post_on = models.DateField(null=True)
    graph_version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"counters of {self.account_id}"
