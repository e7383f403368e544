"""``narrowgate custodian open``: salt and value of single commitments of the log, for whom an order allows it."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import click

from narrowgate.core.base.errors import UsageError
from narrowgate.core.log.opening import Opened
from narrowgate.entrypoints.cli.frame import ExampleCommand, done, warn
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_file
from narrowgate.entrypoints.openings import Chosen, write_openings
from narrowgate.entrypoints.settings import read_settings
from narrowgate.verify.tin_file import read_tin

_ITEM = re.compile(r"([A-Za-z0-9][A-Za-z0-9._/-]{0,199}):(0|[1-9][0-9]{0,9})")
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


class Item(click.ParamType[tuple[str, int]]):
    """One item as ``PACKAGE:ROW``; the row as its leaf counts it, from 0."""

    name = "PACKAGE:ROW"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The pair, or a usage error."""
        if not (match := _ITEM.fullmatch(str(value))):
            self.fail("An item is named PACKAGE:ROW, the row as the log counts it, from 0.", param, ctx)
        return match[1], int(match[2])


class Month(click.ParamType[str]):
    """A month in UTC as ``YYYY-MM``."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The text, or a usage error."""
        if not _MONTH.fullmatch(str(value)):
            self.fail("A month is written YYYY-MM.", param, ctx)
        return value


@click.command(
    "open",
    cls=ExampleCommand,
    epilog="narrowgate custodian open --config demo --item p-2026-11-01:17 --what outcome --order order.pdf"
    " --out opened.ndjson",
)
@click.option(
    "--config",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="gate.toml, or its directory.",
)
@click.option("--package", "packages", multiple=True, help="Every item of this package; may be repeated.")
@click.option("--item", "items", type=Item(), multiple=True, help="One item; may be repeated.")
@click.option(
    "--month",
    "months",
    type=Month(),
    multiple=True,
    help="Every package that was received, decided or released in this month (UTC); may be repeated.",
)
@click.option(
    "--tin",
    type=EXISTING_FILE,
    help="Every item about the person whose taxpayer's number is in this file, for their account.",
)
@click.option(
    "--what",
    type=click.Choice([each.value for each in Opened]),
    multiple=True,
    required=True,
    help="Which commitment of each item; may be repeated.",
)
@click.option(
    "--order",
    type=EXISTING_FILE,
    required=True,
    help="The act, order or consent that allows it; each line names its SHA-256.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="New file for the openings (JSON lines, mode 0600).",
)
def open_commitments(
    config: Path,
    tin: Path | None,
    what: tuple[str, ...],
    order: Path,
    out: Path,
    **named: Any,
) -> None:
    """Open single commitments of the log for a court or an inspector: salt and value, and nothing of any other item.

    Every opening is compared with its leaf before it is written. What is opened comes from the gate's own copy of the
    package and its data key alone: no index is read, and neither log nor state is changed. Once the data key of a
    package is destroyed, nothing of it can be opened any more. Whoever is handed the file can show it to anybody:
    a row names a person, an outcome is return information.
    """
    if not (any(named.values()) or tin):
        raise UsageError(
            "Nothing is named that is to be opened.",
            next_step="Add --package, --item, --month or --tin; see --help.",
        )
    packages, items, months = (frozenset(named[each]) for each in ("packages", "items", "months"))
    chosen = Chosen(packages, items, months, read_tin(tin) if tin is not None else "")
    wanted = tuple(each for each in Opened if each in what)
    document = read_file(order)
    if not document.strip():
        raise UsageError(
            "The order is empty.",
            why="Each opening names the document that allows it, by its digest.",
            next_step="Name the file of the act, order or consent.",
            where=str(order),
        )
    order_sha256 = sha256(document).hexdigest()
    granted = write_openings(read_settings(config), chosen, wanted, order_sha256, out)
    if granted.closed:
        warn(f"{granted.closed:,} packages were not looked through: their data keys were destroyed.")
    done(
        {
            "openings": granted.openings,
            "items": granted.items,
            "not_looked_through": granted.closed,
            "order_sha256": order_sha256,
            "file": str(out),
        },
        f"{granted.openings:,} openings of {granted.items:,} items in {out}, by the order {order_sha256[:16]}…",
    )
