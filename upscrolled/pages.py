"""The few pages a browser sees: what this is, sign-up, the documents, and who somebody is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.http import require_safe

from upscrolled import limits, people
from upscrolled.core.errors import DomainError, TooMany
from upscrolled.models import Account
from upscrolled.operations import accounts
from upscrolled.viewer import Viewer


def site(request: HttpRequest) -> dict[str, Any]:
    """Context of every page."""
    language = get_language_info(get_language() or settings.LANGUAGE_CODE)
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "registrations_open": settings.REGISTRATIONS == "open",
        "languages": settings.LANGUAGES,
        "language": language["code"],
        "direction": "rtl" if language["bidi"] else "ltr",
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Say what this is and where to go on."""
    return render(request, "index.html")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Say who runs this and what it promises."""
    return render(request, "about.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept of whom."""
    return render(request, "privacy.html")


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Say what is expected of everybody."""
    return render(request, "terms.html")


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """Show a public profile: the address that an account's `url` names."""
    account = Account.objects.named(username)
    person = people.load(Viewer(), [account.id])[account.id] if account else None
    if person is None or not person.active or "account_suspended" in person.restrictions:
        raise Http404
    return render(request, "profile.html", {"person": person, "address": f"@{person.username}"})


# What the API says in Mastodon's codes, in words for people.
_REASONS = {
    "ERR_BLANK": _("This is needed."),
    "ERR_TOO_LONG": _("This is too long."),
    "ERR_TOO_SHORT": _("This password is too short; eight characters are the least."),
    "ERR_TAKEN": _("Somebody has this already."),
    "ERR_RESERVED": _("This name is reserved."),
    ("username", "ERR_INVALID"): _("Only the letters a to z, digits and underscores can be used."),
    ("email", "ERR_INVALID"): _("This is no e-mail address."),
    ("password", "ERR_INVALID"): _("This password is too easy to guess."),
}


class SignUpForm(forms.Form):
    """The fields of a new account; what they may hold is decided by `accounts.sign_up`."""

    username = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("E-mail address"), max_length=400)
    password = forms.CharField(
        label=_("Password"),
        max_length=4_096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    agreement = forms.BooleanField(label=_("I have read the terms and the privacy page, and agree"))


class SignUp(View):
    """Make an account in the browser."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or that nobody may sign up at present."""
        return self._page(request, SignUpForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the account and send people to their mailbox."""
        form = SignUpForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        fields = form.cleaned_data
        try:
            _charge(request)
            accounts.sign_up(
                username=fields["username"],
                email=fields["email"],
                password=fields["password"],
                agreed=fields["agreement"],
                locale=get_language() or "en",
                now=datetime.now(UTC),
            )
        except accounts.SignUpRefused as refusal:
            for field, code, sentence in refusal.problems:
                reason = _REASONS.get((field, code)) or _REASONS.get(code) or sentence
                form.add_error(field if field in form.fields else None, str(reason))
            return self._page(request, form, status=422)
        except DomainError as refusal:
            form.add_error(None, refusal.safe)
            return self._page(request, form, status=refusal.status)
        return redirect("account_email_verification_sent")

    def _page(self, request: HttpRequest, form: SignUpForm, status: int = 200) -> HttpResponse:
        if settings.REGISTRATIONS != "open":
            return render(request, "account/signup_closed.html", status=403)
        return render(request, "account/signup.html", {"form": form}, status=status)


def _charge(request: HttpRequest) -> None:
    """Count a sign-up against the published limit, the same that the API counts. Raises TooMany."""
    address = limits.address_block(getattr(request, "client_ip", ""))
    allowance = limits.spend([(limits.SIGN_UPS, address)]).allowance
    if allowance is not None and allowance.exceeded:
        raise TooMany


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing here."""
    return render(request, "404.html", status=404)
