"""What the tokens of a module hold, each key with the URI that names it in every command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from narrowgate.adapters.private_keys.port import AskSecret
from narrowgate.adapters.private_keys.token_objects import (
    key_names,
    opens,
    private_keys,
    signs,
    stored_certificates,
)
from narrowgate.adapters.private_keys.tokens import (
    load_module,
    logged_in,
    pin_for,
    present_tokens,
    public_session,
    serial_of,
    token_errors,
)
from narrowgate.adapters.private_keys.uri import TokenUri
from narrowgate.adapters.signing.certificates import public_key_sha256
from narrowgate.core.base.times import format_time

SIGNS, OPENS, OTHER = "signs", "opens answers", "neither signs nor opens answers"


@dataclass(frozen=True, slots=True)
class HeldKey:
    """One key of a token.

    Args:
        uri: names it in every command that takes a key.
        label: CKA_LABEL.
        use: what its certificate says it is for; empty without a certificate.
        kind: such as ``RSA-2048`` or ``P-256``; empty without a certificate.
        subject: distinguished name (RFC 4514); empty without a certificate.
        public_key_sha256: what an agreement, charter or register names; empty without a certificate.
        not_after: last moment of the certificate; empty without one.
    """

    uri: str
    label: str
    use: str = ""
    kind: str = ""
    subject: str = ""
    public_key_sha256: str = ""
    not_after: str = ""


@dataclass(frozen=True, slots=True)
class HeldToken:
    """One token.

    Args:
        label: of the token.
        serial: of the token.
        manufacturer: of the token.
        model: of the token.
        pin: what the token says of its PIN.
        keys: what it holds; private keys without a certificate only after a login.
    """

    label: str
    serial: str
    manufacturer: str
    model: str
    pin: str
    keys: tuple[HeldKey, ...]


def held_tokens(module: str | None, ask: AskSecret | None) -> list[HeldToken]:
    """Every token that is in a reader of the module now.

    Args:
        module: absolute path of the PKCS#11 module; None for the first of the usual ones.
        ask: asks for the PIN of each token, to see private keys that have no certificate; None to see certificates
            only, for which no PIN is needed.

    Raises:
        ConfigurationError: the module is missing, or a PIN is wrong or locked.
        OperationalError: a token failed.
    """
    uri = TokenUri(module=module)
    loaded = load_module(uri)
    with token_errors(str(uri), "read"):
        tokens = present_tokens(loaded)
    return [_held(token, loaded.so, ask) for token in tokens]


def _held(token: Any, module: str, ask: AskSecret | None) -> HeldToken:
    label, serial = token.label.strip(), serial_of(token)
    uri = TokenUri(token=label, serial=serial or None, module=module)
    with public_session(token, str(uri)) as session:
        keys = list(_certified(session, uri))
    if ask is not None:
        pin = pin_for(token, uri, "list its private keys", ask, read=None)
        with logged_in(token, pin, str(uri), "read") as session:
            keys += _uncertified(session, uri)
    return HeldToken(
        label, serial, token.manufacturer_id.strip(), token.model.strip(), _pin(token.flags), tuple(keys)
    )


def _certified(session: Any, uri: TokenUri) -> Iterator[HeldKey]:
    for stored in stored_certificates(session):
        certificate = stored.certificate
        yield HeldKey(
            uri=str(replace(uri, label=stored.label or None, identifier=stored.identifier or None)),
            label=stored.label,
            use=SIGNS if signs(certificate) else OPENS if opens(certificate) else OTHER,
            kind=_kind(certificate),
            subject=certificate.subject.rfc4514_string(),
            public_key_sha256=public_key_sha256(certificate),
            not_after=format_time(certificate.not_valid_after_utc),
        )


def _uncertified(session: Any, uri: TokenUri) -> Iterator[HeldKey]:
    certified = {stored.identifier for stored in stored_certificates(session)}
    for stored in private_keys(session):
        label, identifier = key_names(stored)
        if not identifier or identifier not in certified:
            yield HeldKey(str(replace(uri, label=label or None, identifier=identifier or None)), label)


def _kind(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA-{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": "P-256", "secp384r1": "P-384"}.get(key.curve.name, key.curve.name)
    return "of another kind"


def _pin(flags: int) -> str:
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an optional extra, and slow to load

    if flags & TokenFlag.USER_PIN_LOCKED:
        return "locked"
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        return "one try left"
    if flags & TokenFlag.USER_PIN_COUNT_LOW:
        return "was typed wrong"
    return "set" if flags & TokenFlag.USER_PIN_INITIALIZED else "never set"
