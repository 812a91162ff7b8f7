"""What an endpoint may answer instead of what was asked for, as the OpenAPI document says it; and the headers."""

from __future__ import annotations

from typing import Any

# What any endpoint may answer instead of what was asked for.
ANYWHERE = {
    "400": ("BadRequest", "A parameter is missing or cannot be read."),
    "401": ("Unauthorized", "No token, or one that is not good."),
    "403": ("Forbidden", "The token's scopes, or the account, do not allow it."),
    "404": ("NotFound", "Absent, or hidden from this viewer: the answer is the same."),
    "422": ("Unprocessable", "Understood, but not acceptable; the sentence says what and why."),
    "429": ("TooManyRequests", "A published limit was reached."),
    "503": ("ServiceUnavailable", "Not now: too busy, or read-only; `Retry-After` says when to come again."),
}
# What those may answer that read a body, and those that say so (`Endpoint.also`).
OF_BODIES = {
    "411": ("LengthRequired", "A body must come with its Content-Length."),
    "413": ("ContentTooLarge", "The body is too large, or has too many fields."),
    "415": ("UnsupportedMediaType", "A body is JSON, a form, or a form in parts."),
}
FURTHER = {
    "304": ("NotModified", "It is still what the `ETag` named in `If-None-Match` says; there is no body."),
    "409": ("Conflict", "It stands otherwise than the request supposes; ask how it stands, and again."),
    "412": (
        "PreconditionFailed",
        "A header that the protocol asks for is missing, or names another version.",
    ),
    "460": ("ChecksumMismatch", "The bytes are not those that the checksum was made of; none was kept."),
}
HEADERS = {
    "Link": (
        {"type": "string"},
        'Addresses of the next (older) and previous (newer) page: `rel="next"`, `rel="prev"`.',
    ),
    "X-RateLimit-Limit": ({"type": "integer"}, "Requests allowed in the present window."),
    "X-RateLimit-Remaining": ({"type": "integer"}, "Requests left of them."),
    "X-RateLimit-Reset": ({"type": "string", "format": "date-time"}, "When the next window begins."),
    "Retry-After": ({"type": "integer"}, "Seconds after which to come again."),
    "ETag": (
        {"type": "string"},
        "The version of this answer; sent back as `If-None-Match`, it need not come again.",
    ),
}
COUNTED = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
# A sentence of each refusal, as an example.
_SENTENCES = {
    "400": "max_id must be an id, not 'abc'.",
    "401": "The access token is invalid",
    "403": "This action is outside the authorized scopes",
    "404": "Record not found",
    "409": "Conflict during update, please try again",
    "412": 'Send the header "Tus-Resumable: 1.0.0"; no other version is spoken here',
    "460": "The checksum does not fit the bytes; send them again",
    "411": "Send the length of the body (Content-Length); bodies in chunks are not read here.",
    "413": "The request is too large: the body has 2,700,000 bytes; the limit is 2,621,440.",
    "415": 'Unsupported media type "text/plain" in request.',
    "422": "Validation failed: Text is too long (501 characters; the limit is 500)",
    "429": "Too many requests",
    "503": "Service unavailable. Try again in a moment.",
}
_NAMED = {**ANYWHERE, **OF_BODIES, **FURTHER}


def of(*, has_body: bool, also: tuple[str, ...]) -> dict[str, Any]:
    """Return the refusals of one operation; `also` are those that only it has."""
    codes = sorted([*ANYWHERE, *(OF_BODIES if has_body else ()), *also])
    return {code: {"$ref": f"#/components/responses/{_NAMED[code][0]}"} for code in codes}


def described(error: str) -> dict[str, Any]:
    """Return every refusal by its name, with an example; `error` is where the shape of all of them stands."""
    return {name: _described(code, sentence, error) for code, (name, sentence) in _NAMED.items()}


def headers(*names: str) -> dict[str, Any]:
    """Return references to headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _described(code: str, sentence: str, error: str) -> dict[str, Any]:
    if code == "304":
        return {"description": sentence, "headers": headers("ETag")}
    more = ["Retry-After"] if code in ("429", "503") else []
    return {
        "description": sentence,
        "headers": headers(*COUNTED, *more),
        "content": {"application/json": {"schema": {"$ref": error}, "example": {"error": _SENTENCES[code]}}},
    }
