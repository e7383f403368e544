"""The report of an incident: the fields that the safeguards office asks for, and no tax data.

Source: IRS, "Reporting improper inspections or disclosures" and "Reporting unauthorized accesses, disclosures or data
breaches" (Publication 1075): contact, times of occurrence and discovery, how it was found, data elements, number of
records or a range, place, equipment. It goes out at once: what is not known yet says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import UsageError
from narrowgate.core.base.shown import CONTROLS
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.incident import TO_REPORT

REPORT_SCHEMA: Final = "narrowgate/incident-report/v1"
NOT_KNOWN: Final = "not known yet"

_LINE: Final = re.compile(f"[^{CONTROLS}]{{1,300}}")
_NUMBER_OF_A_PERSON: Final = re.compile(r"(?<![0-9])[0-9](?:[ .-]?[0-9]){8}(?![ .-]?[0-9])")
"""Nine digits, however they are grouped: the form of a taxpayer's number."""
_NAME_OF_A_THING: Final = re.compile(r"\bp-[0-9]{8}-[0-9a-f]{4,12}\b|\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b")
"""Ids of packages and indexes, and digests: digits in a row there are nobody's number."""


class DataElement(StrEnum):
    """What an answer, a request or an index holds, by kind; never a value."""

    OUTCOME = "confirmation"
    IDENTITY = "identity-as-asked"
    ADDRESS = "address-as-asked"
    TAX_YEARS = "tax-years-as-asked"
    TOKENS = "index-tokens"
    KEYS = "keys"


_ELEMENTS: Final = {
    DataElement.OUTCOME: "whether an address that was asked appears in a person's tax file (one bit an item)",
    DataElement.IDENTITY: "identity of persons, as the requester gave it",
    DataElement.ADDRESS: "addresses, as the requester gave them",
    DataElement.TAX_YEARS: "tax years, as the requester gave them",
    DataElement.TOKENS: "keyed tokens of the confirmation index",
    DataElement.KEYS: "secret keys of the gate",
}


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What is reported.

    Args:
        gate: name.
        scope: what is held.
        contact: a function and how to reach it, no name of a taxpayer.
        occurred: from and until, or from alone; none where it is not known.
        discovered: aware UTC time, from which 24 hours are counted.
        how_found: one line.
        data_elements: kinds of data.
        packages: packages concerned, counted from the log; ``None`` where they were not counted.
        records: answers concerned, the same.
        place: one line.
        equipment: one line.
        salt: 32 hex digits, so that the digest in the log tells nothing of the report.
    """

    gate: str
    scope: str
    contact: str
    occurred: tuple[datetime, ...]
    discovered: datetime
    how_found: str
    data_elements: tuple[DataElement, ...]
    packages: int | None
    records: int | None
    place: str
    equipment: str
    salt: str

    @property
    def digest(self) -> str:
        """Hex SHA-256 of its bytes, which the act names."""
        return sha256(report_bytes(self)).hexdigest()


def report_bytes(report: IncidentReport) -> bytes:
    """The only byte string that denotes the report: canonical JSON."""
    return canonical_bytes(
        {
            "schema": REPORT_SCHEMA,
            "gate": report.gate,
            "scope": report.scope,
            "contact": report.contact,
            "occurred": [format_time(each) for each in report.occurred],
            "discovered": format_time(report.discovered),
            "report_until": format_time(report.discovered + TO_REPORT),
            "how_found": report.how_found,
            "data_elements": [each.value for each in report.data_elements],
            "packages": _count(report.packages),
            "records": _count(report.records),
            "place": report.place,
            "equipment": report.equipment,
            "salt": report.salt,
        }
    )


def require_no_tax_data(name: str, text: str) -> str:
    """The line, which holds no taxpayer's number.

    Args:
        name: of the field, for the message.
        text: one line.

    Raises:
        UsageError: it holds one, or is no line of at most 300 characters. The message does not repeat it.
    """
    if not _LINE.fullmatch(text):
        raise UsageError(
            f"The field '{name}' is no line of 1 to 300 characters.",
            next_step="Shorten it; the inquiry has room for more.",
        )
    return require_no_number(name, text)


def require_no_number(name: str, text: str) -> str:
    """The text, which holds no taxpayer's number.

    Args:
        name: of the field, for the message.
        text: any.

    Raises:
        UsageError: it holds one. The message does not repeat it.
    """
    if _NUMBER_OF_A_PERSON.search(_NAME_OF_A_THING.sub("#", text)):
        raise UsageError(
            f"The field '{name}' holds nine digits like a taxpayer's number.",
            why="Others read it, some of them for good, and it holds no tax data.",
            next_step="Name packages by their ids and persons not at all; write telephone numbers with all ten digits.",
            rule="R-44",
        )
    return text


def report_text(report: IncidentReport) -> str:
    """The report for people, to be sent as it is."""
    until = report.discovered + TO_REPORT
    elements = "; ".join(_ELEMENTS[each] for each in report.data_elements) or NOT_KNOWN
    occurred = " to ".join(map(format_time, report.occurred)) or NOT_KNOWN
    return "\n".join(
        (
            "REPORT OF A POSSIBLE IMPROPER INSPECTION OR DISCLOSURE",
            "To the Office of Safeguards and the Treasury Inspector General for Tax Administration.",
            "This report holds no tax data.",
            "",
            f"Contact               {report.contact}",
            f"Occurred              {occurred}",
            f"Discovered            {format_time(report.discovered)}",
            f"To be reported until  {format_time(until)}",
            f"How it was found      {report.how_found}",
            f"Data elements         {elements}",
            f"Records               {_records(report)}",
            f"Place                 {report.place}",
            f"Equipment             {report.equipment}",
            "",
            f"Gate {report.gate}; held: {report.scope}. Nothing that the hold covers is decided or released meanwhile.",
            f"SHA-256 of this report's data  {report.digest}",
        )
    )


def _records(report: IncidentReport) -> str:
    if report.records is None:
        return NOT_KNOWN
    return f"{report.records:,} answers in {report.packages:,} packages at most, counted from the log"


def _count(value: int | None) -> str:
    return NOT_KNOWN if value is None else str(value)
