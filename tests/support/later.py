"""``narrowgate`` at a later time: run by pages whose reader waits; the seconds lie in ``$NARROWGATE_TEST_CLOCK``."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path


def main() -> None:
    """The command of the arguments, its clock put forward where the page waited."""
    # The directory of this file holds modules of the tests, which the command must not find.
    sys.path.pop(0)
    waited = Path(os.environ["NARROWGATE_TEST_CLOCK"])
    if waited.exists():
        from narrowgate.adapters.clock import SystemClock

        now, later = SystemClock.now, timedelta(seconds=int(waited.read_text()))

        def then(clock: SystemClock) -> datetime:
            return now(clock) + later

        SystemClock.now = then  # type: ignore[method-assign]
    sys.argv[0] = "narrowgate"
    from narrowgate.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
