"""Which address leads where. Each room brings its own API; the rooms are named by strings."""

from __future__ import annotations

import sys
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as authenticator_apps
from allauth.mfa.webauthn import views as passkeys
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views import defaults
from django.views.generic import RedirectView

from upscrolled import departing, exporting, joining, outage, pages, revocation
from upscrolled.api import errors, files, health, media, oauth, userinfo, wellknown
from upscrolled.headless import door

urlpatterns = [
    path(
        "", include("messaging.api.urls")
    ),  # first: of all paths it takes one look to see that they lead elsewhere
    path("", include("feed.api.urls")),
    path("", include("feed.urls")),
    path("", include("upscrolled.api.urls")),
    path("", include("moderation.api.urls")),
    path("", include("moderation.urls")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", include("moderation.panel.urls")),
    path("admin/records/", include("moderation.panel.records")),
    path("oauth/authorize", oauth.Authorize.as_view(), name="authorize"),
    path("oauth/token", oauth.Token.as_view()),
    path("oauth/revoke", oauth.Revoke.as_view()),
    path("oauth/userinfo", userinfo.UserInfo.as_view()),
    path(".well-known/oauth-authorization-server", wellknown.authorization_server),
    path(".well-known/nodeinfo", wellknown.nodeinfo_links),
    path(".well-known/host-meta", wellknown.host_meta),
    path(".well-known/change-password", wellknown.change_password),
    path("nodeinfo/<str:version>", wellknown.nodeinfo),
    path("media/public/<path:name>", files.public),
    path("media/private/<str:token>/<path:name>", files.private),
    path("media/pictures/<str:token>/<path:name>", media.signed),
    path("media/<path:name>", media.picture),
    path("health", health.alive),
    path("health/ready", health.ready),
    path("", pages.index, name="index"),
    path("robots.txt", pages.robots),
    path("about", pages.about, name="about"),
    path("privacy-policy", pages.privacy, name="privacy"),
    path("mails/stop/<str:token>", pages.stop_mails),
    path("terms-of-service", pages.terms_of_service, name="terms"),
    re_path(r"^@(?P<username>[A-Za-z0-9_]{1,30})$", pages.profile, name="profile"),
    path("i18n/", include("django.conf.urls.i18n")),
    # The pages of allauth that we use, by name: managing several addresses is not among them.
    path("accounts/signup/", joining.SignUp.as_view(), name="account_signup"),
    path("auth/sign_up", joining.SignUp.as_view(), name="sign_up"),  # where Mastodon has it, with ?invite=
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/login/code/", account.request_login_code, name="account_request_login_code"),
    path("accounts/login/code/confirm/", account.confirm_login_code, name="account_confirm_login_code"),
    path("accounts/2fa/webauthn/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/2fa/authenticate/", second_factor.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/", second_factor.index, name="mfa_index"),
    path("accounts/2fa/totp/activate/", authenticator_apps.activate_totp, name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", authenticator_apps.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "accounts/2fa/recovery-codes/generate/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/download/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("accounts/end-sessions/<str:key>/", revocation.EndSessions.as_view(), name="end_sessions"),
    path("account/delete", departing.DeleteAccount.as_view(), name="delete_account"),
    path("account/export", exporting.TakeAlong.as_view(), name="export"),
    path("account/export/<str:name>.csv", exporting.OneList.as_view(), name="export_list"),
    path("account/export/<int:export_id>/archive.zip", exporting.Archive.as_view(), name="export_archive"),
    path("accounts/come-back/<str:key>/", departing.ComeBack.as_view(), name="come_back"),
    re_path(r"^_allauth/(?P<rest>.*)$", door.enter),
    path("accounts/confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"
    ),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", account.password_set, name="account_set_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer addresses that lead nowhere, in the shape of whoever asks."""
    return pages.not_found(request) if _is_page(request) else errors.not_found(request)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer what we did not foresee, and what we did: a database that is away."""
    error = sys.exc_info()[1]
    if error is not None and outage.is_away(error):
        return outage.unavailable(request, error)
    return defaults.server_error(request) if _is_page(request) else errors.server_error(request)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what cannot be understood at all."""
    if _is_page(request):
        return defaults.bad_request(request, exception or ValueError())
    return errors.answer(400, "The request could not be understood.")


def _is_page(request: HttpRequest) -> Any:
    return getattr(request, "is_page", True)
