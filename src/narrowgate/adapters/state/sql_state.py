"""The state in a SQL database: SQLite in one file by default, PostgreSQL by URL."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from narrowgate.adapters.state.charging import commit_charges
from narrowgate.adapters.state.connection import (
    database_file,
    failing_closed,
    hold_file,
    hold_server,
    open_engine,
)
from narrowgate.adapters.state.history import forget_answers, recall_past
from narrowgate.adapters.state.rows import release_columns, release_of, start_of, store_log_size
from narrowgate.adapters.state.server_fence import ServerFence
from narrowgate.adapters.state.tables import (
    ABANDONED,
    GOVERNANCE,
    HISTORY_KEY,
    HOLDS,
    INDEX_IN_USE,
    LOG,
    LOOKED_THROUGH,
    PACKAGES,
    RECEIPTS,
    REFUSALS,
    RELEASES,
    TERMS,
)
from narrowgate.core.agreement.model import Limits
from narrowgate.core.agreement.term import Term
from narrowgate.core.base.errors import EnvelopeError, UnavailableError
from narrowgate.core.eligibility.history.budgets import Past
from narrowgate.core.eligibility.history.charges import Charges
from narrowgate.core.eligibility.history.keys import HistoryKeys
from narrowgate.gate.ports import (
    IndexInUse,
    PackageStart,
    PlannedRelease,
    ReleaseStage,
    StoredReceipt,
    Usage,
)


class SqlState:
    """A ``StateStore`` that keeps what it acknowledges; see the port for each method's promise."""

    def __init__(self, engine: Engine, holding: ExitStack, fence: ServerFence | None) -> None:
        self._engine = engine
        self._holding = holding
        self.fence = fence
        """Of the lock on a server; None for a file, whose lock ends with the process."""

    @classmethod
    def open(cls, url: str) -> Self:
        """The state at ``url``, created when it is new, held by this process alone until it is closed.

        Raises:
            ConfigurationError: no usable URL, or a schema of another version.
            OperationalError: the database does not keep what it acknowledges.
            InUseError: another process holds it.
            UnavailableError: it cannot be reached.
        """
        file = database_file(url)
        with ExitStack() as holding:
            if file is not None:
                holding.callback(os.close, hold_file(file.with_name(file.name + ".lock")))
            engine = open_engine(url)
            holding.callback(engine.dispose)
            fence = None
            if file is None:
                server = hold_server(engine)
                holding.callback(server.close)
                fence = ServerFence.take(engine, server)
            return cls(engine, holding.pop_all(), fence)

    @property
    def engine(self) -> Engine:
        """Of the database, which this process holds."""
        return self._engine

    def close(self) -> None:
        """Let go of the database and its lock."""
        self._holding.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stored_receipt(self, package_id: str) -> StoredReceipt | None:
        """See ``StateStore.stored_receipt``."""
        query = (
            select(PACKAGES.c.manifest_sha256, RECEIPTS.c.receipt)
            .join_from(PACKAGES, RECEIPTS)
            .where(PACKAGES.c.package_id == package_id)
        )
        with failing_closed("looking for a receipt"), self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else StoredReceipt(bytes(row.manifest_sha256), bytes(row.receipt))

    def known_package(self, package_id: str) -> PackageStart | None:
        """See ``StateStore.known_package``."""
        query = select(PACKAGES).where(PACKAGES.c.package_id == package_id)
        with failing_closed("looking for a package"), self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else start_of(row)

    def package_in_progress(self) -> PackageStart | None:
        """See ``StateStore.package_in_progress``."""
        with failing_closed("looking for a package in progress"), self._engine.connect() as connection:
            return begun_package(connection)

    def refusal_leaf(self, digest: bytes) -> int | None:
        """See ``StateStore.refusal_leaf``."""
        query = select(REFUSALS.c.leaf).where(REFUSALS.c.digest == digest)
        with failing_closed("looking for a refusal"), self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def place_refusal(self, digest: bytes, leaf: int) -> None:
        """See ``StateStore.place_refusal``."""
        with failing_closed("placing a refusal"), self._engine.begin() as connection:
            connection.execute(delete(REFUSALS).where(REFUSALS.c.digest == digest))
            connection.execute(insert(REFUSALS).values(digest=digest, leaf=leaf))

    def is_abandoned(self, package_id: str) -> bool:
        """See ``StateStore.is_abandoned``."""
        query = select(ABANDONED).where(ABANDONED.c.package_id == package_id)
        with failing_closed("looking for an abandoned package"), self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def abandon_package(self, package_id: str, log_size: int) -> None:
        """See ``StateStore.abandon_package``."""
        with failing_closed("abandoning a package"), self._engine.begin() as connection:
            if connection.execute(select(ABANDONED).where(ABANDONED.c.package_id == package_id)).first():
                return
            begun = begun_package(connection)
            if begun is None or begun.package_id != package_id:
                ended = connection.execute(
                    update(RELEASES)
                    .where(RELEASES.c.package_id == package_id, RELEASES.c.stage == ReleaseStage.WAITING)
                    .values(stage=ReleaseStage.ENDED)
                )
                if ended.rowcount != 1:
                    raise _conflict("Only a package whose answers have not left can be abandoned.")
            connection.execute(insert(ABANDONED).values(package_id=package_id))
            store_log_size(connection, log_size)

    def begin_package(self, start: PackageStart) -> PackageStart:
        """See ``StateStore.begin_package``."""
        with failing_closed("beginning a package"), self._engine.begin() as connection:
            begun = begun_package(connection)
            if begun is not None and begun.package_id != start.package_id:
                raise UnavailableError(
                    "Another package is in progress.",
                    why="Its run was interrupted; its budgets are not yet charged.",
                    next_step="Run that package again first: it ends as it would have.",
                )
            if begun is not None:
                _require_same_manifest(begun.manifest_sha256, start.manifest_sha256)
                return begun
            if connection.execute(select(PACKAGES).where(PACKAGES.c.package_id == start.package_id)).first():
                raise _conflict("A package with this id is finished.")
            connection.execute(
                insert(PACKAGES).values(
                    package_id=start.package_id,
                    manifest_sha256=start.manifest_sha256,
                    office=start.office,
                    item_count=start.items,
                    received_on=start.received_on,
                    resume=start.resume,
                )
            )
        return start

    def usage(self, office: str, first_day: date, last_day: date, *, apart_from: str = "") -> Usage:
        """See ``StateStore.usage``."""
        query = select(func.count(), func.coalesce(func.sum(PACKAGES.c.item_count), 0)).where(
            PACKAGES.c.office == office,
            PACKAGES.c.received_on.between(first_day, last_day),
            PACKAGES.c.package_id != apart_from,
        )
        with failing_closed("counting a quota"), self._engine.connect() as connection:
            packages, items = connection.execute(query).one()
        return Usage(int(packages), int(items))

    def governance(self) -> tuple[int, tuple[bytes, ...]]:
        """See ``governance.ports.Remembered``."""
        with failing_closed("reading the acts"), self._engine.connect() as connection:
            looked = connection.execute(select(LOOKED_THROUGH.c.size)).scalar_one_or_none()
            leaves = connection.execute(select(GOVERNANCE.c.leaf).order_by(GOVERNANCE.c.number)).scalars()
            return int(looked or 0), tuple(map(bytes, leaves))

    def keep_governance(self, looked_through: int, leaves: Sequence[bytes]) -> None:
        """See ``governance.ports.Remembered``."""
        with failing_closed("keeping the acts"), self._engine.begin() as connection:
            first = connection.execute(select(func.count()).select_from(GOVERNANCE)).scalar_one()
            rows = [{"number": number, "leaf": leaf} for number, leaf in enumerate(leaves, int(first))]
            if rows:
                connection.execute(insert(GOVERNANCE), rows)
            connection.execute(delete(LOOKED_THROUGH))
            connection.execute(insert(LOOKED_THROUGH).values(only_row=1, size=looked_through))

    def forget_governance(self) -> None:
        """See ``governance.ports.Remembered``."""
        with failing_closed("forgetting the acts"), self._engine.begin() as connection:
            connection.execute(delete(GOVERNANCE))
            connection.execute(delete(LOOKED_THROUGH))

    def holds(self) -> frozenset[str]:
        """See ``StateStore.holds``."""
        with failing_closed("reading the holds"), self._engine.connect() as connection:
            return frozenset(connection.execute(select(HOLDS.c.scope)).scalars())

    def place_hold(self, scope: str) -> None:
        """See ``StateStore.place_hold``."""
        with failing_closed("placing a hold"), self._engine.begin() as connection:
            if not connection.execute(select(HOLDS).where(HOLDS.c.scope == scope)).first():
                connection.execute(insert(HOLDS).values(scope=scope))

    def lift_hold(self, scope: str) -> None:
        """See ``StateStore.lift_hold``."""
        with failing_closed("lifting a hold"), self._engine.begin() as connection:
            connection.execute(delete(HOLDS).where(HOLDS.c.scope == scope))

    def history_key_check(self) -> bytes | None:
        """See ``StateStore.history_key_check``."""
        with failing_closed("reading the check of the history key"), self._engine.connect() as connection:
            found = connection.execute(select(HISTORY_KEY.c.key_check)).scalar_one_or_none()
        return None if found is None else bytes(found)

    def terms(self) -> tuple[Term, ...]:
        """See ``StateStore.terms``."""
        query = select(TERMS).order_by(TERMS.c.effective)
        with failing_closed("reading the terms"), self._engine.connect() as connection:
            return tuple(
                Term(row.agreement_id, row.custodian, row.requester, row.effective, row.expires)
                for row in connection.execute(query)
            )

    def keep_term(self, key_check: bytes, term: Term) -> None:
        """See ``StateStore.keep_term``."""
        with failing_closed("recording the term"), self._engine.begin() as connection:
            if connection.execute(select(HISTORY_KEY)).first() is None:
                connection.execute(insert(HISTORY_KEY).values(only_row=1, key_check=key_check))
            connection.execute(delete(TERMS).where(TERMS.c.agreement_id == term.id))
            connection.execute(
                insert(TERMS).values(
                    agreement_id=term.id,
                    custodian=term.custodian,
                    requester=term.requester,
                    effective=term.effective,
                    expires=term.expires,
                )
            )

    def index_in_use(self) -> IndexInUse | None:
        """See ``StateStore.index_in_use``."""
        with failing_closed("reading which index is in use"), self._engine.connect() as connection:
            row = connection.execute(select(INDEX_IN_USE)).one_or_none()
        return None if row is None else IndexInUse(row.created, bytes(row.digest))

    def put_in_use(self, index: IndexInUse) -> None:
        """See ``StateStore.put_in_use``."""
        with failing_closed("recording which index is in use"), self._engine.begin() as connection:
            connection.execute(delete(INDEX_IN_USE))
            connection.execute(
                insert(INDEX_IN_USE).values(only_row=1, created=index.created, digest=index.digest)
            )

    def recall(self, term: str, keys: HistoryKeys, rows: range, limits: Limits) -> Past:
        """See ``StateStore.recall``."""
        with failing_closed("reading the history"), self._engine.connect() as connection:
            return recall_past(connection, term, keys, rows, limits)

    def log_size(self) -> int:
        """See ``StateStore.log_size``."""
        with failing_closed("reading the size of the log"), self._engine.connect() as connection:
            return connection.execute(select(LOG.c.size)).scalar_one_or_none() or 0

    def commit_package(
        self,
        package_id: str,
        manifest_sha256: bytes,
        receipt: bytes,
        term: str,
        charges: Charges,
        log_size: int,
        release: PlannedRelease,
    ) -> None:
        """See ``StateStore.commit_package``."""
        with failing_closed("committing a package"), self._engine.begin() as connection:
            begun = connection.execute(
                select(PACKAGES.c.manifest_sha256).where(PACKAGES.c.package_id == package_id)
            ).scalar_one_or_none()
            if begun is None:
                raise _conflict("A package that was not begun cannot be committed.")
            _require_same_manifest(bytes(begun), manifest_sha256)
            if connection.execute(select(RECEIPTS).where(RECEIPTS.c.package_id == package_id)).first():
                return
            commit_charges(connection, term, charges)
            connection.execute(insert(RECEIPTS).values(package_id=package_id, receipt=receipt))
            connection.execute(insert(RELEASES).values(package_id=package_id, **release_columns(release)))
            store_log_size(connection, log_size)

    def releases(self, stage: ReleaseStage) -> tuple[PlannedRelease, ...]:
        """See ``StateStore.releases``."""
        query = (
            select(RELEASES, PACKAGES.c.office)
            .join_from(RELEASES, PACKAGES)
            .where(RELEASES.c.stage == stage)
            .order_by(RELEASES.c.slot, RELEASES.c.package_id)
        )
        with failing_closed("reading the releases"), self._engine.connect() as connection:
            return tuple(release_of(row) for row in connection.execute(query))

    def forget_answers(self, questions: Iterable[bytes] | None) -> None:
        """See ``StateStore.forget_answers``."""
        with failing_closed("forgetting answers"), self._engine.begin() as connection:
            forget_answers(connection, questions)

    def keep_release(self, release: PlannedRelease, log_size: int) -> None:
        """See ``StateStore.keep_release``."""
        change = update(RELEASES).where(RELEASES.c.package_id == release.package_id)
        with failing_closed("recording a release"), self._engine.begin() as connection:
            if connection.execute(change.values(**release_columns(release))).rowcount != 1:
                raise _conflict("A package that was not committed has no release.")
            store_log_size(connection, log_size)


def begun_package(connection: Connection) -> PackageStart | None:
    """The package that is neither finished nor ended."""
    query = (
        select(PACKAGES)
        .outerjoin(RECEIPTS, RECEIPTS.c.package_id == PACKAGES.c.package_id)
        .outerjoin(ABANDONED, ABANDONED.c.package_id == PACKAGES.c.package_id)
        .where(RECEIPTS.c.package_id.is_(None), ABANDONED.c.package_id.is_(None))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else start_of(row)


def _require_same_manifest(stored: bytes, given: bytes) -> None:
    if stored != given:
        raise _conflict("This package id denotes another manifest.")


def _conflict(what: str) -> EnvelopeError:
    return EnvelopeError(
        what, why="One id names one package for good.", next_step="Build a new package with a new id."
    )
