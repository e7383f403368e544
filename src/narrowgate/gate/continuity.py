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
    """The budgets of ``agreement`` go on where they were, and both are recorded; before step 5.

    Args:
        state: knows the key's check value and the terms of earlier agreements.
        history_key: of this run.
        agreement: in force.

    Raises:
        ConfigurationError: another history key than before, or an agreement whose budgets would start anew.
    """
    check = history_key_check(history_key)
    known = state.history_key_check()
    if known is not None and not compare_digest(known, check):
        raise ConfigurationError(
            "The history key is not the one that the budgets are kept with.",
            why="With another key every budget would start anew, and every question could be put again.",
            next_step="Name the history key of this state in gate.toml; restore it from its copy.",
        )
    term = term_of(agreement)
    terms = state.terms()
    require_continuous(terms, term)
    if known is None or term not in terms:
        state.keep_term(check, term)


def put_index_in_use(state: StateStore, snapshot: IndexSnapshot) -> None:
    """The index may be read, and every older one may not from now on; before the index is read in step 9.

    Args:
        state: knows the index that was read last.
        snapshot: of the index opened, its manifest verified.

    Raises:
        ConfigurationError: the index was made before the one read last, or at the same time with other content.
    """
    current = IndexInUse(snapshot.created, snapshot.digest)
    last = state.index_in_use()
    if last == current:
        return
    if last is not None and current.created <= last.created:
        raise ConfigurationError(
            "The index is older than the one that was read last.",
            why="Persons suppressed since would be confirmed again, and corrected records would be wrong again.",
            next_step="Put the newest index back in force; if it is lost, build one from today's records.",
        )
    state.put_in_use(current)
