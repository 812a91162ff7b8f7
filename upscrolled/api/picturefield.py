"""Read a picture as clients send one: a file of a multipart form, or a `data:` address in JSON or a form."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers

from upscrolled.operations.profiles import LIMITS

# Two pictures, as base64 a third larger, and the fields around them.
BODY_MAX = 2 * (LIMITS.picture_bytes * 4 // 3) + 2_621_440
_DATA = re.compile(r"data:[a-z0-9.+/-]{0,100}(?:;[a-z0-9=.-]{1,100})*;base64,", re.IGNORECASE)


class PictureField(serializers.Field[bytes, Any, Any, Any]):
    """The bytes of a picture. How many is looked at before they are read; what they are, by the verb."""

    def to_internal_value(self, data: Any) -> bytes:
        """Return the bytes. Raises ValidationError with the limit and the actual value."""
        if isinstance(data, UploadedFile):
            try:
                self._require_size(data.size or 0)
                return bytes(data.read())
            finally:
                data.close()
        match = _DATA.match(data) if isinstance(data, str) else None
        if match is None:
            raise serializers.ValidationError("must be a file, or a data: address in base64")
        self._require_size((len(data) - match.end()) * 3 // 4)
        try:
            # Some clients break the lines, and forms turn + into a space.
            return base64.b64decode(re.sub(r"\s", "", data[match.end() :].replace(" ", "+")), validate=True)
        except binascii.Error:
            raise serializers.ValidationError("is no base64") from None

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value

    def _require_size(self, size: int) -> None:
        if size > LIMITS.picture_bytes:
            raise serializers.ValidationError(f"has {size} bytes; at most {LIMITS.picture_bytes}")
