"""The storage that is a bucket of an object store (S3 and what speaks like it), by signed requests (SigV4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_NOBODY = "private, no-store"
_NO_UPLOAD = "NoSuchUpload"


class Bucket(S3Storage):  # type: ignore[misc]  # the package has no types
    """A bucket. What lies below `public/` is for everybody: its policy, or a CDN before it, may say so.

    Whatever goes wrong between us and the store is an OSError, as it is with a directory.
    """

    def open(self, name: str, mode: str = "rb") -> IO[bytes]:
        """Open an object. Raises FileNotFoundError, OSError."""
        with _trouble():
            opened: IO[bytes] = super().open(name, mode)
            return opened

    def save(self, name: str, content: Any, max_length: int | None = None) -> str:
        """Store an object. Raises OSError."""
        with _trouble():
            return str(super().save(name, content, max_length=max_length))

    def exists(self, name: str) -> bool:
        """Say whether there is such an object. Raises OSError."""
        with _trouble():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Return the bytes of an object. Raises OSError."""
        with _trouble():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        """Remove an object, if it is there. Raises OSError."""
        with _trouble():
            super().delete(name)

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Return the headers that an object is stored with."""
        return {**super().get_object_parameters(name), **_headers(name)}

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: it says what is in the file, so the same name is the same file."""
        return name

    def take(self, path: Path, name: str, *, media_type: str) -> None:
        """Send a file of this machine to the bucket, in parts if it is large; then remove it here."""
        more = {**_headers(name), "ContentType": media_type}
        with _trouble():
            self.bucket.upload_file(str(path), name, ExtraArgs=more, Config=self.transfer_config)
        path.unlink(missing_ok=True)

    def copy(self, source: str, target: str, *, media_type: str) -> None:
        """Have an object under a second name; the bytes do not come here."""
        more = {**_headers(target), "ContentType": media_type, "MetadataDirective": "REPLACE"}
        where = {"Bucket": self.bucket_name, "Key": source}
        with _trouble():
            self.bucket.copy(where, target, ExtraArgs=more, Config=self.transfer_config)

    def begin_parts(self, name: str, *, media_type: str) -> str:
        """Begin an object that comes in parts; return the store's name for it. Raises OSError."""
        more = {**_headers(name), "ContentType": media_type}
        with _trouble():
            begun = self._client.create_multipart_upload(Bucket=self.bucket_name, Key=name, **more)
        return str(begun["UploadId"])

    def part_address(self, name: str, upload: str, *, number: int, size: int, seconds: int) -> str:
        """Return an address at which the store takes one part, of exactly so many bytes, for a while (PUT)."""
        what = {"Bucket": self.bucket_name, "Key": name, "UploadId": upload, "PartNumber": number}
        return str(
            self._client.generate_presigned_url(
                "upload_part", Params={**what, "ContentLength": size}, ExpiresIn=seconds
            )
        )

    def parts(self, name: str, upload: str) -> dict[int, tuple[int, str]] | None:
        """Return size and tag of each part that has come, by its number; None if there is no such upload any more."""
        found: dict[int, tuple[int, str]] = {}
        with _trouble():
            try:
                pages = self._client.get_paginator("list_parts").paginate(
                    Bucket=self.bucket_name, Key=name, UploadId=upload
                )
                for page in pages:
                    found |= {
                        each["PartNumber"]: (each["Size"], each["ETag"]) for each in page.get("Parts", ())
                    }
            except ClientError as error:
                if error.response["Error"]["Code"] != _NO_UPLOAD:
                    raise
                return None
        return found

    def join_parts(self, name: str, upload: str, parts: dict[int, tuple[int, str]]) -> None:
        """Make an object of the parts; one that somebody has joined or dropped already stays as it is."""
        listed = [{"PartNumber": number, "ETag": tag} for number, (_, tag) in sorted(parts.items())]
        self._end(self._client.complete_multipart_upload, name, upload, MultipartUpload={"Parts": listed})

    def drop_parts(self, name: str, upload: str) -> None:
        """Forget the parts, if they are there."""
        self._end(self._client.abort_multipart_upload, name, upload)

    def _end(self, how: Callable[..., Any], name: str, upload: str, **more: Any) -> None:
        with _trouble():
            try:
                how(Bucket=self.bucket_name, Key=name, UploadId=upload, **more)
            except ClientError as error:
                if error.response["Error"]["Code"] != _NO_UPLOAD:
                    raise

    @property
    def _client(self) -> Any:
        return self.connection.meta.client

    def address(self, name: str, *, seconds: int, media_type: str, head: bool = False) -> str | None:
        """Return an address at which the store itself answers for so many seconds, to GET or to HEAD alone."""
        what = {"Bucket": self.bucket_name, "Key": name, "ResponseContentType": media_type}
        how = "head_object" if head else "get_object"
        return str(self._client.generate_presigned_url(how, Params=what, ExpiresIn=seconds))


@contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise OSError(f"The object store does not do as it should: {error}") from error


def _headers(name: str) -> dict[str, Any]:
    public = name.startswith("public/")
    return {"CacheControl": _FOR_EVER if public else _FOR_NOBODY, "ContentDisposition": "inline"}
