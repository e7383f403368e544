"""The parts of a US postal address, named as in USPS Publication 28."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

CANONICAL_FORM_VERSION = "2"
"""Version of the canonical form; part of every token, index, agreement and log entry."""


# Named tuples here, in ``core.person.model`` and in ``core.eligibility.examine``: an item and a record make several of
# them, and a frozen dataclass takes three times as long to make.
class RawAddress(NamedTuple):
    """An address as somebody wrote it: text, in one line or in up to five fields."""

    address_line_1: str = ""
    address_line_2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""


class AddressClass(StrEnum):
    """Kinds of delivery point the canonical form knows; an agreement accepts some of them."""

    STREET = "street"
    RURAL_ROUTE = "rural_route"
    HIGHWAY_CONTRACT = "highway_contract"
    PO_BOX = "po_box"
    MILITARY = "military"


class Defect(StrEnum):
    """Why a text is not a sufficient address; every defect has one eligibility rule."""

    PLACEHOLDER = "placeholder"
    NOT_AN_ADDRESS = "not_an_address"
    NUMBER_MISSING = "number_missing"
    STREET_MISSING = "street_missing"
    BOX_MISSING = "box_missing"
    LOCALITY_MISSING = "locality_missing"
    NOT_UNDERSTOOD = "not_understood"
    UNIT_MISSING = "unit_missing"
    INSTITUTION_WORD = "institution_word"
    INSTITUTION_LISTED = "institution_listed"
    CARE_OF = "care_of"
    GENERAL_DELIVERY = "general_delivery"
    PRIVATE_MAILBOX = "private_mailbox"
    FOREIGN = "foreign"
    ZIP_STATE_CONFLICT = "zip_state_conflict"


class DeliveryPoint(NamedTuple):
    """A sufficient address in canonical form: every part folded, standardized, and understood.

    A part that the address does not have is the empty string. ``units`` holds the identifiers in canonical order
    without general designator words (``APT``, ``#``, ``UNIT`` and ``STE`` are equal), each such as ``4B``, a two-level
    unit as two entries. ``number`` holds digits with any prefix, fraction or letter (``N6W23001``, ``39 1/2``,
    ``112-10``). ``route`` and ``box`` are for rural routes, highway contracts, boxes and military mail. ``zip5``,
    or else ``city`` and ``state``, are always present.
    """

    address_class: AddressClass
    number: str = ""
    predirectional: str = ""
    street_name: str = ""
    suffix: str = ""
    postdirectional: str = ""
    units: tuple[str, ...] = ()
    route: str = ""
    box: str = ""
    urbanization: str = ""
    city: str = ""
    state: str = ""
    zip5: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """One normalization stage's effect, for ``narrowgate address explain``."""

    name: str
    before: str
    after: str
    why: str


class Examined(NamedTuple):
    """What the canonical form makes of one address: a delivery point, or defects, never both.

    ``warnings`` are lint findings that refuse nothing (a city unknown to the ZIP).
    """

    delivery_point: DeliveryPoint | None
    defects: tuple[Defect, ...] = ()
    warnings: tuple[str, ...] = ()
