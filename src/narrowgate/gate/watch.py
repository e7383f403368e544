"""While a package is under way: holds are in force within a second, and what is due is released."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from narrowgate.core.agreement.model import Agreement
from narrowgate.gate.holds import heed
from narrowgate.gate.package_ports import KeptPackage, Vault
from narrowgate.gate.ports import Attendant
from narrowgate.gate.release import ReleaseDesk, release_due
from narrowgate.gate.step_04_agreement import require_not_suspended
from narrowgate.gate.types import AuthenticatedPackage

Output = TypeVar("Output")


@dataclass(slots=True)
class Watch:
    """Looks around while the steps of one package work.

    Args:
        desk: where holds come in and answers leave.
        attendant: looks while slow work is done.
        package: that is under way.
        agreement: it is decided under.
    """

    desk: ReleaseDesk
    attendant: Attendant
    package: AuthenticatedPackage
    agreement: Agreement
    log_is_free: bool = False
    """Whether leaves may be written: not while the place or the time of the package's own next leaf is promised."""

    def look(self) -> None:
        """Return only if no hold stops the package; other packages whose slot has come leave.

        Raises:
            SuspendedError: a hold stops it, and is in force and in the log.
        """
        desk = self.desk
        heed(desk.hold_orders, desk.state, desk.log, desk.clock, self._stops, log_is_free=self.log_is_free)
        if self.log_is_free:
            release_due(desk)

    def wait(self, work: Callable[[], Output]) -> Output:
        """The result of slow work, unless a hold stops the package meanwhile."""
        return self.attendant.wait(work, self.look)

    def each(self, items: Iterable[Output]) -> Iterator[Output]:
        """The items, unless a hold stops the package before the next one is made."""
        return self.attendant.each(items, self.look)

    def _stops(self, scopes: frozenset[str], now: datetime) -> None:
        manifest = self.package.manifest
        agreement, signer = self.agreement, self.package.signer.public_key_sha256
        require_not_suspended(
            manifest.package_id, manifest.office, agreement.digest, agreement, scopes, now, signer
        )


@dataclass(frozen=True, slots=True)
class WatchedVault:
    """A ``Vault`` whose copies are made while somebody looks around; a hold stops a copy before the package begins."""

    vault: Vault
    watch: Watch

    def take_in(
        self, manifest_sha256: bytes, manifest: bytes, signature: bytes, rows: Iterable[bytes], key: bytes
    ) -> KeptPackage:
        """See ``Vault.take_in``."""
        return self.watch.wait(lambda: self.vault.take_in(manifest_sha256, manifest, signature, rows, key))

    def kept(self, manifest_sha256: bytes, key: bytes) -> KeptPackage:
        """See ``Vault.kept``."""
        return self.vault.kept(manifest_sha256, key)
