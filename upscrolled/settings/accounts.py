"""Accounts: who may sign up, how one signs in (django-allauth), what apps are given (django-oauth-toolkit)."""

from __future__ import annotations

from upscrolled import env
from upscrolled.settings.site import SECURE

# --- signing up ------------------------------------------------------------------------------------
REGISTRATIONS = env.read("REGISTRATIONS")
SIGN_UPS_PER_ADDRESS, SIGN_UPS_PER_BLOCK = env.read("SIGN_UPS_PER_ADDRESS"), env.read("SIGN_UPS_PER_BLOCK")
SIGN_UPS_PER_DEVICE, SIGN_UPS_PER_MAILBOX = env.read("SIGN_UPS_PER_DEVICE"), env.read("SIGN_UPS_PER_MAILBOX")
SIGNUP_CHALLENGE, SIGNUP_CHALLENGE_BITS = env.read("SIGNUP_CHALLENGE"), env.read("SIGNUP_CHALLENGE_BITS")
IP_RETENTION_DAYS, UNCONFIRMED_DAYS = env.read("IP_RETENTION_DAYS"), env.read("UNCONFIRMED_DAYS")
ACCOUNT_ERASED_DAYS = env.read("ACCOUNT_ERASED_DAYS")
MIN_AGE, MIN_AGE_BY_COUNTRY = env.read("MIN_AGE"), env.read("MIN_AGE_BY_COUNTRY")
KEEP_BIRTH_DATE_COUNTRIES = [code.upper() for code in env.read("KEEP_BIRTH_DATE_COUNTRIES")]
COUNTRY_HEADER = env.read("COUNTRY_HEADER")
ACCOUNT_ADAPTER = "upscrolled.signin.Adapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_USER_MODEL_USERNAME_FIELD, ACCOUNT_USER_MODEL_EMAIL_FIELD = "username", "email"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True  # one address each; a new one replaces it once it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_FORMS = {
    "reset_password": "upscrolled.headless.forms.ResetPassword",
    "request_login_code": "upscrolled.headless.forms.RequestCode",
}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT, ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 900, 5  # as all codes (`headless.codes`)
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# Asks the database nothing, so that a new password costs the same for an address that nobody has.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
# `key` is the name with the neighbourhood it is tried from (`signin.Adapter`), for the second step the account. What
# counts from everywhere, and for a mailbox, stands in `operations.guarding`.
ACCOUNT_RATE_LIMITS = {
    "login": "25/5m/ip",
    "login_failed": "10/5m/ip,25/h/key",
    "reset_password": "20/m/ip",
    "request_login_code": "20/m/ip",
    "confirm_email": None,
}
HEADLESS_CLIENTS = ("app",)
HEADLESS_ADAPTER = "upscrolled.headless.person.Person"
MFA_ADAPTER = "upscrolled.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # clocks of phones are half a minute off

# --- OAuth 2 (django-oauth-toolkit) -----------------------------------------------------------------
OAUTH2_PROVIDER_APPLICATION_MODEL = "upscrolled.Application"
OAUTH2_PROVIDER = {
    "SCOPES_BACKEND_CLASS": "upscrolled.oauth.server.Scopes",
    "OAUTH2_SERVER_CLASS": "upscrolled.oauth.server.Server",
    "OAUTH2_BACKEND_CLASS": "upscrolled.oauth.server.AnyBody",
    "OAUTH2_VALIDATOR_CLASS": "upscrolled.oauth.server.Validator",
    "ACCESS_TOKEN_GENERATOR": "upscrolled.oauth.server.new_token",
    "CLIENT_SECRET_HASHER": "fast_sha256",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "PKCE_REQUIRED": False,
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 600,
    # Mastodon's tokens do not expire; they end by revocation. 100 years stands for never.
    "ACCESS_TOKEN_EXPIRE_SECONDS": 100 * 365 * 24 * 3600,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
    "REQUEST_APPROVAL_PROMPT": "force",
}
