"""A double of S3 in this process: buckets, signed addresses, multipart uploads, ranges."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

PREFIX = "studio-"
BUCKETS = ("pictures", "movies", "files", "backups")


@dataclass(frozen=True)
class S3:
    """Where it listens."""

    endpoint: str

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that put files there."""
        return {
            "fs_backend": "s3",
            "fs_bucket_prefix": PREFIX,
            "fs_s3_region": "us-east-1",
            "fs_s3_endpoint": self.endpoint,
            "fs_s3_access_key": "AKIDEXAMPLE",
            "fs_s3_secret_key": SecretStr("very-secret"),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same, as variables."""
        plain = {**self.settings, "fs_s3_secret_key": "very-secret"}
        return {name.upper(): str(value) for name, value in plain.items()}

    def empty(self) -> None:
        """Forget everything, and make the buckets anew."""
        httpx.post(f"{self.endpoint}/moto-api/reset")
        for bucket in BUCKETS:
            httpx.put(f"{self.endpoint}/{PREFIX}{bucket}").raise_for_status()

    def objects(self, bucket: str) -> list[str]:
        """The keys of a bucket."""
        text = httpx.get(f"{self.endpoint}/{PREFIX}{bucket}?list-type=2").text
        return sorted(part.partition("</Key>")[0] for part in text.split("<Key>")[1:])


@contextlib.contextmanager
def serving_s3() -> Iterator[S3]:
    """A double that runs meanwhile."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
