"""Which code ran: one digest over every file of the package, the same from a checkout as from its wheel."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import narrowgate

_PACKAGE: Final = "narrowgate/"

# A checkout has neither inside the package: a build copies the documentation in, and 'make assets' fetches the design
# system by its digest. Nothing that is decided or verified reads them.
_ADDED_BY_A_BUILD: Final = ("docs/", "entrypoints/web/static/uswds/")


def code_digest(files: Mapping[str, bytes]) -> str:
    """The SHA-256 over name and digest of each file, in the order of the names; other files have another one.

    Modules, word lists, rules in TOML, templates, style sheets and translations all count: each of them changes what
    the gate does or says.

    Args:
        files: bytes of each file, by its path from the package's directory on, such as ``core/log/leaf.py``. What a
            build adds to the package, documentation and design system, does not count.
    """
    lines = (
        f"{sha256(data).hexdigest()}  {name}\n"
        for name, data in sorted(files.items())
        if not name.startswith(_ADDED_BY_A_BUILD)
    )
    return sha256("".join(lines).encode()).hexdigest()


def code_at_work() -> str:
    """The digest of the files of the package that this process was started from."""
    package = Path(narrowgate.__file__).parent
    names = {path: path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    return code_digest(
        # What Python compiled from a module is no file of the package, and differs from machine to machine.
        {
            name.as_posix(): path.read_bytes()
            for path, name in names.items()
            if "__pycache__" not in name.parts
        }
    )


def code_in_wheel(wheel: Path) -> str:
    """The digest of what a wheel would install: it is that of its checkout only if the wheel adds nothing that can run.

    Args:
        wheel: the file. A compiled module in ``__pycache__``, which Python would run instead of the source, and
            anything outside the package but the wheel's own metadata count as well.
    """
    with ZipFile(wheel) as archive:
        return code_digest(
            {
                name.removeprefix(_PACKAGE) if name.startswith(_PACKAGE) else f"../{name}": archive.read(name)
                for name in archive.namelist()
                if not name.endswith("/") and not name.partition("/")[0].endswith(".dist-info")
            }
        )
