"""Storages of the tests: a directory, an object store in this process (moto), and a real one (SeaweedFS)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.servers import free_ports

KEY, SECRET, BUCKET = "somebody", "something-secret", "media"
WEED = Path(sys.executable).with_name("weed")


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A running one; `checks` says whether it looks at signatures at all."""

    endpoint: str
    checks: bool

    def client(self) -> Any:
        how = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=how,
        )

    def names(self) -> set[str]:
        """Everything that lies in the bucket."""
        found = self.client().list_objects_v2(Bucket=BUCKET)
        return {each["Key"] for each in found.get("Contents", ())}

    def setting(self) -> dict[str, Any]:
        """STORAGES["default"] as the settings would make it."""
        options = {
            "bucket_name": BUCKET,
            "endpoint_url": self.endpoint,
            "region_name": "us-east-1",
            "access_key": KEY,
            "secret_key": SECRET,
            "signature_version": "s3v4",
            "addressing_style": "path",
            "default_acl": None,
            "file_overwrite": True,
        }
        return {"BACKEND": "upscrolled.media.bucket.Bucket", "OPTIONS": options}


@contextmanager
def fake() -> Iterator[ObjectStore]:
    """An object store in this process; it believes every signature."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        store = ObjectStore(f"http://127.0.0.1:{server.get_host_and_port()[1]}", checks=False)
        store.client().create_bucket(Bucket=BUCKET)
        yield store
    finally:
        server.stop()


@contextmanager
def real(directory: Path) -> Iterator[ObjectStore]:
    """SeaweedFS: a store as people run it, which checks what is signed."""
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {
        "name": "us",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": actions,
    }
    config = directory / "s3.json"
    config.write_text(json.dumps({"identities": [identity]}))
    names = ("master.port", "volume.port", "filer.port", "s3.port")
    free = free_ports(2 * len(names))
    ports = dict(zip(names, free[: len(names)], strict=True))
    grpc = dict(zip((f"{name}.grpc" for name in names), free[len(names) :], strict=True))
    command = [str(WEED), "server", "-ip=127.0.0.1", f"-dir={directory}", "-filer", "-s3"]
    command += [f"-s3.config={config}", "-master.volumeSizeLimitMB=64", "-volume.max=20"]
    command += [f"-{name}={port}" for name, port in {**ports, **grpc}.items()]
    with open(directory / "weed.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=directory)
    try:
        store = ObjectStore(f"http://127.0.0.1:{ports['s3.port']}", checks=True)
        _wait(store, process, directory / "weed.log")
        yield store
    finally:
        process.kill()  # its data go with it, and it takes half a minute to say goodbye
        process.wait(30)


def _wait(store: ObjectStore, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text()[-2_000:]
        try:
            store.client().create_bucket(Bucket=BUCKET)
            store.client().put_object(Bucket=BUCKET, Key="first", Body=b"x")
            store.client().delete_object(Bucket=BUCKET, Key="first")
            return
        except (BotoCoreError, ClientError, requests.RequestException):
            assert time.monotonic() < end, log.read_text()[-2_000:]
            time.sleep(0.2)
