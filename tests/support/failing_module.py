"""Faults of a token, injected into the table of functions of the PKCS#11 module that this process has loaded."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CKR_DEVICE_REMOVED = 0x32
CKR_PIN_LOCKED = 0xA4
CKR_PIN_EXPIRED = 0xA3
CKR_FUNCTION_FAILED = 0x06

_POSITIONS = {"C_Login": 18, "C_SignInit": 42, "C_Sign": 43}
"""Of the functions in CK_FUNCTION_LIST (PKCS#11 v2.40, pkcs11f.h), counted from C_Initialize."""


@contextmanager
def failing(module: Path, function: str, code: int) -> Iterator[None]:
    """Within the block the module's function does nothing and reports ``code``."""
    library = ctypes.CDLL(str(module))
    table = ctypes.POINTER(ctypes.c_void_p)()
    assert library.C_GetFunctionList(ctypes.byref(table)) == 0
    # The version (two bytes) takes the place of one pointer.
    position = 1 + _POSITIONS[function]
    before = table[position]
    answer = ctypes.CFUNCTYPE(ctypes.c_ulong)(lambda: code)
    table[position] = ctypes.cast(answer, ctypes.c_void_p).value
    try:
        yield
    finally:
        table[position] = before
