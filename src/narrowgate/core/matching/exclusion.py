"""Who is kept out of every answer under 26 USC 6103(i)(6), from whatever a record says of the person."""

from __future__ import annotations

from narrowgate.core.person.examine import examine_person
from narrowgate.core.person.exclusion_subjects import exclusion_subjects, tin_subject
from narrowgate.core.person.model import RawPerson
from narrowgate.core.person.tin import parse_tin


def subjects_to_exclude(raw: RawPerson) -> tuple[str, ...]:
    """The ``exclusion_subjects`` under which the person is kept out; none when the fields identify no one.

    A valid TIN is enough by itself, and so are birth date and full name: a fault in one does not undo the other.

    Args:
        raw: the person's fields as written; the birth date in ISO 8601 form.
    """
    tin = parse_tin(raw.tin)
    by_tin = (tin_subject(tin),) if tin else ()
    named = examine_person(raw._replace(tin="")).person
    return (*by_tin, *(exclusion_subjects(named) if named else ()))
