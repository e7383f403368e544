"""Splink 5 on DuckDB, trained without labels as its guide teaches."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import splink.comparison_library as cl
from benchmarks.accuracy.peer_address import Components
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

SEED = 1
_U_PAIRS = 2e6
_BLANK = Components(*[""] * 11)

ADDRESS_COMPARISONS = (
    cl.ExactMatch("number"),
    cl.ExactMatch("predirectional"),
    cl.JaroWinklerAtThresholds("street_name", [0.92, 0.8]),
    cl.ExactMatch("suffix"),
    cl.ExactMatch("postdirectional"),
    cl.ExactMatch("unit"),
    cl.ExactMatch("box"),
    cl.LevenshteinAtThresholds("zip5", 1),
    cl.ExactMatch("city"),
)


def table(parsed: Iterable[Components | None], **more: Sequence[object]) -> pa.Table:
    """A table of components with a blank as null, in input order, and further columns beside them."""
    parts = [asdict(one or _BLANK) for one in parsed]
    columns: dict[str, Sequence[object]] = {
        name: [row[name] or None for row in parts] for name in asdict(_BLANK)
    }
    return pa.table({"unique_id": range(len(parts)), **columns, **more})


def linker(left: pa.Table, right: pa.Table, comparisons: Sequence[Any], blocking: Sequence[Any]) -> Linker:
    """An untrained model that links ``left`` to ``right``."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI()
    frames = [
        api.register(left, dataset_display_name="a"),
        api.register(right, dataset_display_name="b"),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=list(comparisons),
        blocking_rules_to_generate_predictions=list(blocking),
    )
    return Linker(frames, settings, log_level=None)


def pair_probabilities(a: Sequence[Components | None], b: Sequence[Components | None]) -> list[float]:
    """The match probability of each pair of addresses.

    Trained on the pairs themselves without their labels: u by random sampling, m by expectation maximization
    over the pairs, the prior from exact number, name and ZIP.
    """
    order = list(range(len(a)))
    model = linker(table(a, pair=order), table(b, pair=order), ADDRESS_COMPARISONS, [block_on("pair")])
    model.training.estimate_probability_two_random_records_match(
        [block_on("number", "street_name", "zip5"), block_on("box", "zip5")], recall=0.7
    )
    model.training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=SEED)
    model.training.estimate_parameters_using_expectation_maximisation(
        block_on("pair"), record_sample_proportion=1.0
    )
    found = model.inference.predict(warning_mode="never").as_pyarrow_table()
    probabilities = [0.0] * len(a)
    for pair, probability in zip(
        found["unique_id_l"].to_pylist(), found["match_probability"].to_pylist(), strict=True
    ):
        probabilities[pair] = probability
    return probabilities
