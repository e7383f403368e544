"""Step 2: verify the signature; the signer holds one of the two offices, and the rows are those signed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.eligibility.facts import PackageFacts, RecentCounts, Signer
from narrowgate.core.eligibility.rules import (
    r20_offices,
    r21_office_key,
    r22_office_enabled,
    r23_card_authority,
)
from narrowgate.gate.package_ports import SignatureVerifier, SignerIdentity
from narrowgate.gate.types import AuthenticatedPackage, RawPackage

_WHERE = "manifest.json.p7s"
_SIGNER_RULES = (r20_offices, r22_office_enabled, r23_card_authority, r21_office_key)


def authenticate(
    raw: RawPackage, verifier: SignatureVerifier, agreement: Agreement, now: datetime
) -> AuthenticatedPackage:
    """A package that the key of an office in force signed, down to the last byte of its rows.

    Args:
        raw: from step 1.
        verifier: holds the trust root.
        agreement: says which keys hold which office, from when to when.
        now: aware UTC time.

    Raises:
        EnvelopeError: the signature does not verify, the signer holds no office in force (R-20 to R-23), or the
            rows are not the ones signed (R-27).
    """
    identity = _signer(raw, verifier, now)
    facts = PackageFacts(
        manifest=raw.manifest,
        agreement=agreement,
        signer=Signer(identity.public_key_sha256, identity.root_sha256),
        now=now,
        recent=RecentCounts(0, 0),
    )
    for rule in _SIGNER_RULES:
        if problem := rule.check(facts):
            raise EnvelopeError(
                f"The signature is not that of an office that may ask. {problem}",
                next_step=rule.RULE.hint,
                rule=rule.RULE.id,
                where=_WHERE,
            )
    raw.source.check_rows(raw.manifest)
    return AuthenticatedPackage(raw.manifest, sha256(raw.manifest_data).digest(), identity, raw.source)


def _signer(raw: RawPackage, verifier: SignatureVerifier, now: datetime) -> SignerIdentity:
    """Whoever signed the manifest; a failure names the file, which the verifier does not know."""
    try:
        return verifier.verify(raw.manifest_data, raw.signature, now)
    except EnvelopeError as error:
        raise EnvelopeError(
            error.what, why=error.why, next_step=error.next_step, rule=error.rule, where=_WHERE
        ) from error
