"""The fields by which a person names a key and types its PIN; the PIN is kept for one operation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.datastructures import FormData

from narrowgate.entrypoints.opened_part import OfficerKey
from narrowgate.entrypoints.web.kit.forms import text

NO_ERRORS: Final[Mapping[str, str]] = MappingProxyType({})
"""What is wrong with a form that was not yet sent."""


def officer_key(form: FormData) -> OfficerKey:
    """The key that the form names; what asks for its PIN or passphrase gets what was typed."""
    secret = form.get("secret")
    typed = secret if isinstance(secret, str) else ""
    certificate = text(form, "certificate")
    return OfficerKey(text(form, "key"), Path(certificate) if certificate else None, lambda _question: typed)


def key_errors(key: OfficerKey) -> dict[str, str]:
    """What is missing of it, by the field of the form."""
    return {} if key.reference else {"key": "Name the key: its file, or pkcs11:… for a card."}


def shown_key(named: OfficerKey | None, key: str = "", certificate: str = "") -> dict[str, str]:
    """What the fields of the form hold: what was typed before, else what is known already; never a PIN.

    Args:
        named: by the form that was sent; ``None`` where none was.
        key: that is known already.
        certificate: of it.
    """
    if named is None:
        return {"key": key, "certificate": certificate}
    return {"key": named.reference, "certificate": str(named.certificate or "")}
