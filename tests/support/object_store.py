"""An object store of this machine with the S3 API, and what a test does to it behind the back of its users."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import pytest

ACCESS_KEY = "AKIACANARYQXZJV"
SECRET_KEY = "canary/secret/QXZJV"
BUCKET = "custodian-index"


@dataclass(frozen=True)
class ObjectStore:
    """A running store with one bucket.

    Args:
        endpoint: its URL.
        client: of its owner.
    """

    endpoint: str
    client: Any

    def read(self, key: str) -> bytes:
        """The object of that key."""
        data: bytes = self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return data

    def write(self, key: str, data: bytes) -> None:
        """Puts an object in place of the one that is there."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def delete(self, key: str) -> None:
        """Removes an object."""
        self.client.delete_object(Bucket=BUCKET, Key=key)

    def keys(self, prefix: str = "") -> list[str]:
        """The keys that begin so."""
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]


@contextmanager
def running_store() -> Iterator[ObjectStore]:
    """A store that lives as long as the block, or a skip that says what is missing; the environment names it."""
    if find_spec("moto") is None:
        pytest.skip("moto is not installed: indexes and records in an object store are NOT tested")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        patch.setenv("AWS_REGION", "us-east-1")
        for name in ("AWS_SESSION_TOKEN", "AWS_CA_BUNDLE", "AWS_ENDPOINT_URL"):
            patch.delenv(name, raising=False)
        import boto3
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            endpoint = "http://{}:{}".format(*server.get_host_and_port())
            patch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
            client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
            client.create_bucket(Bucket=BUCKET)
            yield ObjectStore(endpoint, client)
        finally:
            server.stop()
