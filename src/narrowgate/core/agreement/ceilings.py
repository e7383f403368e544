"""What no agreement can exceed: figures and lists of the code, each with its reason.

An agreement narrows these; a wider one is not read. To widen one is a change of this file, reviewed as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from narrowgate.core.address.model import AddressClass
from narrowgate.core.matching import match_rule

STATUTES: Final = ("8 USC 1253(a)(1)",)
"""Federal criminal statutes that an item may cite: willful failure to depart (26 USC 6103(i)(2)(A))."""

ADDRESS_CLASSES: Final = (
    AddressClass.STREET,
    AddressClass.RURAL_ROUTE,
    AddressClass.HIGHWAY_CONTRACT,
    AddressClass.PO_BOX,
)
"""Accepted at most: a mailing address may be a box (26 USC 6103(b)(6)); military mail names no place."""

ADDRESS_CLASSES_DEFAULT: Final = ADDRESS_CLASSES[:3]
"""Accepted when an agreement names none: places where a person can live."""

MATCH_RULE_VERSION: Final = int(match_rule.MATCH_RULE_VERSION)
"""The one match rule this code has."""

LIMITS: Final[Mapping[str, int]] = {
    # A package is read by one official before one signature; 1.28 million items at once is what went wrong.
    "items_per_package": 10_000,
    "packages_per_day": 24,
    "items_per_day_per_office": 10_000,
    # 26 USC 6103(i)(2)(A): personally and directly engaged; one officer in a million cases is not.
    "caseload_per_officer": 200,
    # One address about one person: one bit for each person, whatever spellings are tried.
    "distinct_addresses_per_subject": 1,
    # DHS OIG-23-47: 780 addresses stood for more than 20 people each, shelters and offices among them.
    "subjects_per_address": 20,
    # 26 USC 6103(i)(2)(B)(iv): specific reasons; a text that fits twenty people is specific to none.
    "identical_reasons": 20,
    "filers_per_address": 20,
}
"""The greatest figure of each quota and budget."""

TAX_YEARS_PER_ITEM: Final = 12
"""26 USC 6103(i)(2)(B)(ii): the taxable period or periods, which is not all of them."""

AGREEMENT_DAYS: Final = 549
"""5 USC 552a(o)(2)(C): a matching agreement runs for at most 18 months; taken as good practice."""

ANSWERS_EXPIRE_DAYS: Final = 30
"""An answer says where a file stood, not where a person lives; after a month it is asked again."""

RELEASES_PER_DAY: Final = 24
"""Slots of one day; slots close together would show how long a run took."""

PROCESSING_HOURS: Final = 72
"""Between receipt and slot; an answer that lies longer is about yesterday's file."""

PACKAGE_DAYS: Final = 90
"""26 USC 6103(p)(4)(F): rows are destroyed after use; the accounting of (p)(3)(A) stays."""
