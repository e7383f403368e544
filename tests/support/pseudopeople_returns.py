"""Simulated US tax returns (PyPI: pseudopeople) as plain values, with the true person behind each.

The sample that the package ships has one city and one ZIP; each street gets a real city, state and ZIP here.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

LOCALITIES = tuple(
    (city, state, zip5)
    for city, state, zip5 in (
        line.strip().rsplit(maxsplit=2)
        for line in """
        VANCOUVER WA 98685
        BUCKLEY WA 98321
        MEAD WA 99021
        BOARDMAN OR 97818
        MARINA DEL REY CA 90292
        WILMINGTON CA 90744
        TRES PINOS CA 95075
        GLENDALE CA 91208
        HOUSTON TX 77002
        SAN ANTONIO TX 78249
        DALLAS TX 75209
        NORMANGEE TX 77871
        ROCKFORD IL 61102
        ELBURN IL 60119
        PURDYS NY 10578
        PUTNAM STATION NY 12861
        NEW SMYRNA BEACH FL 32169
        HORSESHOE BEACH FL 32648
        RAY CITY GA 31645
        FAYETTEVILLE NC 28306
        EAST RUTHERFORD NJ 07073
        POMPTON LAKES NJ 07442
        MAYPORT PA 16240
        SULLIVAN OH 44880
        STANWOOD MI 49346
        PHOENIX AZ 85041
        OROVADA NV 89425
        AGATE CO 80101
        ROOSEVELT UT 84066
        MORIARTY NM 87035
        DOVER MA 02030
        FORESTDALE MA 02644
        BRENTWOOD MD 20722
        BRUINGTON VA 23023
        MEMPHIS TN 38126
        ASHBURN MO 63433
        MINNEOTA MN 56264
        MILWAUKEE WI 53203
        RED OAK IA 51566
        ANDOVER KS 67002
        STRANG NE 68444
        OKLAHOMA CITY OK 73142
        GRAND CANE LA 71032
        BRADLEY SC 29819
        CALVIN KY 40813
        BORDEN IN 47106
        WEST SIMSBURY CT 06092
        CRANSTON RI 02920
        MADBURY NH 03823
        HIRAM ME 04041
        CAMBRIDGE ID 83610
        LAVINA MT 59046
        """.strip().splitlines()
    )
)
"""Real triples of city, state and ZIP."""


@dataclass(frozen=True)
class Simulant:
    """A person as one return names them; ``identifier`` is the truth, empty where it is not known."""

    identifier: str
    given_name: str
    initial: str
    surnames: str
    tin: str
    birth_date: str
    """ISO 8601, or empty."""


@dataclass(frozen=True)
class Place:
    """A mailing address in the simulation's parts."""

    number: str = ""
    street: str = ""
    unit: str = ""
    po_box: str = ""
    city: str = ""
    state: str = ""
    zip5: str = ""

    @property
    def line_1(self) -> str:
        """Number and street, or the box."""
        street = f"{self.number} {self.street}".strip()
        return street or (f"PO BOX {self.po_box}" if self.po_box else "")


@dataclass(frozen=True)
class Return:
    """One Form 1040: the two filers, the dependents, and where it was mailed from."""

    tax_year: int
    household: str
    primary: Simulant
    spouse: Simulant | None
    dependents: tuple[Simulant, ...]
    place: Place

    @property
    def filers(self) -> tuple[Simulant, ...]:
        """The primary taxpayer, and the spouse of a joint return."""
        return (self.primary, self.spouse) if self.spouse else (self.primary,)


@cache
def returns(tax_year: int, *, noise: bool) -> tuple[Return, ...]:
    """Every simulated return of one year, in the same order with and without noise.

    Args:
        tax_year: 2018 to 2040.
        noise: the package's default errors of writing, or none; in neither case is a row left out.
    """
    births = _births(tax_year)
    truth = _rows(tax_year, noise=False)
    written = _rows(tax_year, noise=True) if noise else truth
    return tuple(_return(row, true, births, tax_year) for row, true in zip(written, truth, strict=True))


@dataclass(frozen=True)
class _Births:
    date_of: dict[str, str]
    simulant_of: dict[str, str]


@cache
def _births(tax_year: int) -> _Births:
    with _quiet():
        import pseudopeople

        frame = pseudopeople.generate_social_security(config=pseudopeople.NO_NOISE, year=tax_year)
    rows = frame.astype(object).to_dict("records")
    iso = {r["simulant_id"]: _iso(str(r["date_of_birth"])) for r in rows}
    return _Births(iso, {str(r["ssn"]): r["simulant_id"] for r in rows})


@cache
def _rows(tax_year: int, *, noise: bool) -> list[dict[str, Any]]:
    with _quiet():
        import pseudopeople

        config: Any = pseudopeople.NO_NOISE
        if noise:
            row_noise = pseudopeople.get_config()["taxes_1040"]["row_noise"]
            config = {
                "taxes_1040": {
                    "row_noise": {kind: dict.fromkeys(rates, 0.0) for kind, rates in row_noise.items()}
                }
            }
        frame = pseudopeople.generate_taxes_1040(config=config, year=tax_year)
    frame = frame.astype(object).where(frame.notna(), "")
    rows: list[dict[str, Any]] = frame.to_dict("records")
    return rows


@contextlib.contextmanager
def _quiet() -> Any:
    """No progress bar, no log line, no deprecation of the libraries below."""
    from loguru import logger

    logger.disable("pseudopeople")
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _return(row: dict[str, Any], true: dict[str, Any], births: _Births, tax_year: int) -> Return:
    dependents = [_simulant(row, true, f"dependent_{number}_", births) for number in range(1, 5)]
    return Return(
        tax_year=tax_year,
        household=str(true["household_id"]),
        primary=_simulant(row, true, "", births),
        spouse=_simulant(row, true, "spouse_", births) if true["spouse_ssn"] else None,
        dependents=tuple(dependent for dependent in dependents if dependent.tin),
        place=_place(row, true),
    )


def _simulant(row: dict[str, Any], true: dict[str, Any], prefix: str, births: _Births) -> Simulant:
    identifier = births.simulant_of.get(str(true[f"{prefix}ssn"]), "") if prefix else str(true["simulant_id"])
    return Simulant(
        identifier=identifier,
        given_name=str(row[f"{prefix}first_name"]),
        initial=str(row.get(f"{prefix}middle_initial", "")),
        surnames=str(row[f"{prefix}last_name"]),
        tin=str(row[f"{prefix}ssn"]),
        birth_date=births.date_of.get(identifier, ""),
    )


def _place(row: dict[str, Any], true: dict[str, Any]) -> Place:
    number, street, unit, po_box, city, state, zip5 = (
        str(row[f"mailing_address_{part}"])
        for part in ("street_number", "street_name", "unit_number", "po_box", "city", "state", "zipcode")
    )
    known = locality_of(str(true["mailing_address_street_name"] or true["mailing_address_po_box"]))
    return Place(
        number,
        street,
        unit,
        po_box,
        city=known[0] if city == "Anytown" else city,
        state=known[1] if state == "WA" else state,
        zip5=_same_errors(zip5, known[2]),
    )


def locality_of(street: str) -> tuple[str, str, str]:
    """City, state and ZIP of a street (or of the box with this number), always the same."""
    digest = hashlib.sha256(street.lower().encode()).digest()
    return LOCALITIES[int.from_bytes(digest[:4], "big") % len(LOCALITIES)]


def _same_errors(written: str, zip5: str) -> str:
    """The ZIP with the errors that the simulation made in 00000."""
    if len(written) != 5:
        return written
    return "".join(right if digit == "0" else digit for digit, right in zip(written, zip5, strict=True))


def _iso(compact: str) -> str:
    return f"{compact[:4]}-{compact[4:6]}-{compact[6:8]}" if len(compact) == 8 and compact.isdigit() else ""
