"""One certification path to one root: RFC 5280 section 6, policies included, and revocation where it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    NotYetValidError,
    PathValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import PKIXValidationParams
from pyhanko_certvalidator.validate import async_validate_path

from narrowgate.adapters.signing.chain import not_accepted
from narrowgate.adapters.signing.revocation import require_unrevoked
from narrowgate.adapters.signing.revocation_directory import RevocationEvidence

_ANY_POLICY = "any_policy"


@dataclass(frozen=True, slots=True)
class CertificatePolicies:
    """What the certificate policies of a path must say (the inputs of RFC 5280 section 6.1.1).

    Args:
        accepted: dotted OIDs that count; empty where any does.
        explicit: whether one that counts must hold along the whole path.
        inhibit_mapping: whether an authority may not call one policy the equal of another.
        inhibit_any: whether ``anyPolicy`` in a certificate counts for nothing.
    """

    accepted: frozenset[str] = frozenset()
    explicit: bool = False
    inhibit_mapping: bool = False
    inhibit_any: bool = False

    @classmethod
    def one_of(cls, accepted: Iterable[str]) -> CertificatePolicies:
        """One of these policies holds along the whole path; where none is given, nothing is demanded."""
        required = frozenset(accepted)
        return cls(required, explicit=bool(required))


ANY_POLICY = CertificatePolicies()


async def require_valid_path(
    path: Sequence[x509.Certificate],
    root: x509.Certificate,
    at: datetime,
    policies: CertificatePolicies = ANY_POLICY,
    revocation: RevocationEvidence | None = None,
) -> None:
    """Returns only if the root vouches for the first certificate of ``path`` at ``at``.

    Args:
        path: the certificate in question, then those above it, without the root.
        root: the one root.
        at: the time of the verification, UTC.
        policies: what the certificate policies must say.
        revocation: the evidence; ``None`` where revocation is not looked at.

    Raises:
        EnvelopeError: the path does not hold: signature, time, constraint, name, policy, use or algorithm; or a
            certificate is revoked.
        UnavailableError: revocation is to be looked at, and there is no fresh evidence.
    """
    if not root.not_valid_before_utc <= at <= root.not_valid_after_utc:
        raise not_accepted("The agreed root has expired, or does not hold yet.")
    leaf, *above = (_asn1(each) for each in path)
    anchor = CertTrustAnchor(_asn1(root))
    chain = ValidationPath(anchor, list(reversed(above)), leaf)
    context = ValidationContext(
        trust_roots=[anchor], other_certs=above, allow_fetching=False, moment=at, revocation_mode="none"
    )
    parameters = PKIXValidationParams(
        user_initial_policy_set=policies.accepted or frozenset({_ANY_POLICY}),
        initial_explicit_policy=policies.explicit,
        initial_policy_mapping_inhibit=policies.inhibit_mapping,
        initial_any_policy_inhibit=policies.inhibit_any,
    )
    try:
        await async_validate_path(context, chain, parameters)
    except PathValidationError as error:
        raise not_accepted(_reason(error)) from error
    if revocation is not None:
        await require_unrevoked(chain, revocation, at)


def _reason(error: PathValidationError) -> str:
    """One sentence of ours; the library's may hold names out of certificates."""
    if isinstance(error, ExpiredError):
        return "The certificate or one above it has expired."
    if isinstance(error, NotYetValidError):
        return "The certificate or one above it does not hold yet."
    if isinstance(error, DisallowedAlgorithmError):
        return "An algorithm in the chain is too weak."
    if "policy" in str(error) or "policies" in str(error):
        return "The policies of the certificates are not those that the agreement asks for."
    if "signature" in str(error):
        return "The signature of a certificate in the chain does not verify."
    return "A certificate in the chain is not meant for signatures of this kind, or a constraint forbids it."


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
