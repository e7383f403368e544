"""Whether a certificate is fit to sign for an office, told before anything is signed."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from narrowgate.adapters.signing.certificates import certificate_sha256, public_key_sha256
from narrowgate.adapters.signing.chain import require_accepted_key, require_signer
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, RefusedError
from narrowgate.core.request.office import Office

_ANOTHER_CARD = "Use the key and the certificate for signatures of the official's card (slot 9C)."


def require_fit_signer(certificate: x509.Certificate, now: datetime) -> None:
    """Returns only if the certificate holds now and is one for signatures of a person.

    Args:
        certificate: of the signer.
        now: an aware UTC time.

    Raises:
        ConfigurationError: it is not.

    Source: RFC 5280 section 4.1.2.5; as ``require_signer``.
    """
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        expired = now > certificate.not_valid_after_utc
        raise ConfigurationError(
            "The certificate has expired." if expired else "The certificate does not hold yet.",
            why="The gate would refuse the signature.",
            next_step="Have the card renewed; a new key must be named in the agreement.",
            rule="R-21",
        )
    try:
        require_accepted_key(certificate)
        require_signer(certificate)
    except EnvelopeError as error:
        raise ConfigurationError(error.what, why=error.why, next_step=_ANOTHER_CARD, rule="R-21") from error


def require_office(
    certificate: x509.Certificate, office: Office, agreement: Agreement, now: datetime
) -> None:
    """Returns only if the agreement names the certificate's key as one that holds the office today.

    Args:
        certificate: of the signer.
        office: that the manifest names.
        agreement: that the package is sent under.
        now: an aware UTC time.

    Raises:
        RefusedError: the gate would refuse the signature (R-20 to R-22).
    """
    grant = agreement.grant(office)
    if grant is None or not grant.enabled:
        raise RefusedError(
            "The agreement does not let this office ask.",
            why="It does not name the office, or the custodian has it switched off.",
            next_step="Read the agreement with 'narrowgate agreement check'.",
            rule="R-22" if grant else "R-20",
        )
    digest = public_key_sha256(certificate)
    if not any(held.sha256 == digest and held.is_in_force(now.date()) for held in grant.keys):
        elsewhere = any(
            held.sha256 == digest
            for other in agreement.offices
            if other.role is not office
            for held in other.keys
        )
        raise RefusedError(
            "The certificate is that of the other office."
            if elsewhere
            else "The agreement does not name this key for the office today.",
            why="The gate would refuse the signature.",
            next_step="'narrowgate key digest' prints what an agreement names; compare it with the agreement.",
            rule="R-21",
        )


def require_agreed_root(root: x509.Certificate, agreement: Agreement) -> None:
    """Returns only if the agreement trusts the root certificate.

    Raises:
        RefusedError: it does not (R-23).
    """
    if certificate_sha256(root) not in agreement.trust_roots:
        raise RefusedError(
            "The root certificate is not one that the agreement trusts.",
            why="Its digest is not among the agreement's.",
            next_step="Name the root certificate that the agreement names.",
            rule="R-23",
        )
