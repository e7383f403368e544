"""One pass over a log: what became of every package, and of its items by class, rule and statute."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.base.errors import LogInconsistentError, ProofError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.leaf import (
    ACT,
    ANSWERS_EXPIRED,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_REFUSED,
    PACKAGE_RELEASED,
    RELEASE_DELAYED,
)
from narrowgate.core.log.opening import Opened
from narrowgate.verify.accounting.grants import Grants
from narrowgate.verify.events import is_item, parsed
from narrowgate.verify.runs import over_runs

_H = rb"[0-9a-f]{64}"
_W = rb"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}"
_ITEM: Final = re.compile(
    rb'\{"address_commitment":"('
    + _H
    + rb')","canonical_form":"'
    + _W
    + rb'","class":"(answered","findings":\[\]|'
    rb'refused","findings":\["'
    + _W
    + rb'"(?:,"'
    + _W
    + rb'")*\]),"outcome_commitment":"('
    + _H
    + rb')","package":"'
    rb"("
    + _W
    + rb')","row":(0|[1-9][0-9]*),"row_commitment":"('
    + _H
    + rb')","rule_set":"'
    + _W
    + rb'","type":'
    rb'"item-decided"\}'
)
"""The canonical form of an item's leaf, as ``core.log.leaf`` builds it; to parse ten million as JSON takes minutes."""
_RULE: Final = re.compile(rb'"([^"]+)"')

NOT_OPENED: Final = "not opened"
"""The statute of items whose row nobody has opened."""


@dataclass(slots=True)
class OpenedItems:
    """What the openings of some items of a package say together.

    Args:
        answered: items answered.
        refused: items refused.
        rules: items refused by each rule.
        outcomes: outcomes opened of answered items.
        confirmed: of them, those that say so.
        rows: rows opened of answered items that identify a person.
        persons: of them.
    """

    answered: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    outcomes: int = 0
    confirmed: int = 0
    rows: int = 0
    persons: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class PackageTally:
    """What the log says of one package.

    Args:
        office: id of the office.
        rows: rows received.
        received: month of receipt, as ``2026-03``.
        decided: month of the decision; empty before.
        released: month in which its answers were put in place; empty before.
        abandoned: whether the custodian ended it.
        expired: whether its answers were taken away.
        answered: items answered.
        refused: items refused.
        rules: items refused by each rule.
        opened: by statute, what openings add.
    """

    office: str
    rows: int
    received: str
    decided: str = ""
    released: str = ""
    abandoned: bool = False
    expired: bool = False
    answered: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    opened: dict[str, OpenedItems] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What a log says of all packages.

    Args:
        packages: by id, in the order in which they were received.
        refused_whole: month, office and rules of each package refused whole.
        events: index and fields of every leaf that is no item's.
        last_month: of the newest leaf; empty in an empty log.
        openings: how many were checked.
        orders: the documents that allow them, each with the number of openings.
    """

    packages: dict[str, PackageTally] = field(default_factory=dict)
    refused_whole: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    last_month: str = ""
    openings: int = 0
    orders: dict[str, int] = field(default_factory=dict)


_Opened = tuple[bytes, int, bytes, Mapping[Opened, str]]


@dataclass(slots=True)
class RunTally:
    """What one run of leaves says: few values, however many leaves."""

    events: list[tuple[int, dict[str, Any]]]
    items: dict[tuple[bytes, bytes], int]
    opened: list[_Opened]


def tally(directory: Path, checkpoint: Checkpoint, grants: Grants, processes: int = 1) -> Tally:
    """Returns what the log says, after all of it proved to be the one signed, and every opening to be of its leaves.

    Args:
        directory: the log.
        checkpoint: of the log, its signature verified.
        grants: the openings; each counts once.
        processes: as ``over_runs``.

    Raises:
        LogInconsistentError: a leaf is malformed, the leaves are not those signed, or the counts of a decided package
            are not those of its items.
        ProofError: an opening is not what the log holds.
        OperationalError: the machine cannot read a file.
    """
    found = Tally(openings=grants.openings, orders=dict(sorted(grants.orders.items())))
    items: Counter[tuple[bytes, bytes]] = Counter()
    for run in over_runs(directory, checkpoint, partial(tally_run, grants.packages), processes):
        for index, fields in run.events:
            _take_event(found, index, fields)
        items.update(run.items)
        for each in run.opened:
            _take_opened(found, grants, each)
    grants.conclude()
    _take_items(found, items)
    return found


def tally_run(packages: frozenset[bytes], start: int, leaves: Sequence[bytes]) -> RunTally:
    """What a run of leaves says; of the items of ``packages`` also what an opening is compared with."""
    run = RunTally([], {}, [])
    counts, opened = run.items, run.opened
    for index, leaf in enumerate(leaves, start):
        if not is_item(leaf):
            run.events.append((index, parsed(index, leaf)))
            continue
        match = _ITEM.fullmatch(leaf)
        if match is None:
            raise LogInconsistentError(
                "A leaf is not the canonical form of an item's.", where=f"leaf {index}"
            )
        address, decided, outcome, package, row, row_commitment = match.groups()
        key = (package, decided)
        counts[key] = counts.get(key, 0) + 1
        if package in packages:
            held = {
                Opened.ROW: row_commitment.decode("ascii"),
                Opened.ADDRESS: address.decode("ascii"),
                Opened.OUTCOME: outcome.decode("ascii"),
            }
            opened.append((package, int(row), decided, held))
    return run


def _take_event(found: Tally, index: int, fields: dict[str, Any]) -> None:
    kind, month = fields["type"], fields["time"][:7]
    found.events.append((index, fields))
    found.last_month = max(found.last_month, month)
    if kind == PACKAGE_RECEIVED:
        found.packages[fields["package"]] = PackageTally(fields["office"], fields["rows"], month)
        return
    if kind == PACKAGE_REFUSED:
        found.refused_whole.append((month, fields["office"], tuple(fields["rules"])))
        return
    if kind == ACT and fields["act"] == Kind.PACKAGE_ABANDONED:
        _package(found, fields["subject"], index).abandoned = True
    elif kind == PACKAGE_DECIDED:
        _package(found, fields["package"], index).decided = month
    elif kind == PACKAGE_RELEASED:
        _package(found, fields["package"], index).released = month
    elif kind == RELEASE_DELAYED:
        # A release that was cut off before the answers were in place may be delayed, and made at the next slot.
        _package(found, fields["package"], index).released = ""
    elif kind == ANSWERS_EXPIRED:
        _package(found, fields["package"], index).expired = True


def _package(found: Tally, name: str, index: int) -> PackageTally:
    package = found.packages.get(name)
    if package is None:
        raise LogInconsistentError("A leaf is of a package that was not received.", where=f"leaf {index}")
    return package


def _take_opened(found: Tally, grants: Grants, item: _Opened) -> None:
    name, row, decided, held = item
    package = name.decode("ascii")
    grant = grants.take(package, row, held)
    if grant is None:
        return
    where = f"{package}, row {row}"
    is_answered = decided.startswith(b"answered")
    if grant.outcome and is_answered is (grant.outcome == Outcome.REFUSED):
        raise ProofError(
            "The opened outcome contradicts the class of its leaf.",
            why="What is refused has no other outcome, and nothing else has this one.",
            next_step="Keep log and openings as evidence, and report it.",
            where=where,
        )
    if name.decode("ascii") not in found.packages:
        raise LogInconsistentError("An item is of a package that was not received.", where=where)
    statute = grant.statute if Opened.ROW in grant.commitments else NOT_OPENED
    opened = found.packages[package].opened.setdefault(statute, OpenedItems())
    if not is_answered:
        opened.refused += 1
        opened.rules.update(_rules(decided))
        return
    opened.answered += 1
    if grant.outcome:
        opened.outcomes += 1
        opened.confirmed += grant.outcome == Outcome.CONFIRMED
    if grant.person:
        opened.rows += 1
        opened.persons.add(grant.person)


def _take_items(found: Tally, items: Counter[tuple[bytes, bytes]]) -> None:
    for (name, decided), count in items.items():
        package = found.packages.get(name.decode("ascii"))
        if package is None:
            raise LogInconsistentError(
                "An item is of a package that was not received.", where=name.decode("ascii")
            )
        if decided.startswith(b"answered"):
            package.answered += count
        else:
            package.refused += count
            package.rules.update(dict.fromkeys(_rules(decided), count))
    told = {f["package"]: f for _, f in found.events if f["type"] == PACKAGE_DECIDED}
    for name, fields in told.items():
        package = found.packages[name]
        counted = (package.answered, package.refused, dict(package.rules))
        if counted != (fields["answered"], fields["refused"], fields["refusals_by_rule"]):
            raise LogInconsistentError(
                "The counts of a decided package are not those of its items.",
                next_step="Run 'narrowgate inspector verify', and report it.",
                where=name,
            )


def _rules(decided: bytes) -> list[str]:
    return [rule.decode("ascii") for rule in _RULE.findall(decided.partition(b"[")[2])]
