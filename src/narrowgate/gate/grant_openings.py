"""Open commitments of the log for whom an act or an order allows it: salt and value of these, and of no others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, RawAddress
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError
from narrowgate.core.log.leaf import Salts
from narrowgate.core.log.opening import Opened, Opening
from narrowgate.core.request.item import parse_item
from narrowgate.gate.package_ports import KeptPackage


class KeptPackages(Protocol):
    """The gate's own copies of packages, of which each still has its data key."""

    def kept(self, manifest_sha256: bytes, key: bytes) -> KeptPackage:
        """The copy taken in before.

        Raises:
            OperationalError: it is missing, or its data key is.
        """
        ...


def grant_openings(
    leaves: Iterable[Mapping[str, Any]],
    manifests: Mapping[str, bytes],
    what: Collection[Opened],
    order_sha256: str,
    vault: KeptPackages,
    commitment_key: bytes,
) -> Iterator[Opening]:
    """Openings in the order of the log, each of which its leaf commits to; of no other item anything is told.

    Nothing but the data key of the package and the copy of its rows is read: no index, no state, no answers. Which
    outcome an item had is found by trying all three against the leaf.

    Args:
        leaves: fields of the *item decided* leaves that may be opened, in the order of the log.
        manifests: the digest of the manifest of each package, which names the gate's copy.
        what: which of the three commitments of each.
        order_sha256: lower-case hex digest of the document that allows it.
        vault: holds the copies of the packages.
        commitment_key: wraps the data keys in it.

    Raises:
        OperationalError: a copy is missing, was changed, or its data key was destroyed.
        LogInconsistentError: the copy does not hold what the log commits to.
    """
    for package, items in groupby(leaves, itemgetter("package")):
        kept = vault.kept(manifests[package], commitment_key)
        salts = Salts(kept.secret("salts"))
        rows = enumerate(kept.rows())
        for leaf in items:
            row: int = leaf["row"]
            where = f"{package}, row {row}"
            line = next((line for number, line in rows if number == row), None)
            for each in Opened:
                if each in what:
                    salt = salts.salt(each, row)
                    yield Opening(
                        package, row, each, salt, _value(each, salt, line, leaf, where), order_sha256
                    )


def _value(what: Opened, salt: bytes, line: bytes | None, leaf: Mapping[str, Any], where: str) -> bytes:
    for value in () if line is None else _candidates(what, line):
        if sha256(salt + value).hexdigest() == leaf[what.field]:
            return value
    older = what is Opened.ADDRESS and leaf["canonical_form"] != CANONICAL_FORM_VERSION
    raise LogInconsistentError(
        f"The gate's copy does not open the {what} that the log commits to.",
        why=f"The address was brought into canonical form {leaf['canonical_form']}, and this software makes "
        f"{CANONICAL_FORM_VERSION}."
        if older
        else "The copy was exchanged, or the log is of another gate.",
        next_step="Open it with the software of that time."
        if older
        else "Hand over nothing, keep log and vault as they are, and report it.",
        where=where,
    )


def _candidates(what: Opened, line: bytes) -> Iterator[bytes]:
    """Everything that a leaf can commit to, for this row."""
    if what is Opened.ROW:
        yield line
    elif what is Opened.OUTCOME:
        yield from (outcome.encode("ascii") for outcome in Outcome)
    else:
        yield b""  # of an item that its own text refuses
        try:
            item = parse_item(line, "rows.ndjson")
        except EnvelopeError:
            return
        address = RawAddress(item.address_line_1, item.address_line_2, item.city, item.state, item.zip)
        if point := examine_address(address).delivery_point:
            yield keys(point)[0].encode()
