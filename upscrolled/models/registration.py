"""Signing up and signing in: invitations, address rules, terms and who agreed to them, where sign-ins came from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from upscrolled.models.account import Account


class Invite(models.Model):
    """A code that lets somebody sign up while registrations are by invitation."""

    code = models.CharField(max_length=40, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    uses_left = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(uses_left__gte=0), name="invite_never_overdrawn"),
        ]

    def __str__(self) -> str:
        return self.code


class EmailDomainRule(models.Model):
    """What happens to sign-ups with addresses of a domain and those below it."""

    class Action(models.TextChoices):
        """`allow` is for a domain below a refused one."""

        ALLOW = "allow"
        APPROVE = "approve"
        REFUSE = "refuse"

    domain = models.CharField(max_length=253, unique=True)
    action = models.CharField(max_length=8, choices=Action)
    because = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.action} {self.domain}"


class Terms(models.Model):
    """A version of the terms of service, in each language it was written in; never altered once in force."""

    version = models.CharField(max_length=20, unique=True)
    texts = models.JSONField(default=dict)
    changes = models.JSONField(default=dict, blank=True)
    effective_at = models.DateTimeField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.version


class TermsAcceptance(models.Model):
    """`account` agreed to `terms`, then."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    terms = models.ForeignKey(Terms, models.PROTECT, related_name="+", db_index=False)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "terms"], name="agreed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} agreed to {self.terms_id}"


class SignInRecord(models.Model):
    """A sign-up or sign-in: from where, with what. The address is emptied after IP_RETENTION_DAYS."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=64, blank=True, default="")
    user_agent = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "-id"], name="signin_of_account"),
            models.Index(fields=["created_at"], name="signin_age", condition=Q(address__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"


class OwedMail(models.Model):
    """A mail that must arrive although its occasion may be gone: made with the occasion, deleted once it is sent.

    `template` and `facts` are what `mail.compose` takes.
    """

    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=8)
    template = models.CharField(max_length=100)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.template} since {self.created_at:%Y-%m-%d %H:%M}"
