"""A place in an object store: named in settings and tasks without its credentials, which only the environment holds."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, TextIO, overload
from urllib.parse import urlsplit

from narrowgate.adapters.object_store.reading import ObjectReader, in_time
from narrowgate.adapters.object_store.trouble import store_failures
from narrowgate.core.base.errors import ConfigurationError

if TYPE_CHECKING:
    from pyarrow import fs

SCHEME = "s3://"

_PLACE = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/\x00-\x1f?#]+)+")
_CONNECT_SECONDS = 10.0
_REQUEST_SECONDS = 60.0
_ATTEMPTS = 3
_READ_AHEAD = 1 << 20
_TLS_PORT = 443


@dataclass(frozen=True, slots=True)
class ObjectLocation:
    """An object, or what the names of many begin with. It travels to executors, and they bring their own credentials.

    Args:
        path: bucket and key.
        endpoint: URL of the store; empty for that of Amazon in the region.
        region: of the bucket.
        authorities: file with the certificates that may vouch for the endpoint; empty for those of the machine.
    """

    path: str
    endpoint: str = ""
    region: str = "us-east-1"
    authorities: str = ""

    @property
    def name(self) -> str:
        """The last part of the key, which errors may show."""
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """What the name ends with, from its last dot on."""
        _, dot, ending = self.name.rpartition(".")
        return dot + ending if dot else ""

    def __truediv__(self, name: str) -> ObjectLocation:
        return replace(self, path=f"{self.path}/{name}")

    def __str__(self) -> str:
        return SCHEME + self.path

    def file_system(self) -> fs.FileSystem:
        """The store, with the credentials of this process's environment.

        Raises:
            ConfigurationError: the environment holds none.
        """
        return _file_system(self.endpoint, self.region, self.authorities, _credentials())

    @property
    def port(self) -> int:
        """Of the store, at which a connection to it is known."""
        parts = urlsplit(self.endpoint)
        return parts.port or (80 if parts.scheme == "http" else _TLS_PORT)

    def stream(self) -> ObjectReader:
        """The object for reading, from any place in it; a piece that comes in part is an error.

        Raises:
            UnavailableError: it is missing, closed to this user, or not reached in time.
        """
        with store_failures(self.name):
            opened = in_time(lambda: self.file_system().open_input_file(self.path), self.name, self.port)
        return ObjectReader(opened, self.name, self.port)

    @overload
    def open(self, mode: Literal["rb"]) -> BinaryIO: ...

    @overload
    def open(self, *, encoding: str, newline: str | None = None) -> TextIO: ...

    def open(self, mode: str = "r", encoding: str | None = None, newline: str | None = None) -> IO[Any]:
        """The same, buffered, as ``Path.open`` would give it, for reading.

        Args:
            mode: ``rb`` for bytes.
            encoding: of text.
            newline: as for ``open``.
        """
        data: Any = io.BufferedReader(self.stream(), _READ_AHEAD)
        return data if mode == "rb" else io.TextIOWrapper(data, encoding, newline=newline)

    def state(self) -> tuple[int, str]:
        """Bytes and version (ETag) of the object, by which a change is noticed.

        Raises:
            UnavailableError: as ``stream``.
        """
        with self.stream() as stream:
            return stream.size(), str(stream.metadata().get("ETag", ""))


def is_location(text: str) -> bool:
    """Whether ``text`` names a place in an object store."""
    return text.lower().startswith(SCHEME)


def parse_location(text: str) -> ObjectLocation:
    """The place that ``text`` names, at the endpoint and in the region of the environment.

    Args:
        text: ``s3://BUCKET/KEY``, and nothing else: no credentials, no parameters.

    Raises:
        ConfigurationError: it is anything else, or the endpoint would carry the bytes unencrypted over a network.
    """
    path = text[len(SCHEME) :].rstrip("/")
    # The text is not repeated: it may hold what was taken for a place to write credentials.
    if not text.startswith(SCHEME) or not _PLACE.fullmatch(path) or ".." in path.split("/"):
        raise ConfigurationError(
            "The place in the object store is not written as s3://BUCKET/KEY.",
            why="It holds a bucket, a key in it, and nothing else: credentials come from the environment only.",
            next_step="Write for example s3://custodian-index/2026-01, and set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY.",
        )
    return ObjectLocation(
        path,
        _endpoint(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""),
        os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        _authorities(os.environ.get("AWS_CA_BUNDLE", "")),
    )


def _authorities(name: str) -> str:
    if name and not Path(name).is_file():
        raise ConfigurationError(
            "The file of the authorities that may vouch for the object store is not there.",
            why="Without it no connection would be made, which would look like a store that is away.",
            next_step="Correct AWS_CA_BUNDLE, or leave it out.",
            where="AWS_CA_BUNDLE",
        )
    return name


def _endpoint(url: str) -> str:
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_url = parts.port != 0 and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_url = False
    if (
        not is_url
        or parts.username is not None
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise ConfigurationError(
            "The endpoint of the object store is not a URL of a host alone.",
            why="It has a path, parameters or credentials, which would be left out unseen, or is no URL.",
            next_step="Set AWS_ENDPOINT_URL_S3 to, say, https://store.example:9000.",
        )
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ConfigurationError(
            "The endpoint of the object store is not encrypted.",
            why="Records and tokens would cross the network in clear.",
            next_step="Set AWS_ENDPOINT_URL_S3 to an https address; AWS_CA_BUNDLE names an authority of your own.",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _credentials() -> tuple[str, str, str]:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    key, secret, token = (os.environ.get(name, "") for name in names)
    if not key or not secret:
        raise ConfigurationError(
            "The environment holds no credentials of the object store.",
            next_step="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN where there is one; "
            "on a cluster, in the environment of every worker.",
        )
    return key, secret, token


@lru_cache(maxsize=4)
def _file_system(
    endpoint: str, region: str, authorities: str, credentials: tuple[str, str, str]
) -> fs.FileSystem:
    from pyarrow import fs  # noqa: PLC0415 - it starts threads, and most commands read no store

    key, secret, token = credentials
    scheme, _, host = endpoint.partition("://")
    options: dict[str, Any] = {
        "access_key": key,
        "secret_key": secret,
        "session_token": token or None,
        "region": region,
        "scheme": scheme or "https",
        "endpoint_override": host or None,
        "tls_ca_file_path": authorities or None,
        "connect_timeout": _CONNECT_SECONDS,
        "request_timeout": _REQUEST_SECONDS,
        "retry_strategy": fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    }
    return fs.S3FileSystem(**options)
