"""Passphrases and PINs: typed by a person at a terminal, shown nowhere, in no argument and no environment."""

from __future__ import annotations

import getpass
import sys
import warnings

from narrowgate.core.base.errors import UsageError


def ask_secret(question: str) -> str:
    """What a person types in answer, without echo.

    Args:
        question: says which secret, and what it is for.

    Raises:
        UsageError: there is no terminal at which it could be typed unseen, or nobody answers.
    """
    with warnings.catch_warnings():
        # Without a terminal getpass would go on and read it in the open.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{question}: ", stream=sys.stderr)
        except (getpass.GetPassWarning, EOFError, OSError) as error:
            raise UsageError(
                "No secret was typed.",
                why="It is typed at a terminal, where it is not shown.",
                next_step="Run the command in a terminal; for a token, pin-source=file:PATH in its URI works without.",
            ) from error
