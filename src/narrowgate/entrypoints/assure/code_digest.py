"""Which code ran: one digest over every module of the package, the same from a checkout as from its wheel."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import narrowgate


def code_digest(modules: Mapping[str, bytes]) -> str:
    """The SHA-256 over name and digest of each module, in the order of the names.

    Args:
        modules: bytes of each ``.py`` file, by its path from the package's directory on, such as ``core/log/leaf.py``.
    """
    lines = (f"{sha256(data).hexdigest()}  {name}\n" for name, data in sorted(modules.items()))
    return sha256("".join(lines).encode()).hexdigest()


def code_at_work() -> str:
    """The digest of the modules that this process would import."""
    package = Path(narrowgate.__file__).parent
    return code_digest(
        {path.relative_to(package).as_posix(): path.read_bytes() for path in package.rglob("*.py")}
    )
