"""One row of a case file around a question: every other column as an eligible item has it."""

from __future__ import annotations

import random
from datetime import date, timedelta

from support.pseudopeople_questions import Question

OFFICERS = tuple(f"officer-{number}" for number in range(1, 10))
"""Ids of the officers named; a sandbox registers every officer it finds."""

_SOURCES = (
    "lease agreement",
    "utility account",
    "vehicle registration",
    "employer statement",
    "court record",
)
_WITNESSES = ("landlord", "employer", "former spouse", "surety", "neighbor", "parole officer")
_SHOWS = (
    "shows where the defendant lived when the departure notice was served",
    "rebuts the claim that the defendant had left the country by then",
    "corroborates the residence stated in the indictment",
    "establishes that the defendant received the travel document request",
)
_CODES = ("CORROBORATE_RESIDENCE", "ESTABLISH_IDENTITY", "SERVE_PROCESS", "REBUT_DEFENSE")


def case_row(number: int, question: Question, today: date, source: random.Random) -> dict[str, str]:
    """The 25 columns of one item, eligible in everything but what the question itself gets wrong.

    Args:
        number: of the row, from 1; part of the item id.
        question: who is asked about, where, and for which years.
        today: day of the question.
        source: of dates and numbers.
    """
    who = question.who
    ordered = today - timedelta(days=source.randrange(120, 1500))
    opened = today - timedelta(days=source.randrange(20, 400))
    return {
        "item": f"case-{number:06d}",
        "given_names": question.given_names or who.given_name,
        "surnames": question.surnames or who.surnames,
        "birth_date": who.birth_date,
        "tin": who.tin if question.by_tin else "",
        "alien_number": f"A{source.randrange(10**9):09d}",
        **question.address,
        "address_source": source.choice(_SOURCES),
        "address_verified_on": _days_before(today, source.randrange(1, 80)),
        "tax_years": " ".join(map(str, question.years)),
        "statute": "8 USC 1253(a)(1)",
        "investigation_number": f"INV-{opened.year}-{source.randrange(10**6):06d}",
        "investigation_opened_on": opened.isoformat(),
        "removal_order_number": f"RO-{source.randrange(10**7):07d}",
        "removal_order_date": ordered.isoformat(),
        "removal_ground": "8 USC 1227(a)(1)(B)",
        "stayed": "no",
        "in_custody": "no",
        "reason_code": source.choice(_CODES),
        "reason": _reason(today, source),
        "officers": " ".join(sorted(source.sample(OFFICERS, 2))),
    }


def _reason(today: date, source: random.Random) -> str:
    seen = _days_before(today, source.randrange(100, 900))
    return (
        f"The {source.choice(_WITNESSES)} stated on {seen}, exhibit {source.randrange(10**5)}, that the"
        f" defendant lived there; the address {source.choice(_SHOWS)} under docket {source.randrange(10**6)}."
    )


def _days_before(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
