"""The OpenAPI document: complete, valid, and true of what the endpoints answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver
from openapi_spec_validator import validate
from rest_framework.serializers import FileField


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document as it is served."""
    response = Client().get("/api/schema")
    assert response.status_code == 200
    return json.loads(response.content)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and method."""
    return [
        (path, method, of) for path, methods in document()["paths"].items() for method, of in methods.items()
    ]


def test_it_is_made_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_is_valid_and_every_reference_leads_somewhere():
    validate(document())

    references = {part.split('"')[0] for part in json.dumps(document()).split('"$ref": "#/')[1:]}
    for reference in references:
        place: Any = document()
        for step in reference.split("/"):
            place = place[step]


def test_every_operation_has_a_name_of_its_own_a_summary_and_an_answer():
    names = [of["operationId"] for _, _, of in operations()]

    assert len(names) == len(set(names)) > 60
    assert [path for path, _, of in operations() if not of.get("summary")] == []
    assert [path for path, _, of in operations() if not of["tags"]] == []


def test_every_operation_says_how_it_refuses():
    for path, method, of in operations():
        refused = {"400", "401", "403", "404", "422", "429", "503"}
        refused |= {"411", "413", "415"} if "requestBody" in of else set()
        assert refused <= set(of["responses"]), (method, path)


def test_people_are_taken_off_a_list_by_a_body_or_by_the_address():
    of = document()["paths"]["/api/v1/lists/{list_id}/accounts"]["delete"]

    assert "account_ids[]" in {parameter["name"] for parameter in of["parameters"]}
    form = {"schema": {"$ref": "#/components/schemas/MembersForm"}}
    assert of["requestBody"]["content"]["application/json"] == form
    assert not of["requestBody"].get("required")


def test_a_report_names_posts_and_rules():
    named = document()["components"]["schemas"]["ReportForm"]["properties"]

    for name in ("status_ids", "rule_ids"):
        assert named[name]["items"] == {"type": "string"}


def test_refusals_have_one_shape_and_say_when_to_come_again():
    refusals = document()["components"]["responses"]

    for name, refusal in refusals.items():
        if name == "NotModified":
            assert set(refusal["headers"]) == {"ETag"}
            continue
        error = refusal["content"]["application/json"]
        assert error["schema"] == {"$ref": "#/components/schemas/Error"}
        assert error["example"]["error"]
        assert ("Retry-After" in refusal["headers"]) == (name in ("TooManyRequests", "ServiceUnavailable"))


def test_what_is_asked_for_in_the_address_has_a_type_and_a_meaning():
    for path, method, of in operations():
        for parameter in of.get("parameters", []):
            assert parameter["description"], (method, path, parameter["name"])
            assert parameter["schema"]["type"], (method, path, parameter["name"])


def test_every_answer_has_an_example():
    spoken = {
        name
        for _, _, operation in operations()
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for name in named(answer)
    }
    schemas = document()["components"]["schemas"]

    assert "Status" in spoken
    # What says nothing but that it is done needs none.
    assert [name for name in sorted(spoken) if "examples" not in schemas[name]] == ["Empty"]


def named(described: Any) -> Iterator[str]:
    """Schemas that stand in an answer: by themselves, many of them, or one of several."""
    if isinstance(described, dict):
        _, kind, name = described.get("$ref", "").rpartition("/schemas/")
        if kind:
            yield name
    inner = described.values() if isinstance(described, dict) else described
    for each in inner if isinstance(described, dict | list) else ():
        yield from named(each)


def test_every_example_is_as_it_is_described():
    import jsonschema

    components = document()["components"]
    wrong = [
        (name, list(fault.absolute_path), fault.message)
        for name, described in components["schemas"].items()
        for example in described.get("examples", ())
        for fault in jsonschema.Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": components}
        ).iter_errors(example)
    ]

    assert wrong == []


def test_every_form_has_an_example_that_it_takes():
    schemas = document()["components"]["schemas"]

    for method, form in bodies():
        name = ("Patched" if method == "patch" else "") + form.__name__
        (example,) = schemas[name]["examples"]
        given = {
            field: SimpleUploadedFile("a", b"x") if isinstance(form().fields[field], FileField) else value
            for field, value in example.items()
        }
        filled = form(data=given, partial=method == "patch")
        assert filled.is_valid(), (name, filled.errors)
        assert set(example) <= set(filled.fields), name


def bodies(patterns: Any = None) -> set[tuple[str, Any]]:
    """Every form by the method that sends it."""
    found = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            found |= bodies(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "view_class", None)
        for method in ("post", "put", "patch"):
            facts = getattr(getattr(view, method, None), "endpoint", None)
            if facts is not None and facts.body is not None:
                found.add((method, facts.body))
    return found


def test_a_menu_that_is_still_the_same_is_not_sent_again():
    responses = document()["paths"]["/api/v1/upscrolled/places"]["get"]["responses"]

    assert "ETag" in responses["200"]["headers"]
    assert "content" not in document()["components"]["responses"]["NotModified"]
    assert "304" in responses


def test_scopes_are_said_and_anonymous_access_too():
    paths = document()["paths"]

    assert paths["/api/v1/accounts/{account_id}/follow"]["post"]["security"] == [
        {"OAuth2": ["write:follows"]}
    ]
    assert {} in paths["/api/v2/instance"]["get"]["security"]


def test_paged_lists_say_their_parameters_and_their_header():
    blocks = document()["paths"]["/api/v1/blocks"]["get"]

    assert {one["name"] for one in blocks["parameters"]} == {"max_id", "since_id", "min_id", "limit"}
    assert "Link" in blocks["responses"]["200"]["headers"]


def test_bodies_are_described_in_the_three_encodings():
    content = document()["paths"]["/api/v1/accounts/{account_id}/follow"]["post"]["requestBody"]["content"]

    assert set(content) == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    form = document()["components"]["schemas"]["FollowForm"]["properties"]
    assert form["languages"]["items"] == {"type": "string"}


def test_what_is_always_there_is_required():
    account = document()["components"]["schemas"]["Account"]

    assert {"id", "emojis", "avatar_description", "group"} <= set(account["required"])
    assert "suspended" not in account["required"]


def test_answers_are_what_the_document_says(client_of, alice, bob):
    import jsonschema

    for path, name in (
        (f"/api/v1/accounts/{alice.id}", "Account"),
        ("/api/v1/accounts/verify_credentials", "CredentialAccount"),
        ("/api/v2/instance", "Instance"),
        ("/api/v1/instance", "V1Instance"),
        ("/api/v1/preferences", "Preferences"),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
        jsonschema.Draft202012Validator(schema).validate(client_of(bob).get(path).json())


@pytest.mark.django_db
def test_the_page_reads_it_with_scripts_of_our_own():
    page = Client().get("/api/docs").content.decode()

    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert "https://" not in page
    assert "/api/schema" in page or "../api/schema" in page
    script = Client().get("/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")
    script.close()
    assert script.status_code == 200
