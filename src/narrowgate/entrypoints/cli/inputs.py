"""What commands take: regular files, looked at before anything waits for them, and references to keys."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.private_keys.uri import is_token_uri
from narrowgate.core.base.times import parse_time


class RegularFile(click.Path):
    """The path of a file that exists and is no pipe, device or socket: those may never come to an end."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or a usage error."""
        path: Any = super().convert(value, param, ctx)
        if not stat.S_ISREG(path.stat().st_mode):
            self.fail(f"File '{path}' is not a regular file.", param, ctx)
        return path


EXISTING_FILE = RegularFile()


class KeyReference(click.ParamType[str]):
    """The one string that names a person's key: the path of a file that exists, or a ``pkcs11:`` URI."""

    name = "KEY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The string, or a usage error."""
        if is_token_uri(value):
            return value
        return str(EXISTING_FILE.convert(value, param, ctx))


KEY_REFERENCE = KeyReference()
"""A file (PEM or PKCS #12), or an object in a token."""


class UTCTime(click.ParamType[datetime]):
    """A time in RFC 3339, UTC, in whole seconds.

    Args:
        years: in which it must be; any by default.
    """

    name = "TIME"

    def __init__(self, years: range = range(1, 10_000)) -> None:
        self._years = years

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The time, or a usage error."""
        try:
            at = value if isinstance(value, datetime) else parse_time(value)
        except ValueError:
            self.fail("It must be a UTC time such as 2027-01-31T08:00:00Z.", param, ctx)
        if at.year not in self._years:
            self.fail(f"It must be in the years {self._years[0]} to {self._years[-1]}.", param, ctx)
        return at


UTC_TIME = UTCTime()

SEED = click.IntRange(0, 2**32 - 1)
"""Of a synthetic world; a report can hold it."""


revocation_option = click.option(
    "--revocation",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory of revocation lists, to look the signer's card up in; else it is not looked up.",
)
"""As the gate does it: a list that is late or missing refuses, too."""


def signing_key_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command ``--key`` and ``--certificate`` of the person who signs: a file or a card."""
    certificate = click.option(
        "--certificate",
        type=EXISTING_FILE,
        help="PEM of the certificate, chain following; without it the one on the card, or in the key's file.",
    )
    key = click.option(
        "--key",
        type=KEY_REFERENCE,
        required=True,
        help="The key that signs: a file (PEM or PKCS #12), or pkcs11:... for a card.",
    )
    return key(certificate(command))
