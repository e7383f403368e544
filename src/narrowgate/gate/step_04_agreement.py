"""Step 4: agreement, safeguards approval, hold and quotas; one of them missing, the package is refused whole."""

from __future__ import annotations

from datetime import datetime

from narrowgate.core.agreement.model import Agreement, Hold
from narrowgate.core.agreement.schedule import Schedule
from narrowgate.core.base.errors import RefusedError, SuspendedError, UnavailableError
from narrowgate.core.eligibility.facts import PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.ruleset import package_findings
from narrowgate.core.request.office import Office
from narrowgate.gate.ports import PackageStart, StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.types import AuthenticatedPackage, PermittedPackage


class PackageRefusedError(RefusedError):
    """A package refused whole; ``rules`` go to the log."""

    def __init__(self, sentences: list[str], rules: tuple[str, ...]) -> None:
        super().__init__(
            "The package is refused whole. " + " ".join(sentences),
            why="No item of it was decided and the index was not opened.",
            next_step=f"'narrowgate rules show {' '.join(rules)}' says what to do.",
            rule=rules[0],
        )
        self.rules = rules

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process."""
        return PackageRefusedError, ([self.what], self.rules)


def permit(
    package: AuthenticatedPackage,
    agreement: Agreement,
    schedule: Schedule,
    state: StateStore,
    now: datetime,
    arrived: datetime | None = None,
) -> PermittedPackage:
    """A package that every package rule lets in, with all its items; it has its slot from now on.

    Args:
        package: from step 2, not answered before (step 3).
        agreement: in force at the custodian.
        schedule: of the agreement.
        state: what the office was answered today, and the holds.
        now: aware UTC time.
        arrived: when it was handed over, from which its slot counts; None where that is now.

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
        holds=_holds(state.holds(), manifest.package_id, now),
    )
    findings = package_findings(facts)
    if findings:
        raise PackageRefusedError(
            [finding.detail for finding in findings], tuple(finding.rule_id for finding in findings)
        )
    return PermittedPackage(package, agreement, schedule.slot_after(arrived or now, now))


def resume(
    package: AuthenticatedPackage, begun: PackageStart, agreement: Agreement, state: StateStore, now: datetime
) -> PermittedPackage:
    """A package that has begun, under the conditions it began with: it is never refused again.

    Days, quotas and keys count as they did then. What stops it is an act of the custodian after that, and only until
    the custodian takes it back.

    Args:
        package: from step 2.
        begun: its stored start.
        agreement: in force at the custodian now.
        state: the holds.
        now: aware UTC time.

    Raises:
        SuspendedError: the agreement it began under is no longer in force, or a hold covers its office.
    """
    start = parse_start(begun.resume)
    require_not_suspended(
        begun.package_id,
        begun.office,
        start.agreement_sha256,
        agreement,
        state.holds(),
        now,
        start.signer.public_key_sha256,
    )
    return PermittedPackage(package, agreement, start.slot, begun)


def signer_of(package_id: str, state: StateStore) -> str:
    """Hex SHA-256 of the key that signed a package which has begun.

    Raises:
        UnavailableError: the state does not know it.
    """
    begun = state.known_package(package_id)
    if begun is None:
        raise UnavailableError(
            f"The state does not know who signed the package {package_id}.",
            next_step="Compare it with the log: 'narrowgate state rebuild'.",
        )
    return parse_start(begun.resume).signer.public_key_sha256


def require_not_suspended(
    package_id: str,
    office: str,
    began_under: str,
    agreement: Agreement,
    holds: frozenset[str],
    now: datetime,
    signer: str,
) -> None:
    """Return only if nothing the custodian did since stops a package that has begun, or its release.

    Args:
        package_id: of the package.
        office: id of the office that signed it.
        began_under: hex digest of the agreement that it began under.
        agreement: in force now; it may name a day from which it holds.
        holds: the scopes held at the gate.
        now: aware UTC time.
        signer: hex SHA-256 of the key that signed it.

    Raises:
        SuspendedError: that agreement is no longer in force, a hold covers the office, or the key was revoked.
    """
    if began_under != agreement.digest:
        raise SuspendedError(
            f"The package {package_id} is suspended: it began under another agreement than the one in force.",
            why="A package is finished under the agreement it was signed for, and by the rules of no other.",
            next_step="Put that agreement back in force and run the package again, or end it for good with "
            "'narrowgate act propose package-abandoned'.",
            rule="R-51",
        )
    grant = agreement.grant(Office(office))
    # The agreement is the one that it was signed under, so that a key which is missing now was revoked since; the
    # office may have others.
    if grant is not None and signer not in {key.sha256 for key in grant.keys}:
        raise _office_stopped(package_id)
    require_not_held(package_id, office, agreement, holds, now)


def require_not_held(
    package_id: str, office: str, agreement: Agreement, holds: frozenset[str], now: datetime
) -> None:
    """Return only if no hold covers a package that has begun or was answered, and its office is switched on.

    Args:
        package_id: of the package.
        office: id of the office that signed it.
        agreement: in force now; it may name a day from which it holds.
        holds: the scopes held at the gate.
        now: aware UTC time.

    Raises:
        SuspendedError: a hold covers it, or its office was switched off.
    """
    grant = agreement.grant(Office(office))
    if grant is None or not grant.enabled or not grant.keys:
        raise _office_stopped(package_id)
    placed = [*_holds(holds, package_id, now), *([agreement.hold] if agreement.hold else [])]
    if any(hold.since <= now.date() and (not hold.offices or office in hold.offices) for hold in placed):
        raise SuspendedError(
            f"The package {package_id} is suspended by a hold.",
            why="The hold was placed after the package had begun; no answer of it leaves while it is in force.",
            next_step="Lift the hold and run the package again, "
            "or end it for good with 'narrowgate act propose package-abandoned'.",
            rule="R-52",
        )


def _office_stopped(package_id: str) -> SuspendedError:
    return SuspendedError(
        f"The package {package_id} is suspended: its office was switched off, or its key revoked.",
        why="It was an act of the custodian after the package had begun; no answer of it leaves meanwhile.",
        next_step="Switch the office on again, "
        "or end the package for good with 'narrowgate act propose package-abandoned'.",
        rule="R-22",
    )


def _holds(holds: frozenset[str], package_id: str, now: datetime) -> tuple[Hold, ...]:
    """The holds that concern this package: of everything, of an office, or of the package itself."""
    own = f"package:{package_id}"
    scopes = (scope for scope in holds if scope == own or not scope.startswith("package:"))
    return tuple(_hold(scope, now) for scope in sorted(scopes))


def _hold(scope: str, now: datetime) -> Hold:
    """A hold of the state; a scope that is no office, such as a statute, holds everything."""
    offices = (Office(scope),) if scope in tuple(Office) else ()
    return Hold(since=now.date(), reason="placed at the gate", offices=offices)
