"""Golden vectors: a change of any result needs a new version of the canonical form."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from narrowgate.core.address.model import CANONICAL_FORM_VERSION
from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.identity import record_identities, request_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.nicknames import KNOWN_GIVEN_NAMES, nickname_equals

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "person" / "golden.json").read_text(encoding="utf-8")
)


def test_the_vectors_are_of_this_version_of_the_canonical_form() -> None:
    assert VECTORS["canonical_form_version"] == CANONICAL_FORM_VERSION


def test_the_nickname_table_is_the_one_of_this_version() -> None:
    table = "\n".join(" ".join((name, *nickname_equals(name))) for name in sorted(KNOWN_GIVEN_NAMES))
    assert hashlib.sha256(table.encode()).hexdigest() == VECTORS["nickname_table_sha256"]


@pytest.mark.parametrize("vector", VECTORS["persons"], ids=lambda vector: vector["about"])
def test_a_person_gives_the_recorded_result(vector: dict[str, Any]) -> None:
    examined = examine_person(RawPerson(**vector["raw"]))
    assert [str(defect) for defect in examined.defects] == vector["defects"]
    person = examined.person
    assert (list(record_identities(person)) if person else []) == vector["record_identities"]
    assert (list(request_identities(person)) if person else []) == vector["request_identities"]
