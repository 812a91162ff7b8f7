"""The page on which people sign up: the same questions as the API's, asked only where they are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views import View

from upscrolled import origin
from upscrolled.core.errors import DomainError
from upscrolled.operations import registration
from upscrolled.operations.accounts import SignUpRefused
from upscrolled.operations.registration import Asked, NewAccount

# What the API says in Mastodon's codes, in words for people.
_REASONS = {
    "ERR_BLANK": _("This is needed."),
    "ERR_TOO_LONG": _("This is too long."),
    "ERR_TOO_SHORT": _("This password is too short; eight characters are the least."),
    "ERR_TAKEN": _("Somebody has this already."),
    "ERR_RESERVED": _("This name is reserved."),
    ("email", "ERR_BLOCKED"): _("Addresses of this provider are not accepted here."),
    "ERR_BELOW_LIMIT": _("You are too young for this site."),
    ("username", "ERR_INVALID"): _("Only the letters a to z, digits and underscores can be used."),
    ("email", "ERR_INVALID"): _("This is no e-mail address."),
    ("password", "ERR_INVALID"): _("This password is too easy to guess."),
    ("date_of_birth", "ERR_INVALID"): _("This is no date of birth."),
    ("invite_code", "ERR_INVALID"): _("This invitation is unknown, used up or too old."),
    ("challenge", "ERR_BLANK"): _("Your browser had not finished its check. Please send the form once more."),
    ("challenge", "ERR_INVALID"): _(
        "Your browser had not finished its check. Please send the form once more."
    ),
}
_TOO_MANY = _("There were too many sign-ups from here. Please try again later.")


class SignUpForm(forms.Form):
    """The fields of a new account; what they may hold is decided by `registration.sign_up`."""

    username = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=400)
    password = forms.CharField(
        label=_("Password"),
        max_length=4_096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    date_of_birth = forms.CharField(
        label=_("Date of birth"), max_length=100, widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Why would you like to join?"), max_length=4_000, widget=forms.Textarea)
    invite_code = forms.CharField(label=_("Invitation"), max_length=1_000, required=False)
    challenge = forms.CharField(max_length=4_000, required=False, widget=forms.HiddenInput)
    solution = forms.CharField(max_length=4_000, required=False, widget=forms.HiddenInput)
    agreement = forms.BooleanField(label=_("I have read the terms and the privacy page, and agree"))

    def __init__(self, asked: Asked, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invited = bool(self.data.get("invite_code") or self.initial.get("invite_code"))
        if not asked.min_age:
            del self.fields["date_of_birth"]
        if not asked.reason:
            del self.fields["reason"]
        elif invited:
            self.fields["reason"].required = False
        if not asked.invitation and not invited:
            del self.fields["invite_code"]


class SignUp(View):
    """Make an account in the browser."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or that nobody may sign up at present. `?invite=` brings the code of an invitation."""
        asked = registration.asked(getattr(request, "country", ""))
        form = SignUpForm(asked, initial={"invite_code": request.GET.get("invite", "")[:1_000]})
        return self._page(request, form, asked)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the account and send people to their mailbox."""
        asked = registration.asked(getattr(request, "country", ""))
        form = SignUpForm(asked, request.POST)
        if not form.is_valid():
            return self._page(request, form, asked, status=422)
        fields = {name: value for name, value in form.cleaned_data.items() if name != "agreement"}
        filled = NewAccount(**fields, agreed=form.cleaned_data["agreement"], locale=get_language() or "en")
        try:
            registration.sign_up(form=filled, origin=origin.of(request), now=datetime.now(UTC))
        except SignUpRefused as refusal:
            for field, code, sentence in refusal.problems:
                reason = _REASONS.get((field, code)) or _REASONS.get(code) or sentence
                shown = field in form.fields and not form.fields[field].widget.is_hidden
                form.add_error(field if shown else None, str(reason))
            return self._page(request, form, asked, status=422)
        except DomainError as refusal:
            form.add_error(None, str(_TOO_MANY) if refusal.status == 429 else refusal.safe)
            return self._page(request, form, asked, status=refusal.status)
        return redirect("account_email_verification_sent")

    def _page(self, request: HttpRequest, form: SignUpForm, asked: Asked, status: int = 200) -> HttpResponse:
        if asked.mode == "closed":
            return render(request, "account/signup_closed.html", status=403)
        facts: dict[str, Any] = {"form": form, "asked": asked}
        if asked.challenge is not None:
            facts["challenge"] = asked.challenge.issue(origin.of(request))
        response = render(request, "account/signup.html", facts, status=status)
        origin.remember_device(request, response)
        response["Cache-Control"] = "private, no-store"
        return response
