"""Django settings: every value from `env.py`, no fork per environment.

Here stands what is Django's own; what a part brings, in its module of this package.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.management.utils import get_random_secret_key

from upscrolled import env
from upscrolled.settings.accounts import *
from upscrolled.settings.api import *
from upscrolled.settings.celery import *
from upscrolled.settings.limits import *
from upscrolled.settings.site import *

APNS_KEY = env.read("APNS_KEY")
APNS_KEY_ID = env.read("APNS_KEY_ID")
APNS_TEAM_ID = env.read("APNS_TEAM_ID")
APNS_TOPIC = env.read("APNS_TOPIC")
APNS_URL = env.read("APNS_URL")
FCM_CREDENTIALS = env.read("FCM_CREDENTIALS")
FCM_URL = env.read("FCM_URL")
SEARCH_BACKEND = env.read("SEARCH_BACKEND")
STREAMING_HEARTBEAT_SECONDS = max(1, env.read("STREAMING_HEARTBEAT_SECONDS"))
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS")
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES")
USE_X_FORWARDED_HOST = False


def _secret_key() -> str:
    """Return the configured secret, or one made once and kept in the data directory."""
    if key := env.read("SECRET_KEY"):
        return str(key)
    path = DATA_DIR / "secret_key"
    if path.is_file() and (kept := path.read_text().strip()):
        return kept
    key = get_random_secret_key()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
    except OSError:
        if path.is_file():  # made by another process at the same moment
            return path.read_text().strip()
        # A read-only checkout can still run checks; sessions then last as long as the process.
    return key


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.read("SECRET_KEY_FALLBACKS")


def _database(url: str) -> dict[str, Any]:
    """Translate postgresql://user:password@host:port/name?host=/socket/dir to Django's dict.

    Server-side binding and prepared statements are on: planning is the larger part of a page's
    cost in PostgreSQL otherwise (docs/benchmarks.md). `prepare_threshold=none` in the address turns
    them off for poolers in transaction mode that know none.
    """
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    threshold = query.get("prepare_threshold", "1")
    return {
        "ENGINE": "upscrolled.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": threshold == "none",
        "OPTIONS": {
            "server_side_binding": True,
            "prepare_threshold": None if threshold == "none" else int(threshold),
            "application_name": "upscrolled",
        },
    }


DATABASES = {
    "default": _database(
        env.read("DATABASE_URL") or services.get("database_url") or "postgresql://localhost/upscrolled"
    )
}
# Replicas carry the API's reads (upscrolled/database/edge.py); tests see one database under every name.
DATABASE_REPLICA_LAG_SECONDS = max(1, env.read("DATABASE_REPLICA_LAG_SECONDS"))
for _number, _url in enumerate(env.read("DATABASE_REPLICA_URL"), 1):
    DATABASES["default"]["ENGINE"] = "upscrolled.database.replicated"
    DATABASES[f"replica{_number}"] = _database(_url) | {"TEST": {"MIRROR": "default"}}
    DATABASES[f"replica{_number}"]["OPTIONS"] |= {"connect_timeout": 2, "tcp_user_timeout": 3_000}
CACHES = {
    "default": {
        "BACKEND": "upscrolled.core.cache.ForgivingCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1.0},
    }
}

INSTALLED_APPS = [
    "moderation",
    "feed",
    "messaging",
    "upscrolled",
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "oauth2_provider",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_linear_migrations",
]
AUTH_USER_MODEL = "upscrolled.Account"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # Names are unique without regard to case, by an index of their own.
    # Django's security, frame and CSRF middleware run below as subclasses, which the checks do not recognise.
    *("security.W001", "security.W002", "security.W003"),
    # Mastodon's apps: no PKCE in some, http:// for those on the same machine, no `iss`; there are no refresh tokens,
    # and a token in a query string is not taken.
    *(f"oauth2_provider.W{number:03}" for number in (4, 5, 7, 8, 10)),
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["upscrolled.signin.SignIn"]

# The pages' middleware (session, CSRF, messages, …) steps aside for the API, which trusts no cookie.
MIDDLEWARE = [
    "upscrolled.middleware.RequestFacts",
    "corsheaders.middleware.CorsMiddleware",
    "upscrolled.middleware.Shed",
    "upscrolled.readonly.PageReadOnly",
    "upscrolled.middleware.PageSecurity",
    "upscrolled.middleware.PageStatic",
    "upscrolled.middleware.PageSession",
    "upscrolled.middleware.PageLocale",
    "upscrolled.middleware.PageCommon",
    "upscrolled.middleware.PageCsrf",
    "upscrolled.middleware.PageAuthentication",
    "upscrolled.middleware.PageMessages",
    "upscrolled.middleware.PageClickjacking",
    "allauth.account.middleware.AccountMiddleware",
]
if len(DATABASES) > 1:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("upscrolled.middleware.PageSecurity"), "upscrolled.database.edge.ReadsOnReplicas"
    )
ROOT_URLCONF = "upscrolled.urls"
WSGI_APPLICATION = "upscrolled.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "upscrolled" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"panel_words": "moderation.panel.tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "upscrolled.pages.site",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "upscrolled" / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_URL, MEDIA_ROOT = "/media/", DATA_DIR / "media"
_bucket = {
    "bucket_name": env.read("S3_BUCKET"),
    "endpoint_url": env.read("S3_ENDPOINT") or None,
    "region_name": env.read("S3_REGION") or "us-east-1",
    "access_key": env.read("S3_ACCESS_KEY") or None,
    "secret_key": env.read("S3_SECRET_KEY") or None,
    "signature_version": "s3v4",
    "addressing_style": "path" if env.read("S3_ENDPOINT") else "auto",
    "default_acl": None,
    "file_overwrite": True,
    "max_memory_size": 8_388_608,
}
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "upscrolled.media.bucket.Bucket", "OPTIONS": _bucket}
    if env.read("S3_BUCKET")
    else {"BACKEND": "upscrolled.media.disk.Disk"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = DEBUG

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ar", "العربية"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "upscrolled" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "upscrolled.oauth.server.FastSHA256",  # For applications' secrets: people's go to the first of the list.
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "upscrolled_session", "upscrolled_csrf"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# --- e-mail -----------------------------------------------------------------------------------------
_mail = urlsplit(env.read("EMAIL_URL"))
DEFAULT_FROM_EMAIL = env.read("EMAIL_FROM")
if _mail.scheme == "smtp":
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = "tls=0" not in _mail.query
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "upscrolled.console.EmailBackend"

# --- the panel (django-unfold) ----------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": SITE_NAME,
    "SITE_URL": "/admin/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: f"{STATIC_URL}panel/records.css"],
    "SIDEBAR": {"show_all_applications": True, "navigation": "moderation.panel.render.sidebar"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"outage": {"()": "upscrolled.outage.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["outage"]}},
    "root": {"handlers": ["console"], "level": env.read("LOG_LEVEL")},
    # Refusals (4xx) are answers, not events. There is no access log: it would say who asked for what.
    # The heartbeat alone would fill a worker's log with three lines every five seconds.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        # "Discarding revoked task" says no more than that it was too old, as is meant.
        "celery.worker.request": {"level": "WARNING"},
    },
}
