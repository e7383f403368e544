"""The question before a signature."""

from __future__ import annotations

import click

from narrowgate.core.base.errors import UsageError


def confirm(question: str) -> None:
    """Returns only if a person says yes.

    Raises:
        UsageError: somebody says no, or nobody answers.
    """
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        pass
    raise UsageError(
        "Nothing was signed: nobody said yes.",
        next_step="Answer y after reading, or add --yes where nobody can be asked.",
    )
