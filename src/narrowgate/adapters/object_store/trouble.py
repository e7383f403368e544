"""What a store refuses or fails at, in words of ours: its own text may repeat names, keys and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from narrowgate.core.base.errors import UnavailableError

_NO_BUCKET = ("NO_SUCH_BUCKET", "NoSuchBucket")
_DENIED = ("ACCESS_DENIED", "HTTP response code 403", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH")
_UNREACHED = ("NETWORK_CONNECTION", "curlCode", "timed out", "Timeout", "REQUEST_TIMEOUT", "SLOW_DOWN")


@contextmanager
def store_failures(name: str) -> Iterator[None]:
    """Turns what the store refuses into an error of ours that repeats nothing of its text.

    Args:
        name: of the object.

    Raises:
        UnavailableError: the object or bucket is missing or closed to this user, or the store does not answer.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise _unavailable(name, "There is no such object.", "Check bucket and key.") from error
    except (PermissionError, OSError) as error:
        raise _unavailable(name, *_reason(str(error))) from None


def unreached(name: str) -> UnavailableError:
    """The error of a store that does not give ``name`` in time."""
    return _unavailable(
        name,
        "The store was not reached in time.",
        "Check network and endpoint, and run the same command again.",
    )


def given_in_part(name: str) -> UnavailableError:
    """The error of a store that says it gave a piece of ``name`` and gave less."""
    return _unavailable(
        name,
        "It gave less of the object than was wanted of it.",
        "Check the store and what lies between, and run the same command again.",
    )


def _reason(text: str) -> tuple[str, str]:
    if any(sign in text for sign in _NO_BUCKET):
        return "There is no such bucket.", "Check its name, and the endpoint in AWS_ENDPOINT_URL_S3."
    if any(sign in text for sign in _DENIED):
        return (
            "The store does not permit it with the credentials of this environment.",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of an account that may.",
        )
    if any(sign in text for sign in _UNREACHED):
        return (
            "The store was not reached in time.",
            "Check network and endpoint, and run the same command again.",
        )
    return "The store or the network failed.", "Run the same command again."


def _unavailable(name: str, why: str, next_step: str) -> UnavailableError:
    return UnavailableError(
        "The object store gave no answer that can be used.", why=why, next_step=next_step, where=name
    )
