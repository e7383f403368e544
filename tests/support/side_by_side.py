"""Which tests go to one worker of pytest-xdist: those that share what is dear to make.

``--dist loadgroup`` would do it by marks, but pytest-xdist 3.8 groups nothing under pytest 9.2
(pytest-dev/pytest-xdist issue 1386). So the scheduler is given the groups here, by the names of the tests.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

PROJECT = Path(__file__).resolve().parents[2]

SHARED = {
    "spark": re.compile(r"test_spark_|\[spark[]-]"),
    "postgresql": re.compile(r"test_postgresql|test_two_machines|\[postgresql[]-]|::test_\w*_server(?:_|$)"),
    "pseudopeople": re.compile(r"test_pseudopeople_"),
}
"""A server, or a simulation of some seconds, that a worker makes once."""


class SideBySide(LoadScopeScheduling):
    """Gives every test to the next free worker, and tests of one group to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """What a test shares with others, or its module where that has a fixture of its own, or the test alone."""
    for name, needs_it in SHARED.items():
        if needs_it.search(nodeid):
            return name
    module = nodeid.partition("::")[0]
    return module if _shares_a_fixture(module) else nodeid


@cache
def _shares_a_fixture(module: str) -> bool:
    path = PROJECT / module
    return path.is_file() and 'scope="module"' in path.read_text(encoding="utf-8")
