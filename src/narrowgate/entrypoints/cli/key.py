"""``narrowgate key``: the digests by which agreements and registers name keys."""

from __future__ import annotations

from pathlib import Path

import click

from narrowgate.adapters.signing.certificates import certificate_sha256, load_certificates, public_key_sha256
from narrowgate.core.base.times import format_time
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer


@click.group(cls=LateGroup, epilog="narrowgate key digest secretary.pem")
def key() -> None:
    """Digests of keys and certificates."""


@key.command(cls=ExampleCommand, epilog="narrowgate key digest secretary.pem")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def digest(file: Path) -> None:
    """Print what an agreement names of a certificate: the digest of its key for an office, of itself for a root.

    The first is the SHA-256 of the DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) and stays when a certificate is
    renewed for the same key; the second is that of the whole certificate.
    """
    certificate = load_certificates(file)[0]
    digests = {
        "public_key_sha256": public_key_sha256(certificate),
        "certificate_sha256": certificate_sha256(certificate),
        "not_after": format_time(certificate.not_valid_after_utc),
    }
    text = "\n".join(
        (
            f"key of an office  {digests['public_key_sha256']}",
            f"root certificate  {digests['certificate_sha256']}",
            f"holds until       {digests['not_after']}",
        )
    )
    answer(digests, text)
