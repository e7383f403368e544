"""What must not change from package to package: the history that budgets are kept in, and the order of indexes.

Budgets that start anew let every question be put again, and an older index confirms who is suppressed since.
"""

from __future__ import annotations

from hmac import compare_digest

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.term import require_continuous, term_of
from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.eligibility.history.digests import history_key_check
from narrowgate.gate.ports import IndexInUse, IndexSnapshot, StateStore


def continue_history(state: StateStore, history_key: bytes, agreement: Agreement) -> None:
    """The budgets of ``agreement`` go on where they were, and key and term are recorded; before step 5.

    Args: as for ``require_same_history``.

    Raises:
        ConfigurationError: as ``require_same_history``.
    """
    require_same_history(state, history_key, agreement)
    term = term_of(agreement)
    if state.history_key_check() is None or term not in state.terms():
        state.keep_term(history_key_check(history_key), term)


def require_same_history(state: StateStore, history_key: bytes, agreement: Agreement) -> None:
    """Return only if the budgets of ``agreement`` would go on where they were; nothing is recorded.

    Args:
        state: knows the key's check value and the terms of earlier agreements.
        history_key: of this run.
        agreement: in force.

    Raises:
        ConfigurationError: another history key than before, or an agreement whose budgets would start anew.
    """
    known = state.history_key_check()
    if known is not None and not compare_digest(known, history_key_check(history_key)):
        raise ConfigurationError(
            "The history key is not the one that the budgets are kept with.",
            why="With another key every budget would start anew, and every question could be put again.",
            next_step="Name the history key of this state in gate.toml; restore it from its copy.",
        )
    require_continuous(state.terms(), term_of(agreement))


def put_index_in_use(state: StateStore, snapshot: IndexSnapshot) -> None:
    """The index may be read, and every older one may not from now on; before the index is read in step 9.

    Args: as for ``require_no_older_index``.

    Raises:
        ConfigurationError: as ``require_no_older_index``.
    """
    require_no_older_index(state, snapshot)
    current = IndexInUse(snapshot.created, snapshot.digest)
    if state.index_in_use() != current:
        state.put_in_use(current)


def require_no_older_index(state: StateStore, snapshot: IndexSnapshot) -> None:
    """Return only if the index is the one read last or a newer one; nothing is recorded.

    Args:
        state: knows the index that was read last.
        snapshot: of the index opened, its manifest verified.

    Raises:
        ConfigurationError: the index was made before the one read last, or at the same time with other content.
    """
    last = state.index_in_use()
    if last is None or last == IndexInUse(snapshot.created, snapshot.digest):
        return
    if snapshot.created <= last.created:
        raise ConfigurationError(
            "The index is older than the one that was read last.",
            why="Persons suppressed since would be confirmed again, and corrected records would be wrong again.",
            next_step="Put the newest index back in force; if it is lost, build one from today's records.",
        )
