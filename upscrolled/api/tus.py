"""Resumable uploads at /api/v1/upscrolled/uploads by tus 1.0 (tus.io/protocols/resumable-upload), for all media.

Extensions: creation, creation-with-upload, termination, checksum, expiration. Beyond the protocol, the header
`Upscrolled-Media-Id` is the id of the attachment that a complete upload became, and a GET tells all as JSON.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec
from django.http import HttpResponse, UnreadablePostError
from rest_framework.request import Request

from upscrolled.api.base import ClientView, endpoint
from upscrolled.bulkhead import RESUMABLE
from upscrolled.core.errors import BadRequest, DomainError
from upscrolled.limits import MEDIA, PIECES
from upscrolled.media import pieces
from upscrolled.operations import resumable, upload
from upscrolled.operations.resumable import Checksum, Progress
from upscrolled.shedding import Importance

VERSION = "1.0.0"
TUS_REFUSES = ("409", "411", "412", "413", "415", "460")
EXTENSIONS = ("creation", "creation-with-upload", "termination", "checksum", "expiration")
PATH = "/api/v1/upscrolled/uploads"
_KINDS = {"image": "image", "video": "video", "audio": "audio"}


class UploadProgress(msgspec.Struct, kw_only=True):
    """An upload that comes in pieces: `offset` bytes of `size` are here; `media_id` once it is an attachment."""

    id: str
    offset: int
    size: int
    expires_at: str
    media_id: str | None


class OtherVersion(DomainError):
    """The client speaks another version of the protocol, or does not say which."""

    status, safe = 412, f'Send the header "Tus-Resumable: {VERSION}"; no other version is spoken here'


class OtherType(DomainError):
    """The body is not what a piece is sent as."""

    status = 415

    def __init__(self, sent: str) -> None:
        super().__init__(f'Pieces are sent as {RESUMABLE}, not as "{sent[:100]}"')


class TooMuch(DomainError):
    """More bytes than there may be, in the protocol's status."""

    status = 413


class _Tus(ClientView):
    body_max = upload.bytes_max()

    def speak(self) -> None:
        """Raises OtherVersion."""
        if self.request.headers.get("Tus-Resumable") != VERSION:
            raise OtherVersion

    def take(self, upload_id: int, *, at: int) -> Progress:
        """Take the body of this request as the piece that begins there."""
        return resumable.append(
            upload_id,
            self._read,
            by=self.me,
            at=at,
            length=self.length,
            checksum=_checksum(self.request.headers),
            now=self.now,
            clock=lambda: datetime.now(UTC),
        )

    @property
    def length(self) -> int:
        """How many bytes the body has."""
        return int(self.request.META.get("CONTENT_LENGTH") or 0)

    def _read(self, size: int) -> bytes:
        try:
            return bytes(self.request._request.read(size))
        except UnreadablePostError:  # the connection broke: what came before it is kept
            return b""

    def handle_exception(self, error: Exception) -> Any:
        """Answer as the protocol does: what is too large is 413 here."""
        return super().handle_exception(TooMuch(error.safe) if isinstance(error, upload.TooLarge) else error)

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponse, *args: object, **kwargs: object
    ) -> HttpResponse:
        """Add what every answer of the protocol says."""
        response["Tus-Resumable"] = VERSION
        if response.status_code == 412:
            response["Tus-Version"] = VERSION
        return super().finalize_response(request, response, *args, **kwargs)

    def told(self, progress: Progress, *, status: int) -> HttpResponse:
        """Answer with how far it is."""
        response = HttpResponse(status=status)
        response["Upload-Offset"] = str(progress.offset)
        response["Upload-Expires"] = format_datetime(progress.expires_at, usegmt=True)
        if progress.attachment_id is not None:
            response["Upscrolled-Media-Id"] = str(progress.attachment_id)
        return response


class Uploads(_Tus):
    """OPTIONS, POST /api/v1/upscrolled/uploads"""

    @endpoint(who="anyone", always=True)
    def options(self, request: Request, *args: object, **kwargs: object) -> HttpResponse:  # type: ignore[override]
        """Say which version of tus is spoken, with which extensions, and how large a file may be."""
        response = HttpResponse(status=204)
        response["Tus-Version"] = VERSION
        response["Tus-Extension"] = ",".join(EXTENSIONS)
        response["Tus-Max-Size"] = str(upload.bytes_max())
        response["Tus-Checksum-Algorithm"] = ",".join(pieces.ALGORITHMS)
        response["Allow"] = ", ".join(self.allowed_methods)
        return response

    @endpoint(scope="write:media", status=201, limit=MEDIA, importance=Importance.WRITING, also=TUS_REFUSES)
    def post(self, request: Request) -> HttpResponse:
        """Announce a file (Upload-Length); its address is in Location. A body is its first piece already.

        Of Upload-Metadata, `filetype` and `description` are heeded. A file that is too large is refused here.
        """
        self.speak()
        if "Upload-Defer-Length" in request.headers:
            raise BadRequest("Say how long the file is (Upload-Length); it cannot be said later")
        with_body = self.length > 0
        if with_body:
            _require_pieces(request)
        raw = request.headers.get("Upload-Metadata", "")
        metadata = _metadata(raw)
        begun = resumable.begin(
            owner=self.me,
            size=_number(request.headers, "Upload-Length"),
            kind=_KINDS.get(metadata.get("filetype", "").partition("/")[0], ""),
            description=metadata.get("description", ""),
            metadata=raw,
            now=self.now,
        )
        if with_body:
            begun = self.take(begun.id, at=0)
        response = self.told(begun, status=201)
        response["Location"] = f"{PATH}/{begun.id}"
        return response


class OneUpload(_Tus):
    """HEAD, PATCH, DELETE, GET, POST /api/v1/upscrolled/uploads/:id"""

    def known(self, upload_id: str) -> int:
        """Return the id of an upload of one's own, asked for in the protocol's words. Raises NotFound first."""
        number = self.id_of(upload_id)
        resumable.own(number, self.me, self.now)
        self.speak()
        return number

    @endpoint(scope="write:media", limit=PIECES, alone=True, also=TUS_REFUSES)
    def head(self, request: Request, upload_id: str) -> HttpResponse:
        """How much of an upload of one's own has arrived (Upload-Offset): go on there."""
        found = resumable.look(self.known(upload_id), by=self.me, now=self.now)
        response = self.told(found, status=200)
        response["Upload-Length"] = str(found.size)
        if found.metadata:
            response["Upload-Metadata"] = found.metadata
        response["Cache-Control"] = "no-store"
        return response

    @endpoint(scope="write:media", limit=PIECES, alone=True, answers=UploadProgress)
    def get(self, request: Request, upload_id: str) -> HttpResponse:
        """The same as JSON, for whoever speaks no tus."""
        found = resumable.look(self.id_of(upload_id), by=self.me, now=self.now)
        return self.render(progress(found))

    @endpoint(
        scope="write:media",
        status=204,
        limit=PIECES,
        alone=True,
        importance=Importance.WRITING,
        also=TUS_REFUSES,
    )
    def patch(self, request: Request, upload_id: str) -> HttpResponse:
        """Send the bytes from Upload-Offset on; those that came before a connection broke are kept.

        The last piece makes the file an attachment, whose id is in Upscrolled-Media-Id.
        """
        number = self.known(upload_id)
        _require_pieces(request)
        at = _number(request.headers, "Upload-Offset")
        return self.told(self.take(number, at=at), status=204)

    @endpoint(scope="write:media", status=204, also=TUS_REFUSES)
    def delete(self, request: Request, upload_id: str) -> HttpResponse:
        """Give an upload up; what has arrived of it is removed."""
        resumable.give_up(self.known(upload_id), by=self.me, now=self.now)
        return HttpResponse(status=204)

    @endpoint(
        scope="write:media",
        status=204,
        limit=PIECES,
        alone=True,
        importance=Importance.WRITING,
        also=TUS_REFUSES,
    )
    def post(self, request: Request, upload_id: str) -> HttpResponse:
        """PATCH or DELETE by X-HTTP-Method-Override, for networks that let only GET and POST through."""
        override = request.headers.get("X-HTTP-Method-Override", "").upper()
        if override == "PATCH":
            return self.patch(request, upload_id)
        if override == "DELETE":
            return self.delete(request, upload_id)
        self.known(upload_id)
        raise BadRequest("Send X-HTTP-Method-Override: PATCH or DELETE")


def progress(found: Progress) -> UploadProgress:
    """Say how far an upload is."""
    return UploadProgress(
        id=str(found.id),
        offset=found.offset,
        size=found.size,
        expires_at=found.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        media_id=None if found.attachment_id is None else str(found.attachment_id),
    )


def _require_pieces(request: Request) -> None:
    sent = request.META.get("CONTENT_TYPE", "")
    if sent != RESUMABLE:
        raise OtherType(sent)


def _number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadRequest(f'The header {name} is a number of bytes, not "{text[:40]}"')
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Read `key base64,key base64`. Raises BadRequest."""
    if len(header) > resumable.METADATA_MAX:
        raise BadRequest(f"Upload-Metadata has {len(header)} characters; at most {resumable.METADATA_MAX}")
    found: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in header.split(","))):
        key, _, value = pair.partition(" ")
        if key in found:
            raise BadRequest(f'Upload-Metadata has "{key[:40]}" twice')
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise BadRequest(f'Upload-Metadata: the value of "{key[:40]}" is no text in Base64') from None
    return found


def _checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Read `algorithm base64`. Raises BadRequest."""
    header = headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in pieces.ALGORITHMS:
        known = ", ".join(pieces.ALGORITHMS)
        raise BadRequest(f'Upload-Checksum: "{algorithm[:40]}" is none of {known}')
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadRequest(f"Upload-Checksum: this is no {algorithm} in Base64")
    return Checksum(algorithm, digest)
