"""The verifier as a wheel: what its command line imports and nothing else; it installs and runs without a package."""

from __future__ import annotations

import ast
import io
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

import narrowgate
from narrowgate import __version__

NAME: Final = f"narrowgate_verifier-{__version__}-py3-none-any.whl"

_ENTRY: Final = "narrowgate.verify.command_line"
_INFO: Final = f"narrowgate_verifier-{__version__}.dist-info"
_ROOT: Final = Path(narrowgate.__file__).parent
_SOURCE, _TABLES = ".py", (".txt", ".toml", ".csv", ".tsv")

_PACKAGE: Final = f'''"""The verifier of Narrowgate's logs and bundles; a part of Narrowgate {__version__}."""

__version__ = "{__version__}"
'''
_MAIN: Final = f'''"""Runs the verifier: python -I THIS_FILE verify BUNDLE."""

import os
import sys

from {_ENTRY} import main

if __name__ == "__main__":
    os.environ["PYTHONSAFEPATH"] = "1"  # its processes load nothing from the directory of a bundle
    sys.exit(main())
'''
_METADATA: Final = f"""Metadata-Version: 2.3
Name: narrowgate-verifier
Version: {__version__}
Summary: Verifies a bundle of a Narrowgate log with Python and nothing else
License-Expression: Apache-2.0
Requires-Python: >=3.11
"""
_WHEEL: Final = "Wheel-Version: 1.0\nGenerator: narrowgate\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_COMMAND: Final = f"[console_scripts]\nnarrowgate-verifier = {_ENTRY}:main\n"


def verifier_wheel() -> bytes:
    """Returns the wheel: the same bytes from the same version, wherever it is made.

    It runs as it is (``python -I WHEEL verify BUNDLE``), or installed beside nothing else.
    """
    files = {"narrowgate/__init__.py": _PACKAGE.encode(), "__main__.py": _MAIN.encode()}
    files |= {f"narrowgate/{path}": (_ROOT / path).read_bytes() for path in _needed()}
    files |= {
        f"{_INFO}/METADATA": _METADATA.encode(),
        f"{_INFO}/WHEEL": _WHEEL.encode(),
        f"{_INFO}/entry_points.txt": _COMMAND.encode(),
    }
    files[f"{_INFO}/RECORD"] = _record(files)
    written = io.BytesIO()
    # Stored, because the bytes of a compressed one depend on the library that compresses.
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return written.getvalue()


def _record(files: Mapping[str, bytes]) -> bytes:
    lines = [
        f"{name},sha256={urlsafe_b64encode(sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for name, data in sorted(files.items())
    ]
    return "\n".join([*lines, f"{_INFO}/RECORD,,", ""]).encode()


def _needed() -> list[str]:
    """Paths of the modules that the verifier imports, and of the tables beside them."""
    found: dict[str, Path] = {}
    waiting = [_ENTRY]
    while waiting:
        module = waiting.pop()
        path = _path_of(module)
        if module in found or path is None or module == narrowgate.__name__:
            continue
        found[module] = path
        waiting += [module.rpartition(".")[0], *_imports(path)]
    tables = {
        table
        for path in found.values()
        if path.name != "__init__.py"
        for table in path.parent.iterdir()
        if table.suffix in _TABLES
    }
    return sorted(path.relative_to(_ROOT).as_posix() for path in {*found.values(), *tables})


def _imports(path: Path) -> Iterator[str]:
    """Names of ours that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name.startswith("narrowgate."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("narrowgate."):
            yield str(node.module)
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _path_of(module: str) -> Path | None:
    place = _ROOT.joinpath(*module.split(".")[1:])
    for path in (place / "__init__.py", place.with_suffix(_SOURCE)):
        if path.is_file():
            return path
    return None
