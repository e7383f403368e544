"""Boxes: post office, rural route, highway contract and military, Publication 28 sections 24, 25, 28 and 238."""

from __future__ import annotations

import re
from typing import NamedTuple

from narrowgate.core.address.model import AddressClass, Defect

_BOX_ID = r"(?P<box>[0-9]{1,6}(?:[A-Z]| [A-Z](?=$| ,))?(?:-[0-9A-Z]{1,4})?|[A-Z][0-9]{0,5}|[A-Z]{2})"
_SIGN = r"(?: ?(?:#|NO|NUM|NUMBER))*"
_POST_OFFICE = (
    r"(?:(?:GPO|G P O|U S P O|USPO|POST OFFICE|POSTOFFICE|POSTAL|P ?O|P) (?:BOX|BX|B)|P ?O ?B(?:OX|X)?"
    r"|P ?O(?=[A-Z# ]* [0-9])"
    r"|(?:(?:POST OFFICE|P ?O) )?(?:(?:BOX|BX) )?(?:DRAWER|CALLER(?: BOX)?|BIN)|APARTADO(?: POSTAL)?|APDO|APTDO)"
)
_PO_BOX = re.compile(rf"(?:^|(?<= )){_POST_OFFICE}{_SIGN} {_BOX_ID}(?= |$)")
_BARE_BOX = re.compile(
    rf"(?:^|(?<=, ))(?:LOCK)?(?:BOX|BX){_SIGN} {_BOX_ID}(?= ,|$)|(?<= )BOX{_SIGN} (?P<last>[0-9]{{1,6}})$"
)
_BOX_WITHOUT_NUMBER = re.compile(rf"(?:^|, ){_POST_OFFICE}{_SIGN}(?= ,|$)|(?:^|, )(?:BOX|BX){_SIGN}(?= ,|$)")

_RURAL = r"(?:RURAL (?:ROUTE|RTE|RT|DELIVERY|RD)|R ?R|R ?F ?D)"
_RURAL_AT_START = r"(?:R ?D|ROUTE|RTE|RT)"
_CONTRACT = r"(?:H ?C ?R?|HIGHWAY CONTRACT(?: ROUTE| RTE| RT)?|HWY CONTRACT(?: ROUTE| RTE| RT)?)"
_STAR = r"(?:STAR (?:ROUTE|RTE|RT)|S ?R)"
_ROUTE_ID = r"(?P<route>[0-9]{1,3}[A-Z]?|[A-Z](?= |$))"
_BOX_WORD = rf"(?: ,)?(?: (?:P ?O )?(?:BOX|BX|BZN|BUZON){_SIGN}| #) "


def _route(kinds: str, start: str, optional: str = "") -> re.Pattern[str]:
    return re.compile(rf"{start}{kinds}{_SIGN} ?{_ROUTE_ID}{optional}{_BOX_WORD}{_BOX_ID}(?= |$)")


_ANYWHERE = r"(?:^|(?<= ))"
_AT_START = r"(?:^|(?<=, ))"
_ROUTES = (
    (AddressClass.RURAL_ROUTE, _route(_RURAL, _ANYWHERE)),
    (AddressClass.RURAL_ROUTE, _route(_RURAL_AT_START, _AT_START)),
    (AddressClass.HIGHWAY_CONTRACT, _route(_CONTRACT, _ANYWHERE)),
    (AddressClass.HIGHWAY_CONTRACT, _route(_STAR, _AT_START)),
    (
        AddressClass.HIGHWAY_CONTRACT,
        re.compile(rf"{_AT_START}(?P<route>STAR) (?:ROUTE|RTE|RT){_BOX_WORD}{_BOX_ID}(?= |$)"),
    ),
)
_BOX_FIRST = (
    (
        AddressClass.RURAL_ROUTE,
        re.compile(
            rf"{_AT_START}(?:BOX|BX){_SIGN} {_BOX_ID}(?: ,)? (?:{_RURAL}|{_RURAL_AT_START}){_SIGN} ?{_ROUTE_ID}(?= |$)"
        ),
    ),
    (
        AddressClass.HIGHWAY_CONTRACT,
        re.compile(
            rf"{_AT_START}(?:BOX|BX){_SIGN} {_BOX_ID}(?: ,)? (?:{_CONTRACT}|{_STAR}){_SIGN} ?{_ROUTE_ID}(?= |$)"
        ),
    ),
)
_ROUTE_ALONE = re.compile(
    rf"(?:(?:{_RURAL}|{_CONTRACT}){_SIGN} ?[0-9]{{1,3}}[A-Z]?|(?:{_STAR}|{_RURAL_AT_START}) [0-9]{{1,3}})(?: ,.*)?"
)
_MAY_HOLD_A_BOX = re.compile(
    r"(?<![A-Z])(?:P ?O ?B?|BOX|BX|P ?O ?BO?X|DRAWER|CALLER|BIN|APARTADO|APT?DO|GPO|POST|RURAL|R ?R|R ?F ?D|RTE?"
    r"|ROUTE|R ?D|H ?C ?R?|HWY CONTRACT|HIGHWAY CONTRACT|S ?R|STAR|LOCKBOX)(?![A-Z])"
)

_MILITARY = re.compile(
    rf"(?P<route>(?:PSC|CMR|UNIT|OMC)(?: #)? ?[0-9]{{1,5}}|(?:USS|USCGC|USNS|USAV)(?: [A-Z0-9]+){{1,4}}?)(?: ,)?"
    rf"(?: BOX{_SIGN} {_BOX_ID})?(?: ,)?"
)


class Box(NamedTuple):
    """A box with its class and route, and what of the text is no part of it."""

    address_class: AddressClass
    route: str
    box: str
    rest: str


def read_box(text: str) -> Box | Defect | None:
    """The box a delivery line names; ``BOX_MISSING`` where it names only the route, ``None`` where no box.

    ``DRAWER``, ``CALLER`` and ``BIN`` are post office boxes; ``RFD``, ``RD`` and ``RT`` with a box are rural
    routes, star routes are highway contracts. Leading zeros and hyphens before a letter say nothing.

    Source: Publication 28 sections 24 (rural route), 25 (highway contract), 28 (post office box).
    """
    if not _MAY_HOLD_A_BOX.search(text):
        return None
    for address_class, pattern in (*_BOX_FIRST, *_ROUTES):
        if found := pattern.search(text):
            return _box(address_class, found["route"], found["box"], _without(text, found))
    if found := _PO_BOX.search(text) or _BARE_BOX.search(text):
        box = found["box"] or found["last"]
        return _box(AddressClass.PO_BOX, "", box, _without(text, found))
    if _BOX_WITHOUT_NUMBER.search(text) or _ROUTE_ALONE.fullmatch(text):
        return Defect.BOX_MISSING
    return None


def read_military(text: str) -> Box | Defect | None:
    """The box of a military unit or ship; ``BOX_MISSING`` without its box; ``None`` for anything else.

    Source: Publication 28 section 238 (overseas military addresses).
    """
    found = _MILITARY.fullmatch(text)
    if not found:
        return None
    if not found["box"]:
        return Defect.BOX_MISSING
    kind, _, identifier = found["route"].replace("# ", "").partition(" ")
    if not identifier:
        kind, identifier = re.sub(r"[0-9]", "", kind), re.sub(r"[^0-9]", "", kind)
    return Box(AddressClass.MILITARY, f"{kind} {_plain(identifier)}", _plain(found["box"]), "")


def _box(address_class: AddressClass, route: str, box: str, rest: str) -> Box | Defect:
    """The box, unless its number is nothing but zeros."""
    number = _plain(box.replace(" ", ""))
    return Defect.BOX_MISSING if number == "0" else Box(address_class, _plain(route), number, rest)


def _plain(identifier: str) -> str:
    return (identifier.lstrip("0") or "0") if identifier[:1].isdigit() else identifier


def _without(text: str, found: re.Match[str]) -> str:
    rest = f"{text[: found.start()]} , {text[found.end() :]}"
    return re.sub(r"(?: ,)+(?= ,)|^[ ,]+|[ ,]+$", "", re.sub(r" +", " ", rest))
