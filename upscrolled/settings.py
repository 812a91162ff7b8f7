"""Django settings: one file, every value from `env.py`, no fork per environment."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.management.utils import get_random_secret_key

from upscrolled import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR: Path = env.read("DATA_DIR")
VERSION = "0.1.0"

DEBUG = env.read("DEBUG")
HOST, PORT = env.read("HOST"), env.read("PORT")
STREAMING_PORT = env.read("STREAMING_PORT")
PUBLIC_URL = (env.read("PUBLIC_URL") or f"http://{HOST}:{PORT}").rstrip("/")
STREAMING_URL = (env.read("STREAMING_URL") or f"ws://{HOST}:{STREAMING_PORT}").rstrip("/")
APNS_KEY = env.read("APNS_KEY")
APNS_KEY_ID = env.read("APNS_KEY_ID")
APNS_TEAM_ID = env.read("APNS_TEAM_ID")
APNS_TOPIC = env.read("APNS_TOPIC")
APNS_URL = env.read("APNS_URL")
FCM_CREDENTIALS = env.read("FCM_CREDENTIALS")
FCM_URL = env.read("FCM_URL")
SEARCH_BACKEND = env.read("SEARCH_BACKEND")
STREAMING_HEARTBEAT_SECONDS = max(1, env.read("STREAMING_HEARTBEAT_SECONDS"))
SITE_NAME = env.read("SITE_NAME")
CONTACT_EMAIL = env.read("CONTACT_EMAIL")
SOURCE_URL = env.read("SOURCE_URL") or f"{PUBLIC_URL}/about"
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS")
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES")
USE_X_FORWARDED_HOST = False


def _running_services() -> dict[str, str]:
    """Addresses of the embedded servers that a running `manage.py up` wrote down, if there is one."""
    try:
        services: dict[str, str] = json.loads((DATA_DIR / "run" / "services.json").read_text())
        return services
    except (OSError, ValueError):
        return {}


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
_services = _running_services()


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
        env.read("DATABASE_URL") or _services.get("database_url") or "postgresql://localhost/upscrolled"
    )
}
# Replicas carry the API's reads (upscrolled/database/edge.py); tests see one database under every name.
DATABASE_REPLICA_LAG_SECONDS = max(1, env.read("DATABASE_REPLICA_LAG_SECONDS"))
for _number, _url in enumerate(env.read("DATABASE_REPLICA_URL"), 1):
    DATABASES["default"]["ENGINE"] = "upscrolled.database.replicated"
    DATABASES[f"replica{_number}"] = _database(_url) | {"TEST": {"MIRROR": "default"}}
    DATABASES[f"replica{_number}"]["OPTIONS"] |= {"connect_timeout": 2, "tcp_user_timeout": 3_000}
VALKEY_URL = env.read("VALKEY_URL") or _services.get("valkey_url") or "redis://127.0.0.1:6379/0"
CACHE_URL = env.read("CACHE_URL") or _services.get("cache_url") or "redis://127.0.0.1:6380/0"
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
SECURE = PUBLIC_URL.startswith("https://")
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
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- accounts (django-allauth) ----------------------------------------------------------------------
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

# --- REST API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "upscrolled.api.parsers.JSON",
        "upscrolled.api.parsers.Form",
        "upscrolled.api.parsers.MultiPart",
    ],
    "EXCEPTION_HANDLER": "upscrolled.api.errors.handle",
    "DEFAULT_SCHEMA_CLASS": "upscrolled.api.schema.EntitySchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "UpScrolled API",
    "VERSION": VERSION,
    "DESCRIPTION": "The Mastodon client API (4.5), with extensions under /api/v1/upscrolled/.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+(/upscrolled)?",
    "POSTPROCESSING_HOOKS": ["upscrolled.api.schema.add_entities"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
CORS_ALLOW_ALL_ORIGINS = True
CORS_URLS_REGEX = r"^/(api/|_allauth/|media/|log/|oauth/(token|revoke)|\.well-known/|nodeinfo/)"
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    "*",
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "origin",
    "user-agent",
    "range",
    *("tus-resumable", "upload-length", "upload-offset", "upload-metadata", "upload-checksum"),
    "x-http-method-override",
    "x-requested-with",
    "x-session-token",
    "x-email-verification-key",
    "x-password-reset-key",
]
CORS_EXPOSE_HEADERS = [
    "Link",
    "X-RateLimit-Reset",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-Request-Id",
    "Retry-After",
    *("Location", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    *("Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Expires", "Upscrolled-Media-Id"),
]
RATE_LIMITS = env.read("RATE_LIMITS")
SHED_TARGET_MS = env.read("SHED_TARGET_MS")

# --- posts and discover -----------------------------------------------------------------------------
POST_MAX_CHARACTERS = env.read("POST_MAX_CHARACTERS")
POLL_MAX_OPTIONS = env.read("POLL_MAX_OPTIONS")
POLL_OPTION_MAX_CHARACTERS = env.read("POLL_OPTION_MAX_CHARACTERS")
POLL_MIN_SECONDS, POLL_MAX_SECONDS = 300, 2_629_746  # five minutes to a month, a twelfth of a year
LINK_PREVIEWS, LINK_PREVIEW_PORTS = env.read("LINK_PREVIEWS"), env.read("LINK_PREVIEW_PORTS")
LINK_PREVIEW_KB, LINK_PREVIEW_IMAGE_KB = env.read("LINK_PREVIEW_KB"), env.read("LINK_PREVIEW_IMAGE_KB")
LINK_PREVIEW_SECONDS = env.read("LINK_PREVIEW_SECONDS")
LOG_DELAY = timedelta(hours=env.read("LOG_DELAY_HOURS"))
DISCOVER_EPOCH = timedelta(milliseconds=env.read("DISCOVER_EPOCH_MS"))
DISCOVER_KEYFRAME = timedelta(seconds=env.read("DISCOVER_KEYFRAME_SECONDS"))
DISCOVER_AUDIT_SECONDS = env.read("DISCOVER_AUDIT_SECONDS")
DISCOVER_POOLS_KEPT = timedelta(hours=env.read("DISCOVER_POOLS_HOURS"))
DISCOVER_POOLS_MB = env.read("DISCOVER_POOLS_MB")

# --- media ------------------------------------------------------------------------------------------
_MB = 1024 * 1024
MEDIA_MAX_ATTACHMENTS = env.read("MEDIA_MAX_ATTACHMENTS")
IMAGE_MAX_BYTES, VIDEO_MAX_BYTES = env.read("IMAGE_MAX_MB") * _MB, env.read("VIDEO_MAX_MB") * _MB
VIDEO_MAX_SECONDS = env.read("VIDEO_MAX_SECONDS")
UNATTACHED_HOURS, SIGNED_MEDIA_SECONDS = env.read("UNATTACHED_HOURS"), env.read("SIGNED_MEDIA_SECONDS")
FFMPEG, FFMPEG_THREADS = env.read("FFMPEG"), max(1, env.read("FFMPEG_THREADS"))
MEDIA_PUBLIC_URL = f"{env.read('S3_PUBLIC_URL').rstrip('/') or f'{PUBLIC_URL}/media'}/public"

# --- Celery -----------------------------------------------------------------------------------------
CELERY_BROKER_URL = VALKEY_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "upscrolled.tasks.look_at_media": {"queue": "default"},
    "upscrolled.tasks.process_media": {"queue": "media"},
    "upscrolled.tasks.settle_media": {"queue": "default"},
    "upscrolled.tasks.remove_media": {"queue": "maintenance"},
    "upscrolled.schedule.sweep_uploads": {"queue": "maintenance"},
    "upscrolled.tasks.tell": {"queue": "fanout"},
    "upscrolled.tasks.*": {"queue": "critical"},
    "feed.tasks.freeze_discover": {"queue": "critical"},
    "feed.tasks.audit_discover": {"queue": "maintenance"},
    "feed.tasks.sweep_pools": {"queue": "maintenance"},
    "feed.tasks.add_up_impressions": {"queue": "maintenance"},
    "feed.tasks.fan_out": {"queue": "fanout"},
    "feed.tasks.sweep_deliveries": {"queue": "fanout"},
    "feed.schedule.publish_scheduled": {"queue": "critical"},
    "feed.tasks.fetch_cards": {"queue": "maintenance"},  # other people's servers take their time
    "feed.tasks.send_pushes": {"queue": "default"},
    "feed.tasks.count_usage": {"queue": "maintenance"},
    "messaging.schedule.*": {"queue": "maintenance"},
    "feed.tasks.purge": {"queue": "maintenance"},
    "feed.tasks.settle_standing": {"queue": "maintenance"},
    "feed.tasks.settle_openness": {"queue": "maintenance"},
    "moderation.*": {"queue": "moderation"},
    "upscrolled.tasks.count_figures": {"queue": "maintenance"},
    "upscrolled.tasks.count_weeks": {"queue": "maintenance"},
    "upscrolled.tasks.refresh_popular": {"queue": "maintenance"},
    "upscrolled.tasks.remove_pictures": {"queue": "maintenance"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1_800,
    "unacked_restore_throttle": 1,
    "socket_timeout": 30,
    "max_connections": 50,
    # In the order in which a worker was given its queues (upscrolled.celery.QUEUES).
    "queue_order_strategy": "priority",
}
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 600, 660

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
