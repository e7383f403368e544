"""One person's own account: which packages asked about them, when, for what, and what was disclosed, from openings.

Sources: 26 USC 6103(p)(3)(A); 5 USC 552a(c). What is delayed is left out before anything is counted or written, so that
an account is the same, byte for byte, as if the item had never been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from narrowgate.core.answers.delay_list import DelayList, delay_list_sha256, parse_delay_list
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import EnvelopeError, LogInconsistentError, ProofError
from narrowgate.core.base.times import parse_time
from narrowgate.core.governance.in_force import DELAYS, InForce
from narrowgate.core.log.leaf import (
    ITEM_DECIDED,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_RELEASED,
)
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED
from narrowgate.core.log.opening import Opened, Opening, verify_opening
from narrowgate.core.person.tin import parse_tin
from narrowgate.core.request.item import Item, parse_item
from narrowgate.verify.files import read_bytes
from narrowgate.verify.leaf_index import LeafIndex, known_index
from narrowgate.verify.openings_file import read_openings
from narrowgate.verify.package_leaves import fields_at, package_in
from narrowgate.verify.proved_leaves import ProvedLeaves
from narrowgate.verify.source import Source
from narrowgate.verify.trace_acts import acts_in_order

DISCLOSED: Final[Mapping[Outcome, str]] = {
    Outcome.CONFIRMED: "The agency was told that the tax file holds, for a year it named, the address it already had.",
    Outcome.NOT_CONFIRMED: "The agency was told that the address it had was not confirmed, and nothing more.",
    Outcome.REFUSED: "Nothing of the tax file was disclosed: the question was refused for its form.",
}
UNRELEASED: Final = "Nothing was disclosed: no answer of the package has left."


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One question about the person, and what was disclosed.

    Args:
        package: id of the package.
        row: of the item, from 0.
        leaf: index of its leaf.
        entry: the leaf.
        proof: hashes that lead from it to the signed root.
        office: that asked.
        received: when, RFC 3339.
        disclosed: when the answer left; empty where it has not.
        statute: for which the question was put.
        tax_years: that it named.
        what: was disclosed, in a sentence.
        recalled: when the answer was called back; empty where it was not.
        opening: of the outcome.
    """

    package: str
    row: int
    leaf: int
    entry: bytes
    proof: tuple[bytes, ...]
    office: str
    received: str
    disclosed: str
    statute: str
    tax_years: str
    what: str
    recalled: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class Account:
    """What a person is given.

    Args:
        origin: the log's name.
        key: its verifier key.
        checkpoint: signed note of the log, verbatim.
        as_of: time of the last entry looked at, RFC 3339.
        disclosures: in the order of the log.
    """

    origin: str
    key: str
    checkpoint: str
    as_of: str
    disclosures: tuple[Disclosure, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """What an account is made from, beside the log.

    Args:
        openings: file of openings: row and outcome of every item about the person.
        delays: file of the list of delayed accounts in force; ``None`` where none is.
        index: file that says where leaves lie; ``None``: every leaf is read.
    """

    openings: Path
    delays: Path | None = None
    index: Path | None = None


def account_of(source: Source, tin: str, papers: Papers, processes: int = 1) -> Account:
    """Returns the account of one person, each line of it proved in the log and by openings.

    Args:
        source: a bundle, a world or a log.
        tin: the person's number, nine digits.
        papers: openings, the list of delays, and the index.
        processes: how many read the log at once.

    Raises:
        ProofError: an opening is not what its leaf commits to, is about somebody else, or has no pair; the list of
            delays in force is not at hand, or is another.
        LogInconsistentError: a leaf is not the one that the signed tree holds, or acts contradict one another.
        UsageError: the log has no such item, or the index is damaged.
        OperationalError: the machine cannot read a file.
    """
    entries = source.entries()
    checkpoint = entries.checkpoint
    index = known_index(source, checkpoint, papers.index, processes)
    leaves = ProvedLeaves(source.log, checkpoint)
    as_of = _last_time(leaves, index, checkpoint.size)
    acted = acts_in_order({at: fields_at(leaves, at) for at in index.leaves_of("")})
    delays = _delays(acted[-1].state if acted else None, as_of, papers.delays)
    found = [
        each
        for each in _disclosures(tin, papers.openings, leaves, index)
        if delays is None or not delays.delays(each.package, each.row, date.fromisoformat(as_of[:10]))
    ]
    found.sort(key=lambda each: each.leaf)
    return Account(checkpoint.origin, str(entries.key), entries.checkpoint_text, as_of, tuple(found))


def _disclosures(tin: str, path: Path, leaves: ProvedLeaves, index: LeafIndex) -> Iterator[Disclosure]:
    items: dict[tuple[str, int], dict[Opened, Opening]] = {}
    for where, opening in read_openings(path):
        opened = items.setdefault((opening.package, opening.row), {})
        if opening.what in opened:
            raise ProofError("One commitment is opened twice.", where=where)
        opened[opening.what] = opening
    for (package, row), opened in items.items():
        if not {Opened.ROW, Opened.OUTCOME} <= opened.keys():
            raise ProofError(
                "An item is opened in part.",
                why="Only its row tells about whom it is, and only its outcome what was disclosed.",
                next_step="Ask the custodian for both: 'custodian open --what row --what outcome'.",
                where=str(path),
            )
        yield _disclosure(tin, package, row, opened, leaves, index)


def _disclosure(
    tin: str, package: str, row: int, opened: Mapping[Opened, Opening], leaves: ProvedLeaves, index: LeafIndex
) -> Disclosure:
    where = f"{package}:{row}"
    known = package_in(package, row, leaves, index)
    at = known.item(row, leaves)
    fields = fields_at(leaves, at)
    for opening in opened.values():
        verify_opening(opening, fields, where)
    item = _item(opened[Opened.ROW].value, tin, where)
    received = known.one(PACKAGE_RECEIVED)
    released, recalled = known.one(PACKAGE_RELEASED), known.one(ANSWERS_RECALLED)
    outcome = Outcome(opened[Opened.OUTCOME].value.decode("ascii"))
    refused = outcome is Outcome.REFUSED
    left = released is not None and known.one(PACKAGE_DECIDED) is not None
    return Disclosure(
        package=package,
        row=row,
        leaf=at,
        entry=leaves.leaf(at),
        proof=leaves.proof(at),
        office=str(received[1]["office"]) if received else "",
        received=str(received[1]["time"]) if received else "",
        disclosed=str(released[1]["time"]) if released and left and not refused else "",
        statute=item.statute,
        tax_years=item.tax_years,
        what=DISCLOSED[outcome] if left or refused else UNRELEASED,
        recalled=str(recalled[1]["time"]) if recalled else "",
        opening=opened[Opened.OUTCOME],
    )


def _item(row: bytes, tin: str, where: str) -> Item:
    """The item of an opened row, which is about the person; nothing of another is told."""
    try:
        item = parse_item(row, where)
    except EnvelopeError:
        item = None
    if item is None or parse_tin(item.tin) != tin:
        raise ProofError(
            "An opened row is not about this person.",
            why="It names another number, or none that can be read.",
            next_step="Return the openings: the custodian handed over a row of somebody else.",
            where=where,
        )
    return item


def _last_time(leaves: ProvedLeaves, index: LeafIndex, size: int) -> str:
    """The time of the last leaf; of an item's, which has none, that of its package's receipt."""
    if size == 0:
        raise ProofError("The log is empty.", where="the log")
    fields: Mapping[str, Any] = fields_at(leaves, size - 1)
    if fields["type"] == ITEM_DECIDED:
        received = package_in(fields["package"], None, leaves, index).one(PACKAGE_RECEIVED)
        fields = received[1] if received else fields
    if "time" not in fields:
        raise LogInconsistentError("An item is in the log before its package.", where=f"leaf {size - 1}")
    return str(fields["time"])


def _delays(state: InForce | None, as_of: str, path: Path | None) -> DelayList | None:
    placed = state.current(DELAYS, parse_time(as_of)) if state else None
    if path is None and placed is None:
        return None
    if path is None or placed is None:
        raise ProofError(
            "A list of delayed accounts is in force, and is not at hand."
            if path is None
            else "No list of delayed accounts is in force.",
            why="An account is made with the list in force, and with no other.",
            next_step="Name it with --delays." if path is None else "Leave --delays out.",
        )
    data = read_bytes(path, ProofError)
    if delay_list_sha256(data) != placed.sha256:
        raise ProofError(
            "The list of delayed accounts is not the one in force.",
            why=f"Act {placed.number} names another digest.",
            next_step="Ask the custodian for the list of that act.",
            where=str(path),
        )
    try:
        return parse_delay_list(data, str(path))
    except EnvelopeError as error:
        raise ProofError(error.what, where=str(path)) from error
