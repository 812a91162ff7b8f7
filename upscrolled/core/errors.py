"""DomainError: what went wrong, as a status and a sentence that is safe to show. The tree:

DomainError
├── BadRequest 400      ├── NotAllowed 403      ├── Invalid 422
├── Unauthenticated 401 ├── NotFound 404        ├── TooMany 429
│                       └── Conflict 409        └── Unavailable 503

A refusal that belongs to one verb lives beside the verb and derives from one of these.
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Base of every expected refusal. `details` is added to the answer as it stands.

    `retry_after` is told to the client as seconds to wait (RFC 9110 §10.2.3), where that helps.
    """

    status = 500
    safe = "Something went wrong."
    retry_after: int | None = None

    def __init__(
        self,
        safe: str | None = None,
        *,
        details: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.safe = safe or self.safe
        self.details = details
        self.retry_after = self.retry_after if retry_after is None else retry_after
        super().__init__(self.safe)


class BadRequest(DomainError):
    """The request misses something or has a form that cannot be read."""

    status, safe = 400, "The request could not be understood."


class Unauthenticated(DomainError):
    """No token, or one that is unknown, expired or revoked."""

    status, safe = 401, "The access token is invalid"


class NotAllowed(DomainError):
    """Known, but not permitted."""

    status, safe = 403, "This action is not allowed"


class OutOfScope(NotAllowed):
    """The token lacks the scope."""

    safe = "This action is outside the authorized scopes"


class NotFound(DomainError):
    """Absent, or hidden from this viewer: the answer is the same."""

    status, safe = 404, "Record not found"


class Conflict(DomainError):
    """The row was changed by somebody else meanwhile."""

    status, safe = 409, "Conflict"


class Invalid(DomainError):
    """Understood, but not acceptable; the sentence names the limit and the actual value."""

    status, safe = 422, "Validation failed"


class TooMany(DomainError):
    """A published limit was reached."""

    status, safe = 429, "Too many requests"


class Unavailable(DomainError):
    """Cannot be answered now; later it can."""

    status, safe = 503, "Service unavailable. Try again in a moment."


class ReadOnly(Unavailable):
    """The operator has switched writing off for a while."""

    safe = "The site is read-only for a short while: reading goes on, and nothing is lost. Try again in a minute."
    retry_after = 60
