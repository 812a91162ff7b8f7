"""Cut the published description of Mastodon's API down to what test_shapes.py asks it: names and types of answers.

    python -m tests.contract.cut_oracle schema.json

`schema.json` is the file of https://github.com/abraham/mastodon-openapi. Its sentences and examples come from
Mastodon's documentation, which is under the GFDL; none of them is kept: only which fields there are, of which type.

Where the file says `oneOf` the cut says `anyOf`: of a quote and a shallow quote, for instance, every value of the
first is one of the second as well, as they are described. Where a reference to a list of values stands beside
`null`, the cut allows both, as is meant.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

CUT = Path(__file__).with_name("mastodon-openapi.json")
# What validates; sentences, examples and extensions do not.
_KEPT = {
    "$ref", "type", "format", "enum", "items", "properties", "required", "oneOf", "anyOf", "allOf",
    "additionalProperties",
}  # fmt: skip


def shape(schema: Any) -> Any:
    """Return a schema with nothing left but what a validator reads."""
    if isinstance(schema, list):
        return [shape(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema and "null" in schema.get("type", ()):
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}]}
    return {
        "anyOf" if word == "oneOf" else word: (
            {name: shape(field) for name, field in said.items()} if word == "properties" else shape(said)
        )
        for word, said in schema.items()
        if word in _KEPT
    }


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of each operation (`GET /api/v1/…`: schema), and the schemas they refer to."""
    answers = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            good = operation["responses"].get("200", {})
            found = good.get("content", {}).get("application/json", {}).get("schema")
            answers[f"{method.upper()} {path}"] = shape(found) if found else {}
    schemas = {name: shape(schema) for name, schema in document["components"]["schemas"].items()}
    return {
        "cut from": "https://github.com/abraham/mastodon-openapi",
        "version": document["info"]["version"],
        "answers": answers,
        "components": {"schemas": schemas},
    }


if __name__ == "__main__":
    read = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    CUT.write_text(json.dumps(cut(read), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
