"""Is the text an address of a place where a person can live? Judged before any parse."""

from __future__ import annotations

from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.address.placeholders import is_placeholder
from narrowgate.core.address.reading import read


def early_defects(raw: RawAddress) -> tuple[Defect, ...]:
    """Every defect that the words of an address show without parsing it; empty for an ordinary address."""
    reading = read(raw)
    return (Defect.PLACEHOLDER,) if is_placeholder(reading) else ()
