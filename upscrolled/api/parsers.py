"""Read bodies and query strings as Mastodon's clients write them: JSON, forms, Rails' brackets.

Whatever the encoding, a view gets one nested dict of plain values. Text is cleaned of what PostgreSQL cannot
store (NUL) and refused when it is no text at all (broken UTF-8, lone surrogates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import IO, Any

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, FormParser, MultiPartParser

_PART = re.compile(r"\[([^\[\]]*)\]")
_DEPTH_MAX = 5
_SENT = "sent_files"
_INDEX_DIGITS = 6


class JSON(BaseParser):
    """A JSON body that is an object (or empty)."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the object. Raises ParseError for anything else."""
        body = stream.read()
        if not body.strip():
            return {}
        try:
            value = _clean(msgspec.json.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise ParseError(f"The body is not valid JSON: {str(error)[:120]}") from None
        if not isinstance(value, dict):
            raise ParseError("The body must be a JSON object.")
        return value


class Form(FormParser):
    """application/x-www-form-urlencoded, with brackets."""

    def parse(  # type: ignore[override]  # a nested dict stands for the QueryDict
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return the fields as a nested dict."""
        encoding = (parser_context or {}).get("encoding", "utf-8")
        return nested(_InOrder(stream.read(), encoding=encoding))


class MultiPart(MultiPartParser):
    """multipart/form-data, with brackets and files; files within objects for a view that says `files_within`."""

    def parse(  # type: ignore[override]  # a nested dict stands for the QueryDict and the files
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return fields and files as one nested dict."""
        parsed = super().parse(stream, media_type, dict(parser_context or {}))
        assert isinstance(parsed, DataAndFiles)
        if parser_context and "request" in parser_context:  # `close_files` finds them there
            parser_context["request"]._request.__dict__[_SENT] = parsed.files
        if getattr((parser_context or {}).get("view"), "files_within", False):
            return nested(_together(parsed.data, parsed.files))
        return {**nested(parsed.data), **parsed.files.dict()}


def require_size(meta: Mapping[str, Any], *, limit: int | None = None) -> None:
    """Refuse a body before it is read. Raises RequestDataTooBig. `limit` in bytes; None: the site's for a form.

    Django looks at the size only of a body that is asked for whole; parsers read a stream, files included.
    """
    limit = limit or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = meta.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise RequestDataTooBig(f"the body has {length} bytes; the limit is {limit}.")


def close_files(request: HttpRequest) -> None:
    """Close the files that came with a request; what was spooled to the disk is removed, unless it was taken."""
    for file in chain.from_iterable(
        files for _, files in request.__dict__.pop(_SENT, MultiValueDict()).lists()
    ):
        file.close()


def _together(fields: QueryDict, files: MultiValueDict[str, Any]) -> QueryDict:
    """Return the fields, and the files as if they were some: `a[0][picture]` stands within an object."""
    merged = fields.copy()
    for name, values in files.lists():
        merged.setlist(name, values)
    return merged


class _InOrder(QueryDict):
    """A form that remembers in which order its fields came: `a[][b]=1&a[][c]=2&a[][b]=3` are two objects."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.pairs: list[tuple[str, str]] = []
        super().__init__(*args, **kwargs)

    def appendlist(self, key: Any, value: Any) -> None:
        """Note the field, and add it."""
        self.pairs.append((key, value))
        super().appendlist(key, value)


def nested(query: QueryDict) -> dict[str, Any]:
    """Turn `a[b]=1`, `ids[]=1&ids[]=2`, `fields[0][name]=x`, `words[][word]=x` into nested dicts and lists.

    A plain name that is repeated becomes a list; otherwise the last value counts.
    """
    tree: dict[str, Any] = {}
    for key, values in query.lists():
        if "[]" in key:
            continue
        path = _path(_text(key))
        cleaned = [_clean(value) for value in values]
        if len(path) == 1 and len(cleaned) > 1:
            tree[path[0]] = cleaned
        else:
            _put(tree, path, cleaned[-1] if cleaned else "")
    together = ((key, value) for key, values in query.lists() for value in values)
    pairs: Iterable[tuple[str, Any]] = query.pairs if isinstance(query, _InOrder) else together
    for key, value in pairs:
        if "[]" in key:
            _put(tree, _path(_text(key)), _clean(value), in_order=isinstance(query, _InOrder))
    return {key: _listed(value) for key, value in tree.items()}


def many(value: Any) -> list[Any]:
    """Read a parameter that clients send as one value, a list, or an object with numbers for keys."""
    if value is None or value == "":
        return []
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list | tuple) else [value]


def _path(key: str) -> list[str]:
    head, bracket, _ = key.partition("[")
    parts = _PART.findall(key[len(head) :]) if bracket else []
    if not head or len(parts) > _DEPTH_MAX:
        return [key]
    return [head, *parts]


def _put(tree: dict[str, Any], path: list[str], value: Any, *, in_order: bool = True) -> None:
    """Store the value; an empty part opens a new place, unless its last place still lacks the next name.

    Of fields whose order is not known all values of a name come at once: then it is the first place that lacks it.
    """
    node = tree
    for position, part in enumerate(path[:-1]):
        if part == "":
            following = path[position + 1]
            places = [next(reversed(node), "")] if in_order else list(node)
            lacking = (at for at in places if isinstance(node.get(at), dict) and following not in node[at])
            part = next(lacking, str(len(node)))
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            child = node[part] = {}
        node = child
    node[path[-1] if path[-1] != "" else str(len(node))] = value


def _listed(value: Any) -> Any:
    """Make lists of the dicts whose keys are all numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdigit() and len(key) <= _INDEX_DIGITS for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(item) for key, item in value.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_text(key): _clean(item) for key, item in value.items()}
    return value


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ParseError("The text holds characters that are no Unicode text (lone surrogates).") from None
    return value.replace("\x00", "")


def texts(values: Iterable[Any]) -> list[str]:
    """Read every value as text."""
    return [str(value) for value in values]
