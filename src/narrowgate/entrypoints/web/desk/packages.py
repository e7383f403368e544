"""The packages in the desk's directory: made, shown and signed as the commands make, show and sign them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.package_files import (
    MANIFEST_FILE,
    ROWS_FILE,
    SIGNATURE_FILE,
    PackageDirectory,
)
from narrowgate.adapters.private_keys.resolve import open_signing_key
from narrowgate.adapters.signing.certificates import load_root
from narrowgate.core.base.errors import NarrowgateError, RefusedError, UsageError
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import Manifest, parse_manifest
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.asked_package import summary_of
from narrowgate.entrypoints.documents import read_agreement
from narrowgate.entrypoints.opened_part import OfficerKey
from narrowgate.entrypoints.requester import SigningRequest, new_package, require_signable, sign_package
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.requester.summary import PackageSummary
from narrowgate.requester.summary_page import summary_text

FILES: Final = (MANIFEST_FILE, SIGNATURE_FILE, ROWS_FILE)
"""What is handed over; what the signer was shown stays with the requester."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class DeskPackage:
    """One package of the directory.

    Args:
        name: of its directory.
        path: of its directory.
        manifest: ``None`` where it cannot be read.
        problem: why it cannot be read; empty where it can.
        is_signed: whether it carries a signature.
    """

    name: str
    path: Path
    manifest: Manifest | None
    problem: str
    is_signed: bool


@dataclass(frozen=True, slots=True)
class HandedFile:
    """One file that is handed over.

    Args:
        name: of the file.
        bytes: how long it is.
        sha256: hex.
    """

    name: str
    bytes: int
    sha256: str


class Packages:
    """The packages of one desk.

    Args:
        settings: of the desk.
    """

    def __init__(self, settings: DeskSettings) -> None:
        self._settings = settings

    def all(self) -> list[DeskPackage]:
        """Every package of the directory, the newest first."""
        folder = self._settings.packages
        names = (
            sorted(
                (path.name for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_dir()),
                reverse=True,
            )
            if folder.is_dir()
            else []
        )
        return [_package(folder / name) for name in names if (folder / name / MANIFEST_FILE).exists()]

    def get(self, name: str) -> DeskPackage:
        """The package of that name.

        Raises:
            UsageError: there is none.
            NarrowgateError: it cannot be read.
        """
        path = self._settings.packages / name
        if not _NAME.fullmatch(name) or not (path / MANIFEST_FILE).exists():
            raise UsageError("There is no such package.", next_step="Choose one of the list of packages.")
        parse_manifest(PackageDirectory(path).manifest(), MANIFEST_FILE)
        return _package(path)

    def make(self, items: Iterable[Item], office: Office) -> str:
        """The name of a new unsigned package, which is its id.

        Raises:
            NarrowgateError: as ``new_package``.
        """
        settings = self._settings
        unnamed = settings.packages / f".new-{settings.entropy.draw(8).hex()}"
        now = settings.clock.now()
        made = new_package(items, unnamed, read_agreement(settings.agreement), office, now, settings.entropy)
        unnamed.rename(settings.packages / made.package_id)
        return made.package_id

    def summary(self, package: DeskPackage) -> PackageSummary:
        """What the package asks.

        Raises:
            NarrowgateError: as ``summary_of``.
        """
        settings = self._settings
        manifest = parse_manifest(PackageDirectory(package.path).manifest(), MANIFEST_FILE)
        return summary_of(package.path, manifest, settings.agreement, settings.officers, settings.clock.now())

    def sign(self, package: DeskPackage, official: OfficerKey, shown_sha256: str) -> None:
        """The package carries the official's signature, which names the text that was shown.

        Args:
            package: unsigned.
            official: who signs.
            shown_sha256: of the text on the page that the official read, in hex.

        Raises:
            RefusedError: the package is signed already, or what it asks is not what the page showed.
            NarrowgateError: as ``require_signable`` and ``sign_package``.
        """
        if package.is_signed:
            raise RefusedError("The package is signed already.", next_step="Hand it over.")
        settings = self._settings
        key = open_signing_key(official.reference, official.certificate, official.ask)
        now = settings.clock.now()
        root = load_root(settings.root) if settings.root else None
        request = SigningRequest(key, read_agreement(settings.agreement), root)
        signable = require_signable(package.path, request, now)
        shown = summary_text(self.summary(package))
        if sha256(shown.encode()).hexdigest() != shown_sha256:
            raise RefusedError(
                "What the package asks is no longer what the page showed.",
                why="The agreement, the register or the day has changed since.",
                next_step="Read the page again before signing.",
            )
        sign_package(signable, now, shown)

    def files(self, package: DeskPackage) -> list[HandedFile]:
        """The files that are handed over, as they lie there."""
        found = []
        for name in FILES:
            path = package.path / name
            if path.exists():
                with path.open("rb") as file:
                    digest = sha256()
                    while piece := file.read(1 << 20):
                        digest.update(piece)
                found.append(HandedFile(name, path.stat().st_size, digest.hexdigest()))
        return found


def _package(path: Path) -> DeskPackage:
    manifest, problem = None, ""
    try:
        manifest = parse_manifest(PackageDirectory(path).manifest(), MANIFEST_FILE)
    except NarrowgateError as error:
        problem = error.what
    return DeskPackage(path.name, path, manifest, problem, (path / SIGNATURE_FILE).exists())
