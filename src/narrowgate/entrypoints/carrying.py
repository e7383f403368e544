"""A new log takes over what the log before it charged, so that no budget begins anew with another log."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.state.carry import Carrying, packages_of
from narrowgate.adapters.state.connection import database_file
from narrowgate.adapters.state.sql_state import SqlState
from narrowgate.core.base.errors import ConfigurationError, LogInconsistentError, UsageError
from narrowgate.core.eligibility.history.digests import history_key_check
from narrowgate.core.log.carried import HistoryCarried
from narrowgate.core.log.leaf import PACKAGE_RECEIVED, PACKAGE_REFUSED, parse_leaf
from narrowgate.core.log.leaf_forms import HISTORY_CARRIED
from narrowgate.entrypoints.acts import books_over
from narrowgate.entrypoints.bootstrap import opened_books, read_state_url
from narrowgate.entrypoints.settings import GateSettings, state_of
from narrowgate.gate.ports import LogStore, PackageStart
from narrowgate.verify.predecessor import EndedLog, read_ended_log


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried over.

    Args:
        entry: of the new log.
        leaf: its place.
        is_new: whether it was carried just now, and not before.
        recalled: how many answers the log before recalled; where there are any, no first answer was carried.
    """

    entry: HistoryCarried
    leaf: int
    is_new: bool
    recalled: int


def carry_history(
    settings: GateSettings, log: Path, state: str | None, now: datetime, *, accept_lost: bool = False
) -> Carried:
    """The new gate counts on from where the log before it ended: its entry is in the log, its state holds the charges.

    The log before is verified up to the end that the charter names, and the state before is compared with it. Cut off
    and done again it ends what it began; done after that it compares, and changes nothing.

    Args:
        settings: of the new gate, founded and without a package.
        log: directory of the log before.
        state: names the state before, as ``gate.toml`` does, a file being relative to the working directory; ``None``
            where none is left.
        now: aware UTC time.
        accept_lost: go on where charges of packages are lost, which the entry then says for good.

    Raises:
        UsageError: the charter names no log before, the gate has packages, or charges are lost and not accepted.
        ConfigurationError: the history key is not the one that the charges are kept with.
        LogInconsistentError: the log before is not the one that the charter names, the state before is another log's,
            or another history was carried over already.
    """
    with ExitStack() as opened:
        own_log, own_state = opened.enter_context(opened_books(settings))
        books = books_over(settings, own_log, own_state)
        end = books.charter(books.in_force()).predecessor
        if end is None:
            raise UsageError(
                "The charter names no log before this one.",
                why="Only what it names can be carried over.",
                next_step="Found the gate with 'predecessor' ('narrowgate docs begin-a-new-log').",
            )
        ended = read_ended_log(log, end)
        before = None if state is None else opened.enter_context(_state_before(state))
        carrying = _carrying(ended, before)
        _require_history_key(settings, before)
        lost = _uncharged(ended, carrying)
        if lost and not accept_lost:
            raise UsageError(
                f"The charges of {lost:,} packages that the log before decided, or took over, are not in the state "
                "before.",
                why="The state is older than the log, or a run was cut off; persons could be asked about again.",
                next_step="Restore the newest state, or end the cut-off run there with 'narrowgate gate resume'. If "
                "they are lost for good, add --accept-lost: their items still count in the quotas, and the log says "
                "how many packages they are.",
            )
        entry = HistoryCarried(
            predecessor=ended.origin,
            size=end.size,
            root=end.root,
            packages=ended.package_count(),
            items_by_office=ended.items_by_office(),
            uncharged=lost,
            history_sha256=carrying.digest().hex(),
            time=now,
        )
        known = _known(own_log)
        if known is None:
            known = own_log.size(), entry
            own_log.append([entry.leaf()])
            own_log.integrate()
        elif replace(known[1], time=now) != entry:
            raise LogInconsistentError(
                "Another history was carried over already.",
                why="The log names other counts, or another state, than those given now.",
                next_step="Name the log and the state that were carried over then.",
            )
        leaf, written = known
        is_new = own_state.log_size() <= leaf
        if is_new:
            carrying.into(own_state, bytes.fromhex(written.history_sha256), leaf + 1)
        return Carried(written, leaf, is_new, ended.recalled)


def _state_before(state: str) -> SqlState:
    url = read_state_url(state_of(state, Path.cwd()))
    file = database_file(url)
    if file is not None and not file.is_file():
        raise UsageError(
            "There is no state before at that place.",
            why="A new one would be made, in which nothing was ever charged.",
            next_step="Name the state of the log before.",
            where=str(file),
        )
    return SqlState.open(url)


def _known(log: LogStore) -> tuple[int, HistoryCarried] | None:
    """The entry of the new log with its place; nothing where it has no such entry and no package."""
    for index, leaf in enumerate(log.leaves(0, log.size())):
        fields = parse_leaf(leaf, f"leaf {index}")
        if fields["type"] == HISTORY_CARRIED:
            return index, HistoryCarried.of(fields)
        if fields["type"] in {PACKAGE_RECEIVED, PACKAGE_REFUSED}:
            break
    else:
        return None
    raise UsageError(
        "The log has packages already.",
        why="A history is carried over before the first one; two histories are not joined.",
        next_step="Found a new gate and carry it there first.",
    )


def _carrying(ended: EndedLog, before: SqlState | None) -> Carrying:
    known = {} if before is None else packages_of(before)
    lost, over = [], []
    for package_id, package in ended.packages.items():
        start = known.get(package_id)
        if start is None:
            digest = bytes.fromhex(package.manifest_sha256)
            lost.append(PackageStart(package_id, digest, package.office, package.rows, package.received, b""))
        elif (start.manifest_sha256.hex(), start.office, start.items, start.received_on) != (
            package.manifest_sha256,
            package.office,
            package.rows,
            package.received,
        ):
            raise _not_of_that_log("They know one package id as two packages.")
        if start is None or package.abandoned or _is_open(before, package_id):
            over.append(package_id)
    over += [
        package_id for package_id in known.keys() - ended.packages.keys() if _is_open(before, package_id)
    ]
    if sum(not _is_open(before, each) for each in _earlier(ended, before)) > _carried(ended):
        raise _not_of_that_log("It has answered packages that are in no log that it follows.")
    return Carrying(before, tuple(lost), frozenset(over), answers=not ended.recalled)


def _earlier(ended: EndedLog, before: SqlState | None) -> set[str]:
    """What the state knows of the logs before the log before."""
    known = set() if before is None else packages_of(before).keys()
    return known - ended.packages.keys() - ended.later


def _carried(ended: EndedLog) -> int:
    return ended.carried.packages if ended.carried else 0


def _not_of_that_log(why: str) -> LogInconsistentError:
    return LogInconsistentError(
        "The state before does not belong to the log before.",
        why=why,
        next_step="Name the state of that log, its newest copy.",
    )


def _is_open(before: SqlState | None, package_id: str) -> bool:
    return before is not None and before.stored_receipt(package_id) is None


def _uncharged(ended: EndedLog, carrying: Carrying) -> int:
    """Packages that were decided, in this log or before it, and whose charges no state knows."""
    earlier = max(0, _carried(ended) - len(_earlier(ended, carrying.source)))
    return earlier + sum(
        ended.packages[each].decided
        for each in carrying.ended
        if each in ended.packages
        and not (carrying.source is not None and carrying.source.stored_receipt(each) is not None)
    )


def _require_history_key(settings: GateSettings, before: SqlState | None) -> None:
    kept = None if before is None else before.history_key_check()
    if kept is not None and kept != history_key_check(load_secret_key(settings.history_key)):
        raise ConfigurationError(
            "The history key is not the one that the charges are kept with.",
            why="With another key no person would be found again, and every budget would begin anew.",
            next_step="Copy the history key of the gate before to where gate.toml names it ('history_key').",
        )
