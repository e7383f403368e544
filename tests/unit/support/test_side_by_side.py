"""Tests that share what is dear go to one worker, and all others to any."""

from __future__ import annotations

import pytest

from support.side_by_side import group_of


@pytest.mark.parametrize(
    ("test", "group"),
    [
        ("tests/contract/test_index_contract.py::test_a[spark]", "spark"),
        ("tests/contract/test_index_contract.py::test_a[spark-1]", "spark"),
        ("tests/e2e/test_spark_command_line.py::test_b", "spark"),
        ("tests/contract/test_state_contract.py::test_a[postgresql]", "postgresql"),
        ("tests/unit/adapters/readers/test_postgresql.py::test_c", "postgresql"),
        ("tests/e2e/test_pseudopeople_sandbox.py::test_d[clean file]", "pseudopeople"),
    ],
)
def test_tests_that_share_a_server_or_a_simulation_are_one_group(test: str, group: str) -> None:
    assert group_of(test) == group


def test_every_test_collected_here_that_takes_a_server_is_in_the_group_of_one(
    request: pytest.FixtureRequest,
) -> None:
    servers = {"cluster": "spark", "postgresql": "postgresql"}
    astray = []
    for item in request.session.items:
        if isinstance(item, pytest.Function):
            taken = {servers[name] for name in item.fixturenames if name in servers}
            if taken and group_of(item.nodeid) not in taken:
                astray.append(item.nodeid)
    assert astray == []


def test_a_module_with_a_fixture_of_its_own_is_one_group() -> None:
    module = "tests/install/test_built_distributions.py"
    assert group_of(f"{module}::test_a") == group_of(f"{module}::test_b[1]") == module


def test_other_tests_are_alone_even_where_a_word_of_theirs_is_spark() -> None:
    for test in ("tests/docs/test_documentation.py::test_a", "tests/unit/x.py::test_b[sparkling]"):
        assert group_of(test) == test
