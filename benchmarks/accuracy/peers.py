"""The peers' verdicts on the labeled pairs, as JSON: ``python -m benchmarks.accuracy.peers PAIRS OUT``."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.accuracy.data import Pair, load_pairs
from benchmarks.accuracy.peer_address import all_equal, components, folded, lenient, scourgified
from benchmarks.accuracy.peer_splink import pair_probabilities
from rapidfuzz import fuzz

PACKAGES = ("usaddress", "usaddress-scourgify", "rapidfuzz", "splink", "duckdb")


def verdicts(pairs: list[Pair]) -> dict[str, list[bool]]:
    """Each method's verdict on each pair."""
    a = [components(pair.a) for pair in pairs]
    b = [components(pair.b) for pair in pairs]
    ratios = [fuzz.token_sort_ratio(folded(pair.a), folded(pair.b)) for pair in pairs]
    scourgify = [(scourgified(pair.a), scourgified(pair.b)) for pair in pairs]
    probabilities = pair_probabilities(a, b)
    return {
        "string equality": [pair.a == pair.b for pair in pairs],
        "case-folded": [folded(pair.a) == folded(pair.b) for pair in pairs],
        "usaddress, all components equal": [all_equal(*both) for both in zip(a, b, strict=True)],
        "usaddress, blanks tolerated, name ratio >= 85": [lenient(*both) for both in zip(a, b, strict=True)],
        "usaddress-scourgify equal": [left is not None and left == right for left, right in scourgify],
        "rapidfuzz token_sort_ratio >= 90": [ratio >= 90 for ratio in ratios],
        "rapidfuzz token_sort_ratio >= 95": [ratio >= 95 for ratio in ratios],
        "Splink, EM, p >= 0.99": [probability >= 0.99 for probability in probabilities],
        "Splink, EM, p >= 0.999": [probability >= 0.999 for probability in probabilities],
    }


def main() -> None:
    """Read the pairs, write verdicts and versions."""
    source, target = map(Path, sys.argv[1:])
    found = {
        "versions": {package: version(package) for package in PACKAGES},
        "verdicts": verdicts(load_pairs(source)),
    }
    target.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
