"""What lies beside a log and says more of it: charter and agreements, each compared with its digest."""

from __future__ import annotations

import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.governance.charter import Charter, parse_charter
from narrowgate.core.request.office import Office
from narrowgate.verify.files import read_bytes

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CHARTER: Final = "charter.toml"
_DOCUMENTS: Final = "documents"


class Documents:
    """The documents that acts name, where a source has them; one that is not there, or not itself, says nothing.

    Args:
        directory: of charter, acts and documents; ``None`` where the source has none.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._agreements: dict[str, Agreement | None] = {}
        self._charters: set[str] = set()
        self._days: dict[tuple[str, str], tuple[str, int, int]] = {}

    def charter(self, digest: str) -> Charter | None:
        """Returns the charter of that digest."""
        data = self._read(_CHARTER, digest) or self._read(f"{_DOCUMENTS}/{digest}", digest)
        if data is None:
            return None
        try:
            charter = parse_charter(data, _CHARTER)
        except ConfigurationError:  # one of another version of the software
            return None
        self._charters.add(digest)
        return charter

    def agreement(self, digest: str) -> Agreement | None:
        """Returns the agreement of that digest."""
        if digest not in self._agreements:
            data = self._read(f"{_DOCUMENTS}/{digest}", digest)
            try:
                self._agreements[digest] = None if data is None else parse_agreement(data, "the agreement")
            except ConfigurationError:  # one of another version of the software
                self._agreements[digest] = None
        return self._agreements[digest]

    def known(self) -> tuple[str, ...]:
        """Returns which documents were found and compared with their digests, in words."""
        agreements = sorted(digest for digest, agreement in self._agreements.items() if agreement is not None)
        charters = [f"charter {digest}" for digest in sorted(self._charters)]
        return (*charters, *(f"agreement {digest}" for digest in agreements))

    def within_quota(self, digest: str, office: str, time: str, rows: int) -> bool | None:
        """Counts a package, and returns whether it lies within the quotas of its agreement; ``None``: not known.

        Packages come in the order of their receipt: of each office the last day is remembered.

        Args:
            digest: of the agreement.
            office: that signed the package.
            time: of its receipt, RFC 3339.
            rows: how many items it has.
        """
        agreement = self.agreement(digest)
        if agreement is None:
            return None
        day, packages, items = self._days.get((digest, office), ("", 0, 0))
        if day != time[:10]:
            day, packages, items = time[:10], 0, 0
        packages, items = packages + 1, items + rows
        self._days[digest, office] = (day, packages, items)
        limits = agreement.limits
        kept = (
            (rows, limits.items_per_package),
            (packages, limits.packages_per_day),
            (items, limits.items_per_day_per_office),
        )
        return all(most is None or number <= most for number, most in kept)

    def bound_key(self, digest: str, office: str, time: str, key: str) -> bool | None:
        """Returns whether the agreement binds a key to the office on the day of a time; ``None``: not known."""
        agreement = self.agreement(digest)
        if agreement is None or office not in tuple(Office):
            return None
        grant = agreement.grant(Office(office))
        day = date.fromisoformat(time[:10])
        return grant is not None and any(each.sha256 == key and each.is_in_force(day) for each in grant.keys)

    def _read(self, name: str, digest: str) -> bytes | None:
        if self._directory is None or not _DIGEST.fullmatch(digest):
            return None
        path = self._directory / name
        if not path.is_file():
            return None
        data = read_bytes(path)
        return data if sha256(data).hexdigest() == digest else None
