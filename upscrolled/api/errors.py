"""Every refusal in one shape: {"error": "…"}, with `details` where a form was filled in."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from upscrolled.core.errors import DomainError

log = logging.getLogger(__name__)


class Error(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The API's answer to what it refuses (Mastodon API, Error)."""

    error: str
    error_description: str | None = None
    details: dict[str, Any] | None = None


def answer(status: int, sentence: str, details: dict[str, Any] | None = None) -> HttpResponse:
    """Build the response of a refusal."""
    body = msgspec.json.encode(Error(error=sentence, details=details))
    response = HttpResponse(body, status=status, content_type="application/json; charset=utf-8")
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1, and RFC 6750, 3
    return response


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Translate an exception of a view; None lets Django answer 500 and log it."""
    if isinstance(error, DomainError):
        refusal = answer(error.status, error.safe, error.details)
        if error.retry_after is not None:
            refusal["Retry-After"] = str(error.retry_after)
        refusal._has_been_logged = True  # type: ignore[attr-defined]  # a rule at work, not an error of ours
        return refusal
    if isinstance(error, exceptions.ValidationError):
        sentences, details = _fields(error.detail)
        return answer(422, f"Validation failed: {'; '.join(sentences)}", details)
    if isinstance(error, Http404):
        return answer(404, "Record not found")
    if isinstance(error, RequestDataTooBig):
        return answer(413, f"The request is too large: {error}")
    if isinstance(error, TooManyFieldsSent):
        return answer(
            413, f"The request has too many fields; the limit is {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS}."
        )
    if isinstance(error, exceptions.UnsupportedMediaType):
        taken = ", ".join(parser.media_type for parser in context["view"].parser_classes)
        return answer(415, f"{error.detail} Taken are {taken}.")
    if isinstance(error, SuspiciousOperation):
        return answer(400, "The request could not be understood.")
    if isinstance(error, exceptions.APIException):
        response = answer(error.status_code, str(error.detail))
        if isinstance(error, exceptions.MethodNotAllowed):
            response["Allow"] = ", ".join(context["view"].allowed_methods)
        return response
    return None


def _fields(detail: Any) -> tuple[list[str], dict[str, Any]]:
    """Sentences for people and Mastodon's `details` for programs, from a serializer's errors."""
    if isinstance(detail, list):
        return [str(item) for item in detail], {}
    sentences: list[str] = []
    details: dict[str, Any] = {}
    for field, problems in detail.items():
        flat = _flat(problems)
        sentences += [text if field == "non_field_errors" else f"{field}: {text}" for text, _ in flat]
        details[field] = [{"error": f"ERR_{code.upper()}", "description": text} for text, code in flat]
    return sentences, details


def _flat(problems: Any) -> list[tuple[str, str]]:
    if isinstance(problems, dict):
        return [
            (text if name == "non_field_errors" else f"{name}: {text}", code)
            for name, inner in problems.items()
            for text, code in _flat(inner)
        ]
    if isinstance(problems, list):
        return [pair for problem in problems for pair in _flat(problem)]
    return [(str(problems), getattr(problems, "code", "invalid") or "invalid")]


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer addresses of the API that do not exist."""
    return answer(404, "Record not found")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what we did not foresee; the traceback is in the log under the request's id."""
    return answer(500, "Something went wrong on our side. It has been logged.")
