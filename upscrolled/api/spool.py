"""Where an uploaded file flows to: the disk, in small pieces, as far as a file of its kind may be large."""

from __future__ import annotations

import tempfile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest

from upscrolled.core.errors import DomainError
from upscrolled.operations import upload
from upscrolled.operations.profiles import LIMITS

_MAIN = "file"
_ENOUGH = 4_096  # bytes that show what a file is


class Spooled(TemporaryUploadedFile):
    """A file in our own directory, on the disk of the media: it is moved from there, not copied. Its name is ours."""

    def __init__(self, name: str | None, content_type: str | None) -> None:
        place = settings.DATA_DIR / "work"
        place.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(prefix="upload-", dir=place)  # noqa: SIM115  # `close` ends it
        UploadedFile.__init__(self, file, name, content_type, 0)


class Spool(TemporaryFileUploadHandler):
    """Writes every file of a form to the disk, whatever its size, and ends the upload of what is too large.

    What the main file is shows in its first bytes; then its limit is known, and, since the length of the body is
    known too, a file that is beyond it is refused before the rest of it flows.
    """

    chunk_size = 64 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._body = self._limit = self._count = 0
        self._head: bytes | None = None

    def handle_raw_input(  # type: ignore[override]  # a boundary is bytes
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: bytes,
        encoding: str | None = None,
    ) -> None:
        """Note how long the body is."""
        self._body = content_length

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        FileUploadHandler.new_file(self, field_name, *args, **kwargs)
        self.file = Spooled(self.file_name, self.content_type)
        main = field_name == _MAIN
        self._limit, self._head = (
            (upload.bytes_max() if main else LIMITS.picture_bytes),
            b"" if main else None,
        )
        self._count = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece. Raises NotTaken for what is no media, TooLarge with the limit and the actual size."""
        try:
            self._look(raw_data)
        except DomainError:
            self.file.close()
            raise
        super().receive_data_chunk(raw_data, start)

    def _look(self, piece: bytes) -> None:
        if self._head is not None:
            self._head += piece
            if len(self._head) >= _ENOUGH:
                self._judge(self._head)
                self._head = None
        self._count += len(piece)
        if self._count > self._limit:
            raise upload.TooLarge(
                f"Validation failed: {self.field_name} has more than {self._limit} bytes; that is the limit"
            )

    def _judge(self, head: bytes) -> None:
        kind = upload.kind_of_head(head)
        self._limit = upload.bytes_max(kind)
        # Of a body that is longer than file, picture and form may be together, no more is read.
        upload.expect(self._body - LIMITS.picture_bytes - upload.FORM_MAX, kind)
