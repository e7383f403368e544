"""``narrowgate custodian delays``: write the list of delayed accounts whose digest an act puts in force."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import click

from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.files.durable_files import write_private
from narrowgate.core.answers.delay_list import (
    SALT_BYTES,
    DelayedItem,
    DelayList,
    delay_list_bytes,
    delay_list_sha256,
    parse_delay_list,
)
from narrowgate.core.base.errors import EnvelopeError, UsageError
from narrowgate.entrypoints.cli.custodian_open import Item
from narrowgate.entrypoints.cli.frame import ExampleCommand, done
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_file


@click.command(
    "delays",
    cls=ExampleCommand,
    epilog="narrowgate custodian delays --after delays-10.json --item p-2026-11-01:17 --until 2027-02-28"
    " --out delays-11.json",
)
@click.option("--after", type=EXISTING_FILE, help="The list in force, whose delays go on.")
@click.option("--item", "items", type=Item(), multiple=True, help="One more item; may be repeated.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day of the delay of these items.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New file (mode 0600).")
def delays(after: Path | None, items: tuple[tuple[str, int], ...], until: Any, out: Path) -> None:
    """Write the list of delayed accounts, and show the commitment that an act puts in force.

    'act propose accounts-delayed NAME --commitment SHA256' and two officers put it in force. Do so on a fixed day of
    every month, changed or not, so that its time tells nothing. Delays whose day has come can be left out: start anew
    without --after.
    """
    if items and until is None:
        raise UsageError("Items are named and no day until which they are delayed.", next_step="Add --until.")
    known: dict[tuple[str, int], DelayedItem] = {}
    if after is not None:
        try:
            before = parse_delay_list(read_file(after), str(after))
        except EnvelopeError as error:
            raise UsageError(
                "The file is no list of delayed accounts.",
                next_step="Name the list in force.",
                where=str(after),
            ) from error
        known = {(each.package, each.row): each for each in before.items}
    for package, row in items:
        known[package, row] = DelayedItem(package, row, until.replace(tzinfo=UTC).date())
    data = delay_list_bytes(DelayList(SystemEntropy().draw(SALT_BYTES), tuple(sorted(known.values()))))
    write_private(out, data)
    digest = delay_list_sha256(data)
    done(
        {"items": len(known), "commitment": digest, "file": str(out)},
        f"{len(known):,} items in {out}; its commitment is {digest}",
    )
