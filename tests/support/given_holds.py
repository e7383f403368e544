"""Orders of holds as files, for tests of what heeds them: each leaves the leaf of an act."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import failed, sync_directory
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.regular import read_regular
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.closed_document import WORD, read_document
from narrowgate.core.base.errors import EnvelopeError, OperationalError
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.in_force import InForce
from narrowgate.core.governance.kinds import ALL, Kind
from narrowgate.core.log.acts import LoggedAct, is_governance, parse_governance
from narrowgate.gate.holds import HoldOrder
from narrowgate.governance.books import fold
from support.governance import FIRST, SECOND, act

_NAME: Final = re.compile(r"([0-9]{9})\.json")
_MOST_BYTES: Final = 4_096
_LIFT, _PLACE = "lift", "place"
_OFFICE: Final = "office:"


class GivenHolds:
    """Orders in the files ``000000001.json`` and so on of a directory that is made with the first of them.

    Args:
        directory: of the orders.
        log: gets their leaves.
    """

    def __init__(self, directory: Path, log: TileLog) -> None:
        self._directory = directory
        self._log = log

    def carry_out(self, order: HoldOrder, now: datetime) -> None:
        """The order is in the log, unless it changes nothing, and waits no more."""
        if (order.scope in self.holds()) is order.lift:
            kind = Kind.HOLD_LIFTED if order.lift else Kind.HOLD
            subject = order.scope if order.scope == ALL else f"{_OFFICE}{order.scope}"
            drawn_up = act(self._in_force(), kind, subject=subject, issued=now)
            self._log.append([LoggedAct.of(drawn_up, (FIRST, SECOND), now).leaf()])
            self._log.integrate()
        self.done(order)

    def holds(self) -> frozenset[str]:
        """The scopes held, as the log says."""
        return frozenset(scope.removeprefix(_OFFICE) for scope in self._in_force().holds)

    def _in_force(self) -> InForce:
        leaves = filter(is_governance, self._log.leaves(0, self._log.size()))
        return fold(tuple(parse_governance(leaf, "the log") for leaf in leaves))

    def give(self, scope: str, *, lift: bool, ordered: datetime) -> None:
        """The order is durable, behind every other.

        Raises:
            OperationalError: the disk refused.
        """
        content = canonical_bytes(
            {"order": _LIFT if lift else _PLACE, "ordered": format_time(ordered), "scope": scope}
        )
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = max(self._numbers(), default=0) + 1
            # Written under a name of its own: a number is taken by the whole order or not at all.
            descriptor, name = tempfile.mkstemp(prefix=".", dir=self._directory)
            unfinished = Path(name)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            while True:
                try:
                    self._path(number).hardlink_to(unfinished)
                    break
                except FileExistsError:
                    number += 1
            unfinished.unlink()
        except OSError as error:
            raise failed("write the order", self._directory, error) from error
        sync_directory(self._directory)

    def waiting(self) -> Iterable[HoldOrder]:
        """Every order not yet carried out, in sequence.

        Raises:
            OperationalError: an order cannot be read; nothing may be released that it might stop.
        """
        return [self._read(number) for number in sorted(self._numbers())]

    def done(self, order: HoldOrder) -> None:
        """The order waits no more.

        Raises:
            OperationalError: the disk refused.
        """
        path = self._path(order.number)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise failed("remove the order", path, error) from error
        sync_directory(self._directory)

    def _numbers(self) -> list[int]:
        try:
            names = [path.name for path in self._directory.iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise failed("look for orders", self._directory, error) from error
        return [int(match[1]) for name in names if (match := _NAME.fullmatch(name))]

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:09d}.json"

    def _read(self, number: int) -> HoldOrder:
        path = self._path(number)
        try:
            fields = read_document(read_regular(path, _MOST_BYTES, follow=False), str(path))
            kind = fields.text("order", re.compile(f"{_LIFT}|{_PLACE}"))
            order = HoldOrder(number, fields.text("scope", WORD), kind == _LIFT, fields.time("ordered"))
            fields.close()
        except OSError as error:
            raise failed("read the order", path, error) from error
        except EnvelopeError as error:
            raise OperationalError(
                "An order of a hold cannot be understood.",
                why=error.what,
                next_step="Find out who wrote it, then remove it and give the order again.",
                where=str(path),
            ) from error
        return order
