"""What is recalled, as far as the newest log or notice at hand says: nothing of it can be hidden by an older one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from narrowgate.core.answers.recall_notice import KnownRecalls, RecallOfPackage, verify_notice
from narrowgate.core.base.errors import ProofError, UsageError
from narrowgate.core.log.checkpoint import Checkpoint
from narrowgate.core.log.note import VerifierKey
from narrowgate.verify.files import read_bytes, read_text
from narrowgate.verify.log_directory import require_continuation, require_continuations
from narrowgate.verify.recall_book import read_recalls
from narrowgate.verify.source import find_source


def known_recalls(
    paths: Iterable[Path],
    key: VerifierKey,
    answers: Checkpoint,
    earlier: Sequence[Path] = (),
    processes: int = 1,
) -> KnownRecalls:
    """Returns what the logs and notices say, each signed by the log's key, and no log older than what is known.

    Args:
        paths: notices (files), and logs, bundles or worlds (directories).
        key: the log's published key.
        answers: the checkpoint that proves the answers; a log must continue it.
        earlier: files of checkpoints that were kept; a log must continue each of them, so that an older copy, from
            before a recall, is found.
        processes: how many read a log at once.

    Raises:
        ProofError: a notice does not follow from the log's signature.
        LogInconsistentError: a log is older than the answers or than a checkpoint kept, or another branch.
        UsageError: there is neither a log nor a notice.
    """
    recalls: list[RecallOfPackage] = []
    size, last_time = 0, ""
    for path in paths:
        if path.is_file() and not path.name.endswith(".toml"):
            recalls.append(verify_notice(read_bytes(path, ProofError), key, str(path)).recall)
            continue
        source = find_source(path, str(key))
        checkpoint = source.checkpoint()
        require_continuation(source.log, checkpoint, answers, str(path))
        for file in earlier:
            require_continuations(source.log, key, checkpoint, read_text(file, ProofError))
        book = read_recalls(source, checkpoint, processes)
        recalls += book.all_recalls()
        if checkpoint.size > size:
            size, last_time = checkpoint.size, book.last_time
    if earlier and not size:
        raise UsageError(
            "A checkpoint alone does not say what was recalled.",
            next_step="Name a log or a bundle that continues it, too.",
        )
    return KnownRecalls(tuple(sorted(recalls, key=lambda each: each.leaf)), size, last_time)
