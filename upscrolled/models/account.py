"""Account: a person (or a bot) of this site, and the numbers shown beside the name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from upscrolled.core import ids, scripts

PRONOUNS_MAX = 40
USERNAME_MAX, DISPLAY_NAME_MAX, NOTE_MAX, FIELDS_MAX, FIELD_NAME_MAX, FIELD_VALUE_MAX = (
    30,
    30,
    500,
    4,
    255,
    255,
)
# Display names from their second, third and fourth word on, as patterns of PostgreSQL.
LATER_WORDS = ("^[^ ]+ (.+)$", "^[^ ]+ [^ ]+ (.+)$", "^[^ ]+ [^ ]+ [^ ]+ (.+)$")
# Code points that are stored of a text whose length is counted as people count.
DISPLAY_NAME_STORED, NOTE_STORED = 120, 16_000
username_form = RegexValidator(r"\A[A-Za-z0-9_]+\Z", "Only letters a-z, digits and underscores.")


def _folded() -> models.Func:
    return models.Func(
        Lower("display_name"),
        models.Value(scripts.ALIKE),
        models.Value(scripts.AS),
        function="translate",
        output_field=models.TextField(),
    )


def _from_word(pattern: str) -> models.Func:
    return models.Func(
        _folded(),
        models.Value(pattern),
        function="substring",
        output_field=models.TextField(),
    )


class Audience(models.TextChoices):
    """Who a post is for. Private messages are no audience: they are rows of another room."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"


class Circle(models.TextChoices):
    """Who, beside the people a post names, may answer or quote it."""

    EVERYBODY = "everybody"
    FOLLOWERS = "followers"
    FOLLOWED = "followed"
    NOBODY = "nobody"


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts as people type them: without regard to case."""

    def get_by_natural_key(self, username: str | None) -> Account:
        """Return the account of that name, whatever the case of its letters."""
        return self.alias(_name=Lower("username")).get(_name=(username or "").lower())

    def called(self, username: str) -> models.QuerySet[Account]:
        """Return the account with that name, or none."""
        # Lower(), as in the constraint's index; __iexact would compare UPPER() and read the whole table.
        return self.alias(_name=Lower("username")).filter(_name=username.lower())

    def addressed(self, email: str) -> models.QuerySet[Account]:
        """Return the account whose confirmed e-mail address that is, or none."""
        owners = self.alias(_address=Lower("email")).filter(_address=email.lower())
        return owners.filter(confirmed_at__isnull=False)

    def named(self, username: str) -> Account | None:
        """Return the account with that name, or None."""
        return self.called(username).first()

    def reached_at(self, email: str) -> Account | None:
        """Return the account whose confirmed e-mail address that is, or None."""
        return self.addressed(email).first()


class Account(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # of the untyped toolkit
    """A person's account: what they say of themselves and how they sign in.

    Standing is not here: what moderation decides is a `Restriction` row, nothing else. `is_active`
    is False only for an account that its owner closed. `confirmed_at` is when the account became whole: its
    address confirmed, and let in where somebody has to. An address belongs to whoever confirms it; until then
    any number of sign-ups may name it (adr/0010). `awaits_approval` holds a sign-up that nobody has let in yet.
    `born_on` is kept only where the law asks for the date; elsewhere `old_enough_at` says that the question was
    answered. `reading` holds how this person likes to read (media, warnings).
    """

    id = models.BigIntegerField(primary_key=True, editable=False)
    username = models.CharField(max_length=USERNAME_MAX, validators=[username_form])
    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=DISPLAY_NAME_STORED, blank=True, default="")
    note = models.TextField(blank=True, default="")
    fields = models.JSONField(default=list, blank=True)
    locale = models.CharField(max_length=8, default="en")
    locked = models.BooleanField(default=False)
    bot = models.BooleanField(default=False)
    discoverable = models.BooleanField(default=True)
    indexable = models.BooleanField(default=True)
    hide_collections = models.BooleanField(default=False)
    shows_application = models.BooleanField(db_default=True)
    default_audience = models.CharField(max_length=10, choices=Audience, blank=True, default="")
    default_sensitive = models.BooleanField(default=False)
    default_language = models.CharField(max_length=8, blank=True, default="")
    default_quoting = models.CharField(max_length=10, choices=Circle, db_default=Circle.EVERYBODY)
    reading = models.JSONField(db_default={}, blank=True)
    pronouns = models.CharField(max_length=PRONOUNS_MAX, blank=True, db_default="")
    place = models.ForeignKey(
        "upscrolled.Place", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    avatar = models.CharField(max_length=200, blank=True, db_default="")
    header = models.CharField(max_length=200, blank=True, db_default="")
    avatar_description = models.TextField(blank=True, db_default="")
    header_description = models.TextField(blank=True, db_default="")
    role = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    awaits_approval = models.BooleanField(db_default=False)
    sign_up_reason = models.TextField(blank=True, db_default="")
    invited_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    born_on = models.DateField(null=True, blank=True)
    old_enough_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("username"), name="one_account_per_name"),
            models.UniqueConstraint(
                Lower("email"), name="one_account_per_address", condition=models.Q(confirmed_at__isnull=False)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(OpClass(Lower("username"), "text_pattern_ops"), name="account_name_begins"),
            models.Index(OpClass(_folded(), "text_pattern_ops"), name="account_folded_begins"),
            *(
                models.Index(OpClass(_from_word(pattern), "text_pattern_ops"), name=f"account_folded_{which}")
                for which, pattern in zip(("second", "third", "fourth"), LATER_WORDS, strict=True)
            ),
            # For the foreign key: whom somebody who is to go had invited.
            models.Index(
                fields=["invited_by"], name="account_invited_by", condition=models.Q(invited_by__isnull=False)
            ),
            models.Index(fields=["place"], name="account_place", condition=models.Q(place__isnull=False)),
            models.Index(fields=["id"], name="account_waiting", condition=models.Q(awaits_approval=True)),
            models.Index(fields=["avatar"], name="account_avatar", condition=~models.Q(avatar="")),
            models.Index(fields=["header"], name="account_header", condition=~models.Q(header="")),
            models.Index(
                fields=["-id"],
                name="account_findable",
                condition=models.Q(discoverable=True, is_active=True, confirmed_at__isnull=False),
            ),
            models.Index(fields=["id"], name="account_closed", condition=models.Q(is_active=False)),
            models.Index(
                fields=["id"],
                name="account_out_of_discover",
                condition=models.Q(is_active=False) | models.Q(discoverable=False),
            ),
            models.Index(fields=["id"], name="account_unconfirmed", condition=models.Q(confirmed_at=None)),
            models.Index(fields=["id"], name="account_staff", condition=models.Q(is_staff=True)),
        ]

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def created_at(self) -> datetime:
        """When the account was made; the id carries it."""
        return ids.created_at(self.id)

    @property
    def is_confirmed(self) -> bool:
        """Whether the e-mail address was confirmed, and the account let in."""
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
    key of everything cached for this reader, so a change makes the old entries unreachable. `active_on`
    is the last day (UTC) on which a request came with a token of this account.
    """

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="counters")
    followers = models.IntegerField(default=0)
    following = models.IntegerField(default=0)
    posts = models.IntegerField(default=0)
    last_post_on = models.DateField(null=True)
    graph_version = models.BigIntegerField(default=1)
    active_on = models.DateField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["active_on"], name="account_active_on"),
            models.Index(
                fields=["-last_post_on", "-account"],
                name="account_last_post",
                condition=models.Q(last_post_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"counters of {self.account_id}"
