"""A tax file of this machine or of an object store, for readers that must not care which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from narrowgate.adapters.object_store.location import ObjectLocation
from narrowgate.core.base.errors import OperationalError, UnavailableError
from narrowgate.index.rows import replaced_records

SourceFile = Path | ObjectLocation


def arrow_input(source: SourceFile) -> Any:
    """What Arrow's readers take: a path, which they open themselves, or an open object.

    Raises:
        UnavailableError: the store does not give the object.
    """
    return source if isinstance(source, Path) else source.stream()


def size_of(source: SourceFile) -> int:
    """Bytes of the file.

    Raises:
        OSError: there is none.
        UnavailableError: the store does not give the object.
    """
    return source.stat().st_size if isinstance(source, Path) else source.state()[0]


@contextmanager
def unchanged(source: SourceFile, before: tuple[int, str] | None = None) -> Iterator[None]:
    """Fails at the end of the block where the object is another than at its beginning; a path is not looked at.

    Parts of an object are asked for one by one, and a store gives each as the object is at that moment.

    Args:
        source: what is read.
        before: its ``state`` when the first of many machines began; by default that of now.

    Raises:
        UnavailableError: it was replaced, or the store does not give it.
    """
    if isinstance(source, Path):
        yield
        return
    before = before or source.state()
    try:
        yield
    except OperationalError:
        _require_same(source, before)
        raise
    _require_same(source, before)


def _require_same(source: ObjectLocation, before: tuple[int, str]) -> None:
    if source.state() != before:
        raise replaced(source)


def replaced(source: SourceFile) -> UnavailableError:
    """The error of a source that was written to or replaced while it was read."""
    return replaced_records("Some rows would be of one file and some of another.", source.name)
