"""The OpenAPI document and the page that reads it; its scripts are our own copies."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerView


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """Answer the OpenAPI document as JSON."""
    response = HttpResponse(_document(), content_type="application/vnd.oai.openapi+json; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response


class Docs(SpectacularSwaggerView):
    """The page: read about an endpoint, and try it."""

    url_name = "openapi"


@lru_cache(maxsize=1)
def _document() -> bytes:
    """The document is the same for everybody until the next release, so it is made once a process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    described = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return bytes(OpenApiJsonRenderer().render(described))
