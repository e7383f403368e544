"""What an operator is told of the cluster that a command works on."""

from __future__ import annotations

from narrowgate.entrypoints.output import warn


def warn_of_strangers(master: str) -> None:
    """Says what a cluster leaves open: who can send it tasks can have it read the key that its executors read.

    Args:
        master: of the running session.
    """
    from narrowgate.adapters.engines.spark.session import unprotected  # noqa: PLC0415 - an optional extra

    missing = unprotected(master)
    if missing:
        warn(
            f"The cluster is open to strangers: {' and '.join(missing)} not set. Who reaches it can read tokens under"
            " way, and send it tasks that read the key. See 'narrowgate docs cluster'."
        )
