"""The OpenAPI document, made from what the endpoints declare: `endpoint` facts, entities and input forms.

Nothing is written twice: answers come from msgspec, bodies from the serializers that check them, texts from
the docstrings. Only the meaning of query and path parameters stands here, in one table for all rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_type_hints

import msgspec
from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import append_meta, is_serializer, resolve_type_hint
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from upscrolled import oauth
from upscrolled.api import refusals
from upscrolled.api.base import Endpoint
from upscrolled.api.errors import Error

Place = Literal["path", "query"]
_REFS = "#/components/schemas/{name}"
_COUNT = {"type": "integer", "minimum": 0}
_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_MANY = {"type": "array", "items": _TEXT}
_ID = {"type": "string", "pattern": "^[0-9]{1,19}$"}
_IDS = {"type": "array", "items": _ID}
# What the parameters of all rooms mean: type and sentence.
PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "account_id": (_ID, "Id of an account."),
    "post_id": (_ID, "Id of a post."),
    "quoting_id": (_ID, "Id of a post that quotes the other."),
    "media_id": (_ID, "Id of an upload: a media attachment."),
    "upload_id": (_ID, "Id of an upload that comes in pieces."),
    "poll_id": (_ID, "Id of a poll: that of its post."),
    "scheduled_id": (_ID, "Id of a post that is to come at a time."),
    "draft_id": (_ID, "Id of a draft."),
    "featured_id": (_ID, "Id of a hashtag's place on the viewer's profile."),
    "notification_id": (_ID, "Id of a notification."),
    "request_id": (_ID, "Id of the account whose notifications are set aside."),
    "group_key": (_TEXT, "Key of a group of notifications."),
    "filter_id": (_ID, "Id of a filter."),
    "keyword_id": (_ID, "Id of a word of a filter."),
    "filtered_id": (_ID, "Id of a post's place in a filter."),
    "list_id": (_ID, "Id of a list."),
    "export_id": (_ID, "Id of an archive of what is one's own."),
    "list_name": (
        _TEXT,
        "following_accounts, followers, blocked_accounts, muted_accounts, lists or bookmarks.",
    ),
    "account_ids[]": (_IDS, "Ids of accounts; also in the body."),
    "name": (_TEXT, "A hashtag, without its #."),
    "statement_id": (_ID, "Id of a statement of reasons."),
    "report_id": (_ID, "Id of a report."),
    "trend_id": (_TEXT, "Id of what trends."),
    "block_id": (_ID, "Id of a blocked domain or address."),
    "active": (_FLAG, "Only accounts that are in and open."),
    "pending": (_FLAG, "Only accounts that wait to be let in."),
    "suspended": (_FLAG, "Only suspended accounts."),
    "silenced": (_FLAG, "Only accounts that may read and not write."),
    "staff": (_FLAG, "Only people who moderate."),
    "username": (_TEXT, "Only names that begin so."),
    "email": (_TEXT, "Only the account with this address."),
    "disabled": (_FLAG, "Only accounts that their owners closed."),
    "display_name": (_TEXT, "Only display names that begin so."),
    "origin": (_TEXT, "local or remote; nobody is remote here."),
    "status": (_TEXT, "active, pending, disabled, silenced or suspended."),
    "permissions": (_TEXT, "staff: only people who moderate."),
    "role_ids[]": (_TEXT, "Only accounts with these roles."),
    "invited_by": (_ID, "Only accounts that this one invited."),
    "ip": (_TEXT, "Finds nobody: addresses of networks are not searched."),
    "unresolved": (_FLAG, "Reports that wait; with `resolved`, all of them."),
    "resolved": (_FLAG, "Reports that are resolved, in place of those that wait."),
    "target_account_id": (_ID, "Only reports about this account."),
    "index": (_COUNT, "Place of a leaf in the moderation log, from 0."),
    "size": (_COUNT, "So many leaves from the beginning of the log."),
    "old": (_COUNT, "Size of the earlier log."),
    "new": (_COUNT, "Size of the later log."),
    "announcement_id": (_ID, "Id of an announcement."),
    "session_id": (_ID, "Id of a session: somewhere the viewer is signed in."),
    "emoji": (_TEXT, "An emoji of Unicode."),
    "with_dismissed": (_FLAG, "Also what the viewer has dismissed."),
    "order": (
        {"type": "string", "enum": ["active", "new"]},
        "Who posted last first, or who came last first.",
    ),
    "day": ({"type": "string", "format": "date"}, "A day: YYYY-MM-DD."),
    "max_id": (_ID, "Only what is older than this cursor."),
    "since_id": (_ID, "Only what is newer than this cursor: the newest page of it."),
    "min_id": (_ID, "Only what is newer than this cursor: the page just above it."),
    "limit": (_COUNT, "How many at most; brought into the allowed range."),
    "offset": (_COUNT, "How many to skip."),
    "id[]": (_IDS, "Ids; also `id=`."),
    "acct": (_TEXT, "A name: `name`, `@name` or `name@this.host`."),
    "q": (_TEXT, "What to look for."),
    "type": ({"type": "string", "enum": ["accounts", "hashtags", "statuses"]}, "Only results of this kind."),
    "following": (_FLAG, "Only people whom the viewer follows."),
    "resolve": (_FLAG, "Accepted of whoever is signed in, and of no effect: nothing federates."),
    "exclude_unreviewed": (_FLAG, "Accepted, and of no effect: hashtags are not reviewed."),
    "with_suspended": (_FLAG, "Suspended people too."),
    "local": (_FLAG, "Accepted, and of no effect: everything is local."),
    "remote": (_FLAG, "Only posts of other sites: there are none."),
    "only_media": (_FLAG, "Only posts with media."),
    "exclude_replies": (_FLAG, "No replies."),
    "exclude_reblogs": (_FLAG, "No shares."),
    "delete_media": (_FLAG, "Its media are deleted too, and cannot be posted anew."),
    "pinned": (_FLAG, "Only pinned posts."),
    "url": ({"type": "string", "format": "uri"}, "An address on the web."),
    "language": (_TEXT, "A language: ISO 639-1, such as `ar`."),
    "tagged": (_TEXT, "Only posts with this hashtag."),
    "any[]": (_MANY, "Posts with any of these hashtags too."),
    "all[]": (_MANY, "Only posts with all of these hashtags too."),
    "none[]": (_MANY, "No posts with any of these hashtags."),
    "types[]": (_MANY, "Only notifications of these types."),
    "exclude_types[]": (_MANY, "No notifications of these types."),
    "include_filtered": (_FLAG, "Those too that a policy sets aside."),
    "grouped_types[]": (_MANY, "Only these types come in groups: `favourite`, `reblog`, `follow`."),
    "expand_accounts": (
        {"type": "string", "enum": ["full", "partial_avatars"]},
        "Whether all people of a group come in full.",
    ),
    "timeline[]": (_MANY, "Which positions: `home`, `notifications`."),
    "media": (
        {"type": "string", "enum": ["all", "video"]},
        "Which posts: all of them, or those with a video.",
    ),
    "receipt": (
        _TEXT,
        "The `receipt` of a page, as JSON; `pool`, `nonce` and `nonce_from` of it are enough.",
    ),
    "digest": ({"type": "string", "pattern": "^[0-9a-f]{64}$"}, "Digest of a pool, as receipts name it."),
    "seen[]": (_IDS, "Ids of posts that were shown already and should not come again."),
    "nonce": (_TEXT, "Drawn by the client for one scroll; the same nonce draws the same order."),
    "conversation_id": (_ID, "Id of a private conversation."),
    "message_id": (_ID, "Id of a private message."),
    "folder": (
        {"type": "string", "enum": ["inbox", "requests", "archived", "pinned", "all"]},
        "Which conversations: those accepted and not archived, if it is not said.",
    ),
    "scope": ({"type": "string", "enum": ["me", "all"]}, "For whom a message is deleted; also in the body."),
    "cursor": (_TEXT, "Where the page before ended, as it was told there."),
}
KEY = OpenApiParameter(
    name="Idempotency-Key",
    type={"type": "string", "maxLength": 255},
    location="header",
    description="Drawn by the client for one post: sent again with the same key, it is not published twice.",
)
_FILE = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
PAGING = ("max_id", "since_id", "min_id", "limit")
# Of all forms and entities, by name. `{"$example": "Account"}` within one stands for the other.
EXAMPLES = Path(__file__).with_name("examples.json")


class EntitySchema(AutoSchema):
    """Describes one method of one view from its `endpoint` facts."""

    @property
    def facts(self) -> Endpoint:
        """What the handler declares."""
        declared: Endpoint | None = getattr(getattr(self.view, self.method.lower()), "endpoint", None)
        if declared is None:
            warn(f"{self.method} {self.path} has no @endpoint.")
        return declared or Endpoint()

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # Lists are said by the types themselves.

    def get_operation_id(self) -> str:
        """Name it by method and path, which is what stays."""
        words = self.path.translate(str.maketrans("-.", "__", "{}")).strip("/").split("/")
        return "_".join([self.method.lower(), *(word for word in words if word != "api")])

    def get_summary(self) -> str | None:
        """Return the docstring's first line."""
        return str(super().get_description()).strip().partition("\n")[0] or None

    def get_description(self) -> str:  # type: ignore[override]
        """Return the rest of the docstring."""
        return str(super().get_description()).strip().partition("\n")[2].strip()

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the scopes, any one of which will do; and nothing, if anybody may ask."""
        facts = self.facts
        needed = [{"OAuth2": [scope]} for scope in facts.scope.split()] or [{"OAuth2": list[str]()}]
        return [*needed, {}] if facts.who == "anyone" else needed

    def get_override_parameters(self) -> list[Any]:
        """Return path and query parameters with their meaning."""
        facts = self.facts
        queried = dict.fromkeys((*facts.query, *(PAGING if facts.paged else ())))
        pieces = [piece[1:].partition("}")[0] for piece in self.path.split("/") if piece.startswith("{")]
        named = [KEY] if KEY.name in str(super().get_description()) else []  # who speaks of it, takes it
        return [
            *(_parameter(name, "path") for name in pieces),
            *(_parameter(name, "query") for name in queried),
            *named,
        ]

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        if self.facts.body is None:
            return None
        if self.method == "DELETE":  # its form may stand in the address as well, so a body need not come
            form, _ = self._get_request_for_media_type(self.facts.body, direction)  # type: ignore[no-untyped-call]
            return {"content": {kind: {"schema": form} for kind in self.map_parsers()}}
        body: dict[str, Any] | None = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        return body

    def get_request_serializer(self) -> Any:
        """Return the form that checks the body."""
        return self.facts.body

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        facts = self.facts
        more = [*(["Link"] if facts.paged else []), *(["ETag"] if "304" in facts.also else [])]
        good = {
            "description": "What was asked for." if self.method == "GET" else "It is done.",
            "headers": refusals.headers(*refusals.COUNTED, *more),
            "content": _FILE
            if facts.answers is bytes
            else {"application/json": {"schema": _answer(facts.answers)}},
        }
        return {str(facts.status): good, **refusals.of(has_body=facts.body is not None, also=facts.also)}

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        """Describe a field of ours by the type in which it is sent (`sent`), or else by the one that it returns."""
        ours = isinstance(field, serializers.Field) and not is_serializer(field)
        if not ours or type(field).__module__.startswith("rest_framework."):
            return super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        sent = getattr(field, "sent", None) or get_type_hints(type(field).to_internal_value)["return"]
        described = resolve_type_hint(sent)  # type: ignore[no-untyped-call]
        return append_meta(described, self._get_serializer_field_meta(field, direction))  # type: ignore[no-untyped-call]


def add_entities(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Add what operations refer to: entities, refusals, headers, and how to sign in."""
    answers = [kind for facts in _endpoints(generator) for kind in _kinds(facts.answers)]
    _schemas, entities = msgspec.json.schema_components([*answers, Error], ref_template=_REFS)
    components = result.setdefault("components", {})
    forms = components.setdefault("schemas", {})
    examples = msgspec.json.decode(EXAMPLES.read_bytes())
    for name, entity in entities.items():
        if name in forms:
            warn(f"{name} is the name of an entity and of a form.")
        forms[name] = _always_there(entity, keeps_defaults=name == "Error")
    for name, example in examples.items():
        if name not in forms:
            warn(f"{name}, of which there is an example, is neither an entity nor a form.")
        forms[name]["examples"] = [_filled(example, examples)]
    components["responses"] = refusals.described(_REFS.format(name="Error"))
    components["headers"] = {
        name: {"schema": kind, "description": sentence} for name, (kind, sentence) in refusals.HEADERS.items()
    }
    components["securitySchemes"] = {"OAuth2": {"type": "oauth2", "flows": _flows()}}
    return result


def _filled(example: Any, examples: Mapping[str, Any]) -> Any:
    """Return an example with those in it that it names."""
    if isinstance(example, list):
        return [_filled(each, examples) for each in example]
    if isinstance(example, dict):
        if (named := example.get("$example")) is not None:
            return _filled(examples[named], examples)
        return {name: _filled(each, examples) for name, each in example.items()}
    return example


def _parameter(name: str, place: Place) -> OpenApiParameter:
    if name not in PARAMETERS:
        warn(f"The parameter {name} is not in the table of upscrolled/api/schema.py.")
    kind, sentence = PARAMETERS.get(name, (_TEXT, ""))
    return OpenApiParameter(
        name=name, type=kind, location=place, description=sentence, required=place == "path"
    )


def _answer(answers: Any) -> dict[str, Any]:
    kinds = _kinds(answers)
    schemas, _ = msgspec.json.schema_components(kinds, ref_template=_REFS)
    return {"anyOf": list(schemas)} if len(kinds) > 1 else schemas[0] if kinds else {"type": "object"}


def _kinds(answers: Any) -> list[Any]:
    """Return what an endpoint answers, one type or several: `Status | ScheduledStatus` are two."""
    if answers in (None, bytes):
        return []
    return list(get_args(answers)) if isinstance(answers, UnionType) else [answers]


def _always_there(entity: dict[str, Any], *, keeps_defaults: bool) -> dict[str, Any]:
    """Say of an answer what msgspec says of a question: a field with a default is there all the same."""
    if keeps_defaults or "properties" not in entity:
        return entity
    named, required = entity["properties"], set(entity.get("required", ()))
    required |= {name for name, schema in named.items() if "default" in schema}
    properties = {
        name: {key: value for key, value in schema.items() if key != "default"}
        for name, schema in named.items()
    }
    return {**entity, "properties": properties, "required": [name for name in named if name in required]}


def _endpoints(generator: Any) -> list[Endpoint]:
    found = (
        getattr(getattr(callback.cls, method.lower(), None), "endpoint", None)
        for _path, _regex, method, callback in generator.endpoints
    )
    return [facts for facts in found if facts is not None]


def _flows() -> dict[str, Any]:
    scopes = {scope: oauth.sentences([scope])[0][0] for scope in sorted(oauth.SCOPES)}
    return {
        "authorizationCode": {
            "authorizationUrl": "/oauth/authorize",
            "tokenUrl": "/oauth/token",
            "scopes": scopes,
        },
        "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes},
    }
