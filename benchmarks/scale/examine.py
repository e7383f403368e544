"""Step 6 by itself: items drawn from the whole country, in one process, without packages, workers or log."""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from pathlib import Path

from benchmarks.scale.build import CREATED
from benchmarks.scale.gate import agreement_of
from benchmarks.scale.measure import record, show
from benchmarks.scale.population import ALL_PLACES, Population, officers_of

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import RawAddress
from narrowgate.core.eligibility.history.digests import HistoryDigester
from narrowgate.core.log.leaf import Salts
from narrowgate.core.request.item import item_row
from narrowgate.entrypoints.sandbox.credentials import create_credentials
from narrowgate.gate.step_06_eligibility import BATCH_ITEMS, Terms, examine_batch


def terms_and_rows(items: int, people: int) -> tuple[Terms, list[bytes]]:
    """Items as rows of a package, and the terms on which the gate examines them."""
    rows = [item_row(item) for item, _ in Population(ALL_PLACES).items(items, people, CREATED.date())]
    with tempfile.TemporaryDirectory() as home:
        credentials = create_credentials(Path(home), officers_of(2), CREATED, SeededEntropy(b"scale"))
    terms = Terms(
        agreement=agreement_of(credentials),
        today=CREATED.date(),
        officers=frozenset(officers_of(items)),
        facilities=frozenset(),
        digester=HistoryDigester(b"h" * 32, b"term"),
        salts=Salts(b"s" * 32),
    )
    return terms, rows


def main() -> None:
    """Print the processor microseconds of one item, batch by batch and in all, and append them to the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=40_000)
    parser.add_argument("--people", type=int, default=1_280_000)
    parser.add_argument("--directory", type=Path, default=Path("build/scale"))
    options = parser.parse_args()
    terms, rows = terms_and_rows(options.items, options.people)
    examine_address(RawAddress("12 Oak St", "", "Springfield", "IL", "62704"))  # reads the tables
    gc.collect()
    gc.freeze()
    gc.disable()  # as in a worker
    spent: list[float] = []
    for first in range(0, len(rows), BATCH_ITEMS):
        started = time.process_time()
        examine_batch(terms, (first, rows[first : first + BATCH_ITEMS]))
        spent.append(time.process_time() - started)
    each = sum(spent) / len(rows) * 1e6
    table = [
        (at * BATCH_ITEMS, seconds / min(BATCH_ITEMS, len(rows) - at * BATCH_ITEMS) * 1e6)
        for at, seconds in enumerate(spent)
    ]
    show("Step 6 in one process", ("from item", "processor µs an item"), [*table, ("all", each)])
    record(options.directory / "results.jsonl", "examine", items=options.items, microseconds=each)


if __name__ == "__main__":
    main()
