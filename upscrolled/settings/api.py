"""The REST API: how requests are read and answered, how it is described, who may call it from a browser."""

from __future__ import annotations

from upscrolled.settings.site import VERSION

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
CORS_URLS_REGEX = r"^/(api/|_allauth/|media/|log/|oauth/(token|revoke|userinfo)|\.well-known/|nodeinfo/)"
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
