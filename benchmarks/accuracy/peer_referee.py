"""usaddress's reading of texts, as JSON: ``python -m benchmarks.accuracy.peer_referee TEXTS OUT``.

Runs in the environment of ``requirements/peers.txt``, without Narrowgate.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.accuracy.data import Address
from benchmarks.accuracy.peer_address import components


def main() -> None:
    """Read a JSON list of one-line addresses, write the parts of each, or null where it cannot be tagged."""
    source, target = map(Path, sys.argv[1:])
    found = [components(Address(text)) for text in json.loads(source.read_bytes())]
    target.write_text(json.dumps([one and asdict(one) for one in found]), encoding="utf-8")


if __name__ == "__main__":
    main()
