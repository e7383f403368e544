"""A person's account as text, as JSON and as a page; always in the same words, whatever is delayed."""

from __future__ import annotations

import json
from typing import Any, Final

from narrowgate.core.log.checkpoint import parse_checkpoint_text
from narrowgate.core.log.note import encode_base64, parse_note
from narrowgate.core.log.opening import opening_line
from narrowgate.verify.report_page import Column, code, facts, heading, page, paragraph, table
from narrowgate.verify.subject import Account, Disclosure

ACCOUNT_SCHEMA: Final = "narrowgate/account-of-a-person/v1"
TITLE: Final = "Account of disclosures about one person"
_LINES: Final = (
    "Each line is a question about the person whose number was given, as it was received from the office named, for "
    "the statute named, and what of the tax file was disclosed for it. Each is proved by an entry of the custodian's "
    "log."
)
_DELAY: Final = (
    "The law lets the account of a disclosure be delayed while an investigation is open. This account does not tell "
    "whether any is, neither by a line nor by the lack of one."
)
_LIMIT: Final = "Questions that named no taxpayer's number are not found by one."
SAYS: Final = (_LINES, _DELAY, _LIMIT)
"""What every account says, in the same words whatever it holds."""


def document(account: Account) -> dict[str, Any]:
    """Returns the account as one JSON object, with what proves each line."""
    return {
        "schema": ACCOUNT_SCHEMA,
        "title": TITLE,
        "says": list(SAYS),
        "origin": account.origin,
        "key": account.key,
        "checkpoint": account.checkpoint,
        "as_of": account.as_of,
        "disclosures": [_disclosure(each) for each in account.disclosures],
    }


def lines(account: Account) -> list[str]:
    """Returns the account as lines of text."""
    text = [f"{TITLE}, as of {account.as_of}", *SAYS, ""]
    for each in account.disclosures:
        text.append(f"{each.received}  {each.office}  {each.statute}")
        text.append(f"    {each.what}")
        if each.disclosed:
            text.append(f"    Disclosed {each.disclosed}.")
        if each.recalled:
            text.append(f"    Called back {each.recalled}: the answer must not be acted on.")
        text.append(f"    Package {each.package}, row {each.row}, leaf {each.leaf} of {account.origin}.")
    return [*text, f"{len(account.disclosures):,} lines."]


def account_page(account: Account) -> bytes:
    """Returns the account as an HTML page."""
    checkpoint = parse_checkpoint_text(parse_note(account.checkpoint).text)
    return page(
        TITLE,
        [
            *(paragraph(words) for words in SAYS),
            facts(
                (
                    ("as of", account.as_of),
                    ("log", account.origin),
                    ("entries", f"{checkpoint.size:,}"),
                    ("root", code(checkpoint.root.hex())),
                    ("key", code(account.key)),
                )
            ),
            heading(2, "Lines"),
            table(
                "lines",
                f"{len(account.disclosures):,} lines",
                (
                    Column("received"),
                    Column("from"),
                    Column("statute"),
                    Column("what was disclosed"),
                    Column("disclosed"),
                    Column("called back"),
                    Column("proved by"),
                ),
                [
                    (
                        each.received,
                        each.office,
                        each.statute,
                        each.what,
                        each.disclosed,
                        each.recalled,
                        f"leaf {each.leaf}: package {each.package}, row {each.row}",
                    )
                    for each in account.disclosures
                ],
            ),
        ],
    )


def _disclosure(each: Disclosure) -> dict[str, Any]:
    return {
        "package": each.package,
        "row": each.row,
        "received": each.received,
        "office": each.office,
        "statute": each.statute,
        "tax_years": each.tax_years,
        "what": each.what,
        "disclosed": each.disclosed,
        "recalled": each.recalled,
        "leaf": each.leaf,
        "entry": each.entry.decode(),
        "proof": [encode_base64(value) for value in each.proof],
        "opening": json.loads(opening_line(each.opening)),
    }
