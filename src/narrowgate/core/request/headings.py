"""The headings of a case file: which column each one is, and which one somebody may have meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from narrowgate.core.request.item import ITEM_COLUMNS, listed, shown

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_CLOSE: Final = 0.84

_ALSO_CALLED: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("id", "caseid", "itemid", "itemnumber", "row", "reference"),
    "given_names": ("firstname", "firstnames", "forename", "forenames", "first"),
    "surnames": ("lastname", "lastnames", "familyname", "familynames", "last"),
    "birth_date": ("dob", "dateofbirth", "birthday", "bdate"),
    "tin": ("ssn", "itin", "socialsecuritynumber", "taxpayernumber", "ssnitin"),
    "alien_number": ("anumber", "alienno", "aliennum", "alienregistrationnumber", "anum"),
    "address_line_1": ("address", "address1", "street", "streetaddress", "addr1", "line1"),
    "address_line_2": ("address2", "unit", "apt", "apartment", "addr2", "line2"),
    "state": ("st",),
    "zip": ("zipcode", "zip5", "postalcode", "postcode"),
    "address_source": ("source",),
    "address_verified_on": ("verifiedon", "addressverified", "verificationdate", "dateverified"),
    "tax_years": ("taxyear", "year", "years", "taxyr"),
    "investigation_number": ("investigationno", "casenumber", "investigationid"),
    "investigation_opened_on": ("investigationopened", "openedon", "investigationdate"),
    "removal_order_number": ("ordernumber", "removalorderno", "removalorder"),
    "removal_order_date": ("orderdate", "dateoforder"),
    "removal_ground": ("ground", "grounds", "removalgrounds"),
    "in_custody": ("custody", "detained"),
    "officers": ("officer", "agents", "agent"),
}


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.lower())


_BY_PLAIN_NAME: Final = {
    **{other: column for column, others in _ALSO_CALLED.items() for other in others},
    **{_plain(column): column for column in ITEM_COLUMNS},
}


def meant_column(heading: str) -> str:
    """The column that a heading of another spelling may mean; empty where none is near."""
    plain = _plain(heading)
    close = get_close_matches(plain, _BY_PLAIN_NAME, n=1, cutoff=_CLOSE) if plain else []
    return _BY_PLAIN_NAME[close[0]] if close else ""


@dataclass(frozen=True, slots=True)
class Headings:
    """What the headings of a file are.

    Args:
        problem: why they are not exactly the columns, with its full stop or question mark; empty where they are.
        positions: of every column, in the order of the schema; empty where one is missing even with what was meant.
    """

    problem: str
    positions: tuple[int, ...]


def read_headings(names: Sequence[str]) -> Headings:
    """Finds every column among the headings, and tells what is wrong with them, all of it.

    A heading is repeated in the message only where most headings are columns: otherwise the line may be one of data.

    Args:
        names: the headings without white space around them.
    """
    counts = Counter(names)
    unknown = [name for name in counts if name not in ITEM_COLUMNS]
    missing = [column for column in ITEM_COLUMNS if not counts[column]]
    repeated = [column for column in ITEM_COLUMNS if counts[column] > 1]
    if not (unknown or missing or repeated):
        return Headings("", tuple(names.index(column) for column in ITEM_COLUMNS))
    meant = {name: column for name in unknown if (column := meant_column(name)) in missing}
    if 2 * (len(counts) - len(unknown) + len(meant)) < len(counts):
        problem = (
            f"of {len(names)} headings {len(counts) - len(unknown)} are columns; is the heading line missing?"
        )
        return Headings(problem, ())
    groups = {
        "unknown": [
            f"{shown(name)} (did you mean {meant[name]}?)" if name in meant else shown(name)
            for name in unknown
        ],
        "repeated": repeated,
        "missing": [column for column in missing if column not in meant.values()],
    }
    problem = "; ".join(f"{label}: {listed(group)}" for label, group in groups.items() if group) + "."
    places = {meant.get(name, name): at for at, name in reversed(list(enumerate(names)))}
    complete = all(column in places for column in ITEM_COLUMNS) and len(set(meant.values())) == len(meant)
    return Headings(problem, tuple(places[column] for column in ITEM_COLUMNS) if complete else ())
