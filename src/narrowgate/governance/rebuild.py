"""What the state remembers of charter and acts, made anew from the log."""

from __future__ import annotations

from narrowgate.governance.books import Books


def rebuild(books: Books) -> tuple[int, bool]:
    """The cache holds what the log says of charter and acts, and nothing else.

    Args:
        books: of the gate; every leaf of its log is read.

    Returns:
        How many leaves of charter and acts there are, and whether the cache held exactly those before.

    Raises:
        NotInForceError: the log has no charter.
        LogInconsistentError: its acts contradict one another.
    """
    _, before = books.remembered.governance()
    books.remembered.forget_governance()
    books.in_force()
    _, leaves = books.remembered.governance()
    return len(leaves), before == leaves
