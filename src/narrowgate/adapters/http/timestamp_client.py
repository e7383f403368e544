"""Asks a time stamp authority over HTTP; what it answers is verified by whoever asked, not here."""

from __future__ import annotations

from typing import Final

import httpx

from narrowgate.core.base.errors import ConfigurationError, UnavailableError

MAX_REPLY_BYTES: Final = 131_072
"""A token with the certificates of its authority; ten thousand bytes are many."""

_SECONDS: Final = 30.0
_QUERY: Final = {"Content-Type": "application/timestamp-query"}


def timestamp_reply(url: str, query: bytes) -> bytes:
    """The authority's reply to a query, as it came.

    Plain HTTP will do: the query holds a digest, and the reply is signed.

    Source: RFC 3161 section 3.4.

    Args:
        url: of the authority, ``http`` or ``https``.
        query: DER of a ``TimeStampReq``.

    Raises:
        ConfigurationError: the URL is none.
        UnavailableError: no reply came, or none that can be one.
    """
    data = bytearray()
    try:
        # What the environment says of proxies would show the queries to others.
        with (
            httpx.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream("POST", url, content=query, headers=_QUERY) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise _unavailable(f"It answered with the status {response.status_code}.")
            for piece in response.iter_bytes():
                data += piece
                if len(data) > MAX_REPLY_BYTES:
                    raise _unavailable("Its reply is longer than any time stamp.")
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise ConfigurationError(
            "The URL of the time stamp authority is not understood.",
            next_step="Write it such as https://tsa.example/stamp as 'timestamp_url' in gate.toml.",
        ) from error
    except httpx.HTTPError as error:
        raise _unavailable(f"The connection failed ({type(error).__name__}).") from error
    return bytes(data)


def _unavailable(why: str) -> UnavailableError:
    return UnavailableError(
        "The time stamp authority gave no time stamp.",
        why=why,
        next_step="The timer tries again; 'narrowgate doctor' alarms when the last stamp is too old.",
    )
