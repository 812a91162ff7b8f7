"""A text in a form: sent as a file, or as the text itself."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers


class TextFile(serializers.Field[str, Any, Any, Any]):
    """UTF-8 of `bytes_max` at most."""

    def __init__(self, *, bytes_max: int, **facts: Any) -> None:
        super().__init__(**facts)
        self.bytes_max = bytes_max

    def to_internal_value(self, data: Any) -> str:
        """Return the text. Raises ValidationError with the limit and the actual value."""
        if isinstance(data, UploadedFile):
            try:
                self._require(data.size or 0)
                return bytes(data.read()).decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise serializers.ValidationError(f"is not in UTF-8 (byte {error.start})") from None
            finally:
                data.close()
        if not isinstance(data, str):
            raise serializers.ValidationError("must be a file or text")
        self._require(len(data.encode("utf-8", "replace")))
        return data.removeprefix("\ufeff")

    def to_representation(self, value: Any) -> Any:
        """Output is not made here."""
        return value

    def _require(self, size: int) -> None:
        if size > self.bytes_max:
            raise serializers.ValidationError(f"has {size} bytes; at most {self.bytes_max}")
