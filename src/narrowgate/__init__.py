"""Narrowgate: one question, one bit, and nothing else passes between two agencies.

>>> import narrowgate
>>> narrowgate.same_delivery_point("123 N Main St #4, 62704", "123 North Main Street, Apt 4, Springfield IL 62704")
True

What is in ``__all__`` is the interface for programs (``docs/reference/python.md``); everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from narrowgate.core.address.model import DeliveryPoint, RawAddress
    from narrowgate.core.base.errors import NarrowgateError
    from narrowgate.entrypoints.library.addresses import (
        StandardizedAddress,
        explain_address,
        same_delivery_point,
        standardize_address,
    )
    from narrowgate.entrypoints.library.answers import open_answers
    from narrowgate.entrypoints.library.cases import CaseRemark, lint_case_file
    from narrowgate.entrypoints.library.logs import verify_log

__version__ = "0.1.0"

__all__ = [
    "CaseRemark",
    "DeliveryPoint",
    "NarrowgateError",
    "RawAddress",
    "StandardizedAddress",
    "explain_address",
    "lint_case_file",
    "open_answers",
    "same_delivery_point",
    "standardize_address",
    "verify_log",
]

_ROOMS = {
    "CaseRemark": "entrypoints.library.cases",
    "DeliveryPoint": "core.address.model",
    "NarrowgateError": "core.base.errors",
    "RawAddress": "core.address.model",
    "StandardizedAddress": "entrypoints.library.addresses",
    "explain_address": "entrypoints.library.addresses",
    "lint_case_file": "entrypoints.library.cases",
    "open_answers": "entrypoints.library.answers",
    "same_delivery_point": "entrypoints.library.addresses",
    "standardize_address": "entrypoints.library.addresses",
    "verify_log": "entrypoints.library.logs",
}


def __dir__() -> list[str]:
    """Lists the interface, so that ``help(narrowgate)`` shows it."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> object:
    """Loads a name of the interface when it is first used: every module of the package passes through here."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'narrowgate' has no attribute {name!r}")
    return getattr(import_module(f"narrowgate.{_ROOMS[name]}"), name)
