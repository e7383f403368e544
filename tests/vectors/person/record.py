"""Record what the canonical form makes of each golden vector; run by hand after a change of its version.

    python tests/vectors/person/record.py

A result is only recorded anew when the version of the canonical form is another one: a result that changes under the
same version is a defect, not news. A vector without results is filled.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES, nickname_equals

GOLDEN = Path(__file__).parent / "golden.json"


def result(raw: dict[str, str]) -> dict[str, list[str]]:
    """What the canonical form makes of a person: defects, or what a record keeps and a request asks."""
    examined = examine_person(RawPerson(**raw))
    person = examined.person
    return {
        "defects": [str(defect) for defect in examined.defects],
        "record_identities": list(record_identities(person)) if person else [],
        "request_identities": list(request_identities(person)) if person else [],
    }


def given_names_digest() -> str:
    """SHA-256 of the tables of given names that are equal."""
    table = "\n".join(" ".join((name, *nickname_equals(name))) for name in sorted(KNOWN_GIVEN_NAMES))
    return hashlib.sha256(table.encode()).hexdigest()


def record(golden: dict[str, Any]) -> str:
    """The golden vectors with every result of this version."""
    is_recorded = golden["canonical_form_version"] == CANONICAL_FORM_VERSION
    lines = []
    for vector in golden["persons"]:
        found = {"about": vector["about"], "raw": vector["raw"], **result(vector["raw"])}
        if is_recorded and "defects" in vector and found != vector:
            sys.exit(f"{vector['about']} changed under version {CANONICAL_FORM_VERSION}")
        lines.append("  " + json.dumps(found, ensure_ascii=False))
    head = {
        "canonical_form_version": CANONICAL_FORM_VERSION,
        "nickname_table_sha256": given_names_digest(),
    }
    top = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    return "{\n" + ",\n".join([*top, '"persons": [\n' + ",\n".join(lines) + "\n]"]) + "\n}\n"


if __name__ == "__main__":
    GOLDEN.write_text(record(json.loads(GOLDEN.read_text(encoding="utf-8"))), encoding="utf-8")
