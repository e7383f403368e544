"""What a package asks, read from its directory, for every way in which an official is shown it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.officers import registered_ids
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.core.request.manifest import Manifest
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.cases import EveryOfficer
from narrowgate.entrypoints.requester import require_built_under
from narrowgate.requester.summary import LISTED_IN_FULL, PackageSummary, Terms, summarize_package


def summary_of(
    directory: Path,
    manifest: Manifest,
    agreement_file: Path | None,
    officers: Path | None,
    now: datetime,
    listed: int = LISTED_IN_FULL,
) -> PackageSummary:
    """The summary of the rows that the manifest names, and of no others.

    Raises:
        EnvelopeError: the package is malformed, or its rows are others.
        ConfigurationError: the agreement or the register cannot be used.
        RefusedError: the package was built under another agreement.
    """
    rows = (
        line
        for lines in PackageDirectory(directory).signed_rows(manifest.rows)
        for line in lines.split(b"\n")[:-1]
    )
    if agreement_file is None:
        return summarize_package(manifest, rows, now.date(), listed=listed)
    agreement = read_agreement(agreement_file)
    require_built_under(manifest, agreement)
    registered = registered_ids(officers) if officers else EveryOfficer()
    facilities = read_facilities_of(agreement, agreement_file)
    terms = Terms(agreement, registered, facilities, SystemEntropy().draw(32))
    return summarize_package(manifest, rows, now.date(), terms, listed)
