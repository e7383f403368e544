"""Record what the canonical form makes of each golden vector; run by hand after a change of its version.

    python tests/vectors/address/record.py

A vector is a JSON line: ``version``, ``address`` (up to five fields) and ``expected``. A line without ``expected`` is
filled. A recorded line is only recorded anew when the version of the canonical form is another one: a result that
changes under the same version is a defect, not news.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, RawAddress

VECTORS = Path(__file__).parent


def result(address: dict[str, str]) -> dict[str, object]:
    """What the canonical form makes of an address: class, components and first key, or the defects."""
    examined = examine_address(RawAddress(**address))
    point = examined.delivery_point
    if point is None:
        return {"refused": [defect.value for defect in examined.defects]}
    components = {name: value for name, value in point._asdict().items() if value and name != "address_class"}
    return {
        "class": point.address_class.value,
        "components": json.loads(json.dumps(components)),
        "key": keys(point)[0],
    }


def record(path: Path) -> int:
    """Fill the file's vectors and tell how many changed."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    changed = 0
    for line in lines:
        found = result(line["address"])
        if line.get("expected") == found and line.get("version") == CANONICAL_FORM_VERSION:
            continue
        if line.get("version") == CANONICAL_FORM_VERSION and "expected" in line:
            sys.exit(f"{path.name}: {line['address']} changed under version {CANONICAL_FORM_VERSION}")
        line.update(version=CANONICAL_FORM_VERSION, expected=found)
        changed += 1
    text = "".join(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return changed


if __name__ == "__main__":
    for vectors in sorted(VECTORS.glob("*.jsonl")):
        sys.stdout.write(f"{vectors.name}: {record(vectors)} recorded\n")
