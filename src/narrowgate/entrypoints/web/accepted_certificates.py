"""Which client certificates hold now: looked at when they are first shown, and anew while their connection is open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool

ACCEPTED_FOR: Final = 15.0
"""Seconds after which a certificate is looked at anew, on an open connection too."""


class AcceptedCertificates:
    """Remembers for some seconds that a certificate is accepted, because a path to the root takes time to find.

    Args:
        require_good: raises for a certificate (DER) that is not accepted now; called in a thread.
    """

    def __init__(self, require_good: Callable[[bytes], None]) -> None:
        self._require_good = require_good
        self._accepted: dict[bytes, float] = {}

    async def require(self, certificate: bytes) -> None:
        """Returns only for a certificate (DER) that is accepted now, or was within ``ACCEPTED_FOR``.

        Raises:
            NarrowgateError: what ``require_good`` raises.
        """
        now = asyncio.get_running_loop().time()
        if now - self._accepted.get(certificate, float("-inf")) > ACCEPTED_FOR:
            self._accepted.pop(certificate, None)
            await run_in_threadpool(self._require_good, certificate)
            self._accepted[certificate] = now
