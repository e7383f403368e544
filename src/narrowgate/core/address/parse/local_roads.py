"""Roads that some counties name in a way of their own, and numbered roads whose kind is written twice.

Read only where no other reading of the street is understood, so that no other street has another form for it.

Source: the addresses that these counties publish (OpenAddresses); ``docs/reference/accuracy-by-state.md`` counts them.
"""

from __future__ import annotations

import re

from narrowgate.core.address.parse.designators import DESIGNATORS
from narrowgate.core.address.parse.directionals import DIRECTIONALS
from narrowgate.core.address.parse.highways import Road
from narrowgate.core.address.parse.suffixes import STREET_SUFFIXES
from narrowgate.core.address.postal import is_county

_WAY = r"N(?:ORTH)?|S(?:OUTH)?|E(?:AST)?|W(?:EST)?"
_NUMBER = r"(?P<number>[0-9]{1,4}[A-Z]?)(?= |$)"
_WRITTEN_TWICE = (
    (re.compile(rf"(?:UNITED STATES|US) (?:HIGHWAY|HWY) US {_NUMBER}"), "US HIGHWAY"),
    (re.compile(rf"STATE (?:ROAD|RD) SR {_NUMBER}"), "STATE ROAD"),
    (re.compile(rf"STATE (?:HIGHWAY|HWY) (?:HIGHWAY|HWY) {_NUMBER}"), "STATE HIGHWAY"),
    (re.compile(rf"(?:HIGHWAY|HWY) (?:ROUTE|RTE) {_NUMBER}"), "ROUTE"),
    (re.compile(rf"BUREAU OF INDIAN AFFAIRS (?:ROUTE|RTE|ROAD|RD) {_NUMBER}"), "BIA ROUTE"),
)
"""The kind of a road twice, in words and letters, or spelt out; and the kind that both of them name."""
_WAY_TWICE = re.compile(
    rf"(?P<road>(?:COUNTY|CO) (?:ROAD|RD) [0-9]{{1,4}}) (?P<one>{_WAY}) (?P<other>{_WAY})(?= |$)"
)
_OWN_NAMES: tuple[tuple[re.Pattern[str], str, frozenset[str]], ...] = (
    # Palmdale and Lancaster: avenues between two lettered ones have a letter and a number.
    (re.compile(r"(?:AVENUE|AVE) ([A-Z])-?([1-9][0-9]?)(?= [A-Z#]|$)"), "AVENUE {}{}", frozenset(("CA",))),
    (re.compile(r"(?:ROAD|RD) ([A-Z])([1-9][0-9]?)(?= [A-Z#]|$)"), "ROAD {}{}", frozenset(("KS",))),
    # Kosciusko County: lanes of the emergency service; Steuben and LaGrange: numbered lanes at a named lake.
    (
        re.compile(r"EMS ([A-Z])([1-9][0-9]{0,2}[A-Z]?)(?= (?:LANE|LN)(?: |$))"),
        "EMS {}{}",
        frozenset(("IN",)),
    ),
    (
        re.compile(r"(?:LANE|LN) ([1-9][0-9]{1,3}[A-Z]{0,2}) ([A-Z]+(?: [A-Z]+)? LAKE)(?= [A-Z#]|$)"),
        "LANE {} {}",
        frozenset(("IN",)),
    ),
    (
        re.compile(r"(?:LANE|LN) ([1-9][0-9]{1,3}[A-Z]{0,2}) (?:LK|LAKE) ([A-Z]{3,})(?= [A-Z#]|$)"),
        "LANE {} LAKE {}",
        frozenset(("IN",)),
    ),
    # Yuma County: its mile roads are ordinal streets of the county, beside the city's own of the same number.
    (
        re.compile(r"COUNTY ([1-9][0-9]?)(ST|ND|RD|TH)(?= (?:STREET|ST)(?: |$))"),
        "COUNTY {}{}",
        frozenset(("AZ",)),
    ),
    # Fulton County: the second road between the fifth and the sixth mile.
    (
        re.compile(r"(?:COUNTY|CO) (?:ROAD|RD) ([1-9][0-9]?)-([1-9][0-9]?)(?= [A-Z#]|$)"),
        "COUNTY ROAD {}-{}",
        frozenset(("OH",)),
    ),
    # Roads of a settlement, which have its name behind them: the town may have a street of the same name elsewhere.
    (
        re.compile(r"([A-Z]{3,}|[0-9]+[A-Z]{2}) (?:ROAD|RD) ([A-Z]{3,}) (?:POND|PD)(?= [A-Z#]|$)"),
        "{} ROAD {} POND",
        frozenset(("NH",)),
    ),
    (
        re.compile(r"([A-Z]) (?:STREET|ST) (BEAR LAKE SANDS)(?= [A-Z#]|$)"),
        "{} STREET {}",
        frozenset(("ID",)),
    ),
    (
        re.compile(r"([A-Z]{3,}) (?:ROAD|RD) (BEAR LAKE SANDS)(?= [A-Z#]|$)"),
        "{} ROAD {}",
        frozenset(("ID",)),
    ),
    # Roads with the letters of a township or a half mile before the number.
    (re.compile(r"([A-Z]{1,2})([1-9][0-9]{0,3})(?= (?:ROAD|RD)(?: |$))"), "{}{}", frozenset(("KS", "OK"))),
)
"""How a road is written, its name, and the states whose counties name roads so."""
_LETTERS_BEHIND_COUNTY = re.compile(r"(?P<county>[A-Z]+) (?:ROAD|RD) (?P<letters>[A-Z]{2})(?= [A-Z#]|$)")
"""``ROOSEVELT ROAD AG``: roads with two letters behind the county's name, in the east of New Mexico."""
_OF_A_TOWNSHIP = re.compile(
    r"(?P<township>[A-Z]{3,}(?: [A-Z]{3,})?) (?:TOWNSHIP|TWP) (?:ROAD|RD) (?P<number>[1-9][0-9]{0,3}[A-Z]?)(?= |$)"
)
"""``THORN TWP RD 22``: the road of one township; its neighbour may have another one of the number."""
_OFF_ANOTHER = re.compile(
    r"(?:PRIVATE|PVT) (?P<way>DRIVE|DR|ROAD|RD) (?P<number>[1-9][0-9]{0,4}[A-Z]?) "
    r"(?:(?P<state>(?:STATE|STE|ST) (?:ROUTE|RTE|RT))|(?P<county>(?:COUNTY|CO) (?:ROAD|RD))"
    r"|(?:TOWNSHIP|TWP) (?:ROAD|RD))"
    r" (?P<of>[1-9][0-9]{0,3}[A-Z]?)(?= [A-Z#]|$)"
)
"""``PVT DR 5548 STE RTE 217``: Lawrence County, Ohio, names a private drive with the road that it leaves."""
_TOWNSHIP_ALONE = re.compile(r"(?:TOWNSHIP|TWP) (?P<number>[1-9][0-9]{0,3}[A-Z]?)(?= |$)")


def written_once(text: str, state: str) -> str:
    """The text with the kind or the directional of its road once, or blank where neither is written twice.

    Args:
        text: folded, behind house number and predirectional.
        state: two-letter code; only Ohio writes ``TWP 258`` for a township's road.
    """
    for pattern, kind in _WRITTEN_TWICE:
        if found := pattern.match(text):
            return f"{kind} {found['number']}{text[found.end() :]}"
    if (found := _WAY_TWICE.match(text)) and found["one"][0] == found["other"][0]:
        return f"{found['road']} {found['one'][0]}{text[found.end() :]}"
    if state == "OH" and (found := _TOWNSHIP_ALONE.match(text)):
        return f"TOWNSHIP ROAD {found['number']}{text[found.end() :]}"
    return ""


def read_local_road(text: str, state: str) -> Road | None:
    """The road that the text begins with, under the name that its county gave it; every word is kept.

    Args:
        text: folded, behind house number and predirectional.
        state: two-letter code of the address; elsewhere the same words are not understood.
    """
    for pattern, name, states in _OWN_NAMES:
        if state in states and (found := pattern.match(text)):
            return Road(name.format(*found.groups()), "", text[found.end() :].strip())
    if state == "NM":
        return _in_new_mexico(text)
    return _in_ohio(text) if state == "OH" else None


def _in_new_mexico(text: str) -> Road | None:
    found = _LETTERS_BEHIND_COUNTY.match(text)
    if not found or not _are_letters(found["letters"]) or not is_county(found["county"]):
        return None
    return Road(f"{found['county']} ROAD {found['letters']}", "", text[found.end() :].strip())


def _in_ohio(text: str) -> Road | None:
    if found := _OF_A_TOWNSHIP.match(text):
        name = f"{found['township']} TOWNSHIP ROAD {found['number']}"
    elif found := _OFF_ANOTHER.match(text):
        way = "DRIVE" if found["way"].startswith("D") else "ROAD"
        kind = "STATE ROUTE" if found["state"] else "COUNTY ROAD" if found["county"] else "TOWNSHIP ROAD"
        name = f"PRIVATE {way} {found['number']} {kind} {found['of']}"
    else:
        return None
    return Road(name, "", text[found.end() :].strip())


def _are_letters(word: str) -> bool:
    """Whether two letters are a road's, not a directional, a designator or a suffix."""
    return word not in DIRECTIONALS and word not in DESIGNATORS and word not in STREET_SUFFIXES
