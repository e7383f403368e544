"""Step 4: agreement, safeguards approval, hold and quotas; one of them missing, the package is refused whole."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.agreement.model import Agreement, Hold
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.eligibility.facts import PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.ruleset import package_findings
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import StateStore
from narrowgate.gate.types import AuthenticatedPackage, PermittedPackage


class PackageRefusedError(RefusedError):
    """A package refused whole; ``rules`` go to the log."""

    def __init__(self, sentences: list[str], rules: tuple[str, ...]) -> None:
        super().__init__(
            "The package is refused whole. " + " ".join(sentences),
            why="No item of it was decided and the index was not opened.",
            next_step=f"Look up {', '.join(rules)} in docs/reference/rules.md.",
            rule=rules[0],
        )
        self.rules = rules

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return PackageRefusedError, ([self.what], self.rules)


def permit(
    package: AuthenticatedPackage, agreement: Agreement, state: StateStore, now: datetime
) -> PermittedPackage:
    """A package that every package rule lets in, with all its items.

    Args:
        package: from step 2, not answered before (step 3).
        agreement: in force at the custodian.
        state: what the office was answered today, and the holds.
        now: aware UTC time.

    Raises:
        PackageRefusedError: one or more package rules are not met; it names all of them.
    """
    today = now.date()
    manifest = package.manifest
    usage = state.usage(manifest.office, today, today, apart_from=manifest.package_id)
    facts = PackageFacts(
        manifest=manifest,
        agreement=agreement,
        signer=Signer(package.signer.public_key_sha256, package.signer.root_sha256),
        now=now,
        recent=RecentCounts(usage.packages, usage.items),
        holds=tuple(_hold(scope, now) for scope in sorted(state.holds())),
    )
    findings = package_findings(facts)
    if findings:
        raise PackageRefusedError(
            [finding.detail for finding in findings], tuple(finding.rule_id for finding in findings)
        )
    return PermittedPackage(package, agreement)


def _hold(scope: str, now: datetime) -> Hold:
    """A hold of the state; a scope that is no office, such as a statute, holds everything."""
    offices = (Office(scope),) if scope in tuple(Office) else ()
    return Hold(since=now.date(), reason="placed at the gate", offices=offices)
