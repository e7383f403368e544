"""Step 2: verify the signature; the signer holds one of the two offices."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import EnvelopeError, RefusedError
from narrowgate.core.eligibility.facts import PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.rule import Rule
from narrowgate.core.eligibility.rules import (
    r20_offices,
    r21_office_key,
    r22_office_enabled,
    r23_card_authority,
)
from narrowgate.gate.package_ports import SignatureVerifier, SignerIdentity
from narrowgate.gate.ports import StateStore
from narrowgate.gate.start import parse_start
from narrowgate.gate.types import AuthenticatedPackage, RawPackage

_WHERE = "manifest.json.p7s"
_SIGNER_RULES = (r20_offices, r22_office_enabled, r23_card_authority, r21_office_key)


class UnauthenticPackageError(EnvelopeError):
    """A package that no office in force signed; ``signer`` is whose signature verified all the same, if any did."""

    signer: SignerIdentity | None = None


class OfficeSwitchedOffError(RefusedError):
    """A package of an office that the custodian has switched off (R-22); ``signer`` is whose signature it is."""

    signer: SignerIdentity | None = None


def authenticate(
    raw: RawPackage, verifier: SignatureVerifier, agreement: Agreement, now: datetime
) -> AuthenticatedPackage:
    """A package that the key of an office in force signed.

    Args:
        raw: from step 1.
        verifier: holds the trust root.
        agreement: says which keys hold which office, from when to when.
        now: aware UTC time.

    Raises:
        UnauthenticPackageError: the signature does not verify, or is no office's in force (R-20, R-21, R-23).
        OfficeSwitchedOffError: the office is switched off (R-22).
    """
    keys = frozenset(key.sha256 for office in agreement.offices for key in office.keys)
    identity = _signer(raw, verifier, keys, now)
    facts = PackageFacts(
        manifest=raw.manifest,
        agreement=agreement,
        signer=Signer(identity.public_key_sha256, identity.root_sha256),
        now=now,
        recent=RecentCounts(0, 0),
    )
    for rule in _SIGNER_RULES:
        if problem := rule.check(facts):
            refused = _refusal(rule.RULE, problem, facts)
            refused.signer = identity
            raise refused
    return AuthenticatedPackage(raw, identity)


def _refusal(
    rule: Rule, problem: str, facts: PackageFacts
) -> UnauthenticPackageError | OfficeSwitchedOffError:
    """The error of a rule that refuses the signer; an expired package says nothing against its signature."""
    if problem == r21_office_key.outside_its_time(facts):
        return UnauthenticPackageError(
            problem,
            why="It is decided from its creation to its expiry; its signature is not in doubt.",
            next_step="Build the package again, and have it signed again.",
            rule=rule.id,
            where="manifest.json",
        )
    # Whose signature it is, is not in doubt where the office is switched off: a rule refuses, not the envelope.
    kind = OfficeSwitchedOffError if rule is r22_office_enabled.RULE else UnauthenticPackageError
    return kind(
        f"The signature is not that of an office that may ask. {problem}",
        next_step=rule.hint,
        rule=rule.id,
        where=_WHERE,
    )


def authenticated_before(raw: RawPackage, state: StateStore) -> AuthenticatedPackage | None:
    """The package as it was authenticated when it began, if these very bytes began a package; otherwise nothing.

    Certificates expire, offices change their keys and agreements are amended, and none of that may stop a package
    that has begun or keep its receipt from the requester.

    Args:
        raw: from step 1.
        state: knows every package that ever began.
    """
    start = state.known_package(raw.manifest.package_id)
    if start is None or start.manifest_sha256 != raw.manifest_sha256:
        return None
    began = parse_start(start.resume)
    if began.signature_sha256 != raw.signature_sha256.hex():
        return None
    return AuthenticatedPackage(raw, began.signer)


def _signer(
    raw: RawPackage, verifier: SignatureVerifier, keys: Collection[str], now: datetime
) -> SignerIdentity:
    """Whoever signed the manifest; a failure names the file, which the verifier does not know."""
    try:
        return verifier.verify(raw.manifest_data, raw.signature, now, keys, raw.manifest.created)
    except EnvelopeError as error:
        refused = UnauthenticPackageError(
            error.what, why=error.why, next_step=error.next_step, rule=error.rule, where=_WHERE
        )
        refused.problem = error.problem
        raise refused from error
