"""Is it alive, and may it be sent requests: for load balancers and for people who wait for `make up`."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from upscrolled import readiness, shedding
from upscrolled.api.base import JSON
from upscrolled.backlog import Waiting


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process does; asks nobody else. Clients of Mastodon compare the body with this word."""
    response = HttpResponse("OK", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Ask every part that a request may need; 503 names the ones that are missing, `warnings` what soon will be."""
    report = readiness.look()
    missing = sorted(name for name, state in report.parts.items() if state != "ok")
    shape = {
        "status": "ok" if not missing else "unavailable",
        "parts": report.parts,
        "missing": missing,
        "warnings": ["disk"] if report.disk.low else [],
        "disk_free_mb": report.disk.free_mb,
        "worker_age_seconds": report.worker_age,
        "queues": _shown(report.queues),
        "owed": _shown(report.owed),
        "shedding": shedding.gauge.report(),
    }
    response = _answer(503 if missing else 200, shape)
    # Balancers ask every few seconds; Django would log each of these answers as an error of ours.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _shown(waiting: list[Waiting]) -> dict[str, dict[str, float | None]]:
    return {one.name: {"waiting": one.count, "oldest_seconds": one.oldest_seconds} for one in waiting}


def _answer(status: int, shape: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(json.dumps(shape), status=status, content_type=JSON)
    response["Cache-Control"] = "no-store"
    return response
