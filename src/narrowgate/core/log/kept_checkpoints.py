"""A file of signed checkpoints one after another, as a second place keeps them: each a signed note and an empty line.

A file that is only ever appended to fits on a share that allows nothing else, keeps every branch of a forked log as
evidence, and is read from its end. A copy of one ``checkpoint`` is such a file, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from narrowgate.core.base.errors import ProofError
from narrowgate.core.log.checkpoint import Checkpoint, verify_checkpoint
from narrowgate.core.log.note import VerifierKey

_NOTE = re.compile(r"(?:[^\n]+\n){3,}\n(?:\u2014 [^\n]+\n)+")
"""Note text of at least three lines, an empty line, signature lines (C2SP tlog-checkpoint)."""


def appended_checkpoint(end: str, checkpoint: str) -> str:
    """What to append to a file that ends in ``end`` so that ``checkpoint`` can be read again.

    An interrupted appending may have left half a checkpoint, which an empty line closes.
    """
    separator = "" if not end or end.endswith("\n\n") else "\n" if end.endswith("\n") else "\n\n"
    return f"{separator}{checkpoint}\n"


def kept_checkpoints(data: str, key: VerifierKey, where: str = "") -> Sequence[tuple[str, Checkpoint]]:
    """The checkpoints in a file, oldest first, each with its text; what an interrupted appending left is passed over.

    Args:
        data: the file, or its end.
        key: of the log.
        where: file name for messages.

    Raises:
        ProofError: the last checkpoint in it does not verify: the file was changed, or is of another log.
    """
    found = []
    texts = [match[0] for match in _NOTE.finditer(data)]
    for number, text in enumerate(texts, 1):
        try:
            found.append((text, verify_checkpoint(text, key, where)))
        except ProofError:
            if number == len(texts):
                raise
    return found


def last_kept(data: str, key: VerifierKey, where: str = "") -> tuple[str, Checkpoint] | None:
    """The last of ``kept_checkpoints`` that says anything new: one that repeats an earlier one says nothing.

    A writer that was asleep while another one took its place, and finished what it was about to do, may repeat one,
    byte for byte. No more checkpoints are verified than it takes: a gate looks here for every package.

    Args:
        data: the file, or its end.
        key: of the log.
        where: file name for messages.

    Raises:
        ProofError: as ``kept_checkpoints``.
    """
    texts = [match[0] for match in _NOTE.finditer(data)]
    for number in reversed(range(len(texts))):
        text, is_last = texts[number], number == len(texts) - 1
        is_repeated = text in texts[:number]
        if is_repeated and not is_last:
            continue
        try:
            checkpoint = verify_checkpoint(text, key, where)
        except ProofError:
            if is_last:
                raise
            continue
        if not is_repeated:
            return text, checkpoint
    return None
