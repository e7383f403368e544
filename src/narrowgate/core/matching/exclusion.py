"""Who is kept out of every answer under 26 USC 6103(i)(6), from whatever a record says of the person."""

from __future__ import annotations

from dataclasses import replace

from narrowgate.core.matching.token import subjects
from narrowgate.core.person.examine import examine
from narrowgate.core.person.identity import record_identities
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.tin import parse_tin


def subjects_to_exclude(raw: RawPerson) -> tuple[str, ...]:
    """The subjects (``core.token.subjects``) under which the person is kept out; none when nobody is identified.

    A valid TIN is enough by itself, and so are birth date and full name: a fault in one does not undo the other.

    Args:
        raw: the person's fields as written; the birth date in ISO 8601 form.
    """
    tin = parse_tin(raw.tin)
    by_tin = (f"T|{tin}",) if tin else ()
    named = examine(replace(raw, tin="")).person
    return (*by_tin, *(subjects(record_identities(named)) if named else ()))
