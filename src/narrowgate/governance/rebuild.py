"""What the state remembers of charter and acts, made anew from the log."""

from __future__ import annotations

from dataclasses import replace

from narrowgate.governance.books import Books


def rebuild(books: Books) -> tuple[int, bool]:
    """The cache holds what the log says of charter and acts, and nothing else.

    Args:
        books: of the gate; every leaf of its log is read.

    Returns:
        How many leaves of charter and acts there are, and whether the cache held exactly those of the leaves that it
        had looked through: one that is merely behind is not another.

    Raises:
        NotInForceError: the log has no charter.
        LogInconsistentError: its acts contradict one another.
    """
    looked, known = books.remembered.governance()
    books.remembered.forget_governance()
    replace(books).in_force()  # one that has read nothing yet
    size, leaves = books.remembered.governance()
    seen = tuple(books.log.acts(0, min(looked, size)))
    return len(leaves), looked <= size and known == seen
