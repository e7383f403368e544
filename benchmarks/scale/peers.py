"""What a user would pick instead, in an environment of its own: ``peers.py RECORDS CASES RESULTS MEMORY_LIMIT``.

Both get the same Parquet files, and the keys that the match rule has: an item with a TIN asks for that TIN,
another one for its birth date. Neither checks an item, keeps a log or seals an answer.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = (0.99, 0.999)

_WORDS = {
    "STREET": "ST", "AVENUE": "AVE", "DRIVE": "DR", "ROAD": "RD", "LANE": "LN", "COURT": "CT", "BOULEVARD": "BLVD",
    "PLACE": "PL", "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W", "UNIT": "APT",
}  # fmt: skip


def _clean(column: str) -> str:
    """Capitals, letters and digits only, single spaces, thirteen words abbreviated, ``#`` an apartment."""
    text = f"regexp_replace(replace(upper({column}), '#', 'APT '), '[^A-Z0-9]+', ' ', 'g')"
    for word, short in _WORDS.items():
        text = f"regexp_replace({text}, '\\b{word}\\b', '{short}', 'g')"
    return f"trim({text})"


def _load(connection: duckdb.DuckDBPyConnection, records: str, cases: str) -> None:
    parts = f"""
        trim(upper(given_names)) AS given, trim(upper(surnames)) AS surname, replace(tin, '-', '') AS tin,
        birth_date, {_clean("address_line_1")} AS line, upper(city) AS city, upper(state) AS state, zip
    """
    connection.execute(
        f"CREATE TABLE records AS SELECT row_number() OVER () AS unique_id, {parts} "
        f"FROM read_parquet('{records}') WHERE suppressed <> 'yes'"
    )
    connection.execute(
        f"CREATE TABLE cases AS SELECT item AS unique_id, truth, {parts} FROM read_parquet('{cases}')"
    )


def join(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Items whose cleaned strings equal a record's."""
    place = "(a.zip = f.zip OR (a.zip = '' AND a.city = f.city AND a.state = f.state))"
    same = f"a.given = f.given AND a.surname = f.surname AND a.line = f.line AND {place}"
    rows = connection.execute(
        f"SELECT a.unique_id FROM cases a JOIN records f ON a.tin = f.tin AND a.tin <> '' AND {same} UNION "
        f"SELECT a.unique_id FROM cases a JOIN records f ON a.birth_date = f.birth_date AND a.tin = '' AND {same}"
    ).fetchall()
    return {item for (item,) in rows}


def link(connection: duckdb.DuckDBPyConnection) -> dict[float, set[str]]:
    """Items that a Splink model of person and address, trained without labels, links to a record."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection)
    columns = ", ".join(
        ["unique_id::VARCHAR AS unique_id"]
        + [
            f"nullif({name}, '') AS {name}"
            for name in ("given", "surname", "tin", "birth_date", "line", "city", "zip")
        ]
    )
    frames = [
        api.register(
            connection.sql(f"SELECT {columns} FROM {name}").to_arrow_table(),
            dataset_display_name=f"{name}_to_link",
        )
        for name in ("records", "cases")
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]),
            cl.LevenshteinAtThresholds("tin", 1),
            cl.ExactMatch("birth_date"),
            cl.JaroWinklerAtThresholds("line", [0.97, 0.9]),
            cl.LevenshteinAtThresholds("zip", 1),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("tin"), block_on("birth_date", "surname"), block_on("line", "zip")
        ],
    )  # fmt: skip
    model = Linker(frames, settings, log_level=None)
    model.training.estimate_probability_two_random_records_match([block_on("tin", "surname")], recall=0.7)
    model.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("tin"), block_on("line", "zip")):
        model.training.estimate_parameters_using_expectation_maximisation(rule)
    links = model.inference.predict(threshold_match_probability=min(THRESHOLDS), warning_mode="never")
    found = links.as_pyarrow_table().select(
        ["source_dataset_l", "unique_id_l", "unique_id_r", "match_probability"]
    )
    linked: dict[float, set[str]] = {limit: set() for limit in THRESHOLDS}
    for _, left, right, probability in zip(*(column.to_pylist() for column in found.columns), strict=True):
        for limit in THRESHOLDS:
            if probability >= limit:
                linked[limit] |= {one for one in (left, right) if one.startswith("C")}
    return linked


def main() -> None:
    """Run both and write their seconds, memory and errors."""
    records, cases, results, memory_limit = sys.argv[1:]
    connection = duckdb.connect(config={"threads": 2, "memory_limit": memory_limit})
    loading = _seconds(lambda: _load(connection, records, cases))
    truth: dict[str, str] = dict(connection.execute("SELECT unique_id, truth FROM cases").fetchall())
    rows = []
    confirmed: list[set[str]] = []
    seconds = _seconds(lambda: confirmed.append(join(connection)))
    rows.append(
        {"method": "SQL join on cleaned strings", "seconds": loading + seconds, **errors(confirmed[0], truth)}
    )
    linked: list[dict[float, set[str]]] = []
    seconds = _seconds(lambda: linked.append(link(connection)))
    for limit, found in linked[0].items():
        rows.append({"method": f"Splink, p >= {limit}", "seconds": loading + seconds, **errors(found, truth)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    Path(results).write_text(json.dumps([{**row, "peak_mb": peak} for row in rows]))


def errors(confirmed: set[str], truth: dict[str, str]) -> dict[str, int]:
    """How many wrong items are confirmed, and how many true ones are not; a refused item is a wrong one."""
    wrong = sum(truth[item] in {"must_not_confirm", "refused"} for item in confirmed)
    missed = sum(known == "must_confirm" and item not in confirmed for item, known in truth.items())
    return {"confirmed": len(confirmed), "wrong": wrong, "missed": missed}


def _seconds(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
