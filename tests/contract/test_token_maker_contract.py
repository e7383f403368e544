"""Whoever holds the index key makes the same tokens: a process of its own, several, and the simulated one."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from narrowgate.adapters.token_process import TokenProcesses
from narrowgate.core.address.model import AddressClass, DeliveryPoint
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from narrowgate.core.matching.match_rule import Relaxations
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.person.identity import IdentityKey
from narrowgate.core.person.model import Person
from narrowgate.gate.packing import pack_admitted
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms, TokenMaker
from support.simulated_tokens import SimulatedTokens

KEY = bytes(range(32))
TERMS = QuestionTerms(tuple(IdentityKey), Relaxations())
SIMULATED = SimulatedTokens(IndexKey(KEY))


@pytest.fixture(params=["simulated", "one process", "three processes"])
def tokens(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TokenMaker]:
    if request.param == "simulated":
        yield SIMULATED
        return
    processes = TokenProcesses(key_file(tmp_path), 1 if request.param == "one process" else 3)
    yield processes
    processes.close()


def key_file(home: Path) -> str:
    (home / "index.key").write_bytes(KEY)
    (home / "index.key").chmod(0o600)
    return f"file:{home / 'index.key'}"


def askings(batches: int) -> list[Asking]:
    """Batches of three admitted items, of which two are asked about."""
    made = []
    for batch in range(batches):
        numbers = range(3 * batch, 3 * batch + 3)
        items = [
            (
                number,
                Person(("MARIA", "ELENA"), ("GARCIA", "LOPEZ"), "1980-02-03", f"{900_000_000 + number}"),
                DeliveryPoint(
                    AddressClass.STREET, str(number), "", "LARKMEADOW", "ST", "", ("4B",), zip5="77002"
                ),
                (2021, 2022),
            )
            for number in numbers
        ]
        made.append(Asking(numbers[0], pack_admitted(items), array("Q", (numbers[0], numbers[2]))))
    return made


@pytest.mark.parametrize("edit", [False, True])
def test_the_questions_of_every_batch_come_in_order_and_are_the_same_everywhere(
    tokens: TokenMaker, edit: bool
) -> None:
    terms = QuestionTerms(tuple(IdentityKey), Relaxations(street_one_edit=edit))
    asked = list(tokens.ask(askings(20), terms))
    assert asked == list(SIMULATED.ask(askings(20), terms))
    assert [list(batch.ordinals) for batch in asked] == [[3 * n, 3 * n + 2] for n in range(20)]
    assert tokens.key_id() == SIMULATED.key_id()


def test_an_item_of_which_no_question_can_be_made_is_named_and_stops_no_other(tokens: TokenMaker) -> None:
    person = Person((), ("GARCIA",), "1980-02-03")  # a name that no rule lets through
    point = DeliveryPoint(AddressClass.STREET, "1", street_name="LARKMEADOW", zip5="77002")
    good = askings(1)[0]
    bad = Asking(7, pack_admitted([(7, person, point, (2022,))]), array("Q", (7,)))
    first, second = tokens.ask([bad, good], TERMS)
    assert (first.faulty, list(first.ordinals), first.guards) == ((7,), [], b"")
    assert (second.faulty, list(second.ordinals)) == ((), [0, 2])


@pytest.fixture
def process(tmp_path: Path) -> Iterator[TokenProcesses]:
    processes = TokenProcesses(key_file(tmp_path), 1)
    yield processes
    processes.close()


def children() -> list[int]:
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc of Linux")
def test_the_process_has_no_descriptor_but_the_ends_of_its_pipes_and_can_open_none(
    process: TokenProcesses, tmp_path: Path
) -> None:
    with (tmp_path / "an open file of the gate").open("wb"):
        before = set(children())
        process.key_id()
        (child,) = set(children()) - before
    descriptors = {
        descriptor.name: str(descriptor.readlink()) for descriptor in Path(f"/proc/{child}/fd").iterdir()
    }
    assert sorted(descriptors) == ["0", "1", "2"]
    assert [descriptors[name].split(":")[0] for name in ("0", "1", "2")] == ["pipe", "pipe", "/dev/null"]
    limits = Path(f"/proc/{child}/limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [
        ["3", "3"]
    ]
    assert KEY.hex() not in Path(f"/proc/{child}/cmdline").read_bytes().hex()


def test_a_key_that_cannot_be_read_is_reported_by_the_gate(tmp_path: Path) -> None:
    uri = key_file(tmp_path)
    (tmp_path / "index.key").chmod(0o640)
    processes = TokenProcesses(uri, 1)
    with pytest.raises(ConfigurationError, match="Others than its owner"):
        processes.key_id()
    processes.close()


def test_a_process_that_is_killed_is_an_operational_error(process: TokenProcesses) -> None:
    before = set(children())
    process.key_id()
    (child,) = set(children()) - before
    os.kill(child, 9)
    with pytest.raises(OperationalError, match="ended before"):
        ask_all(process)


def ask_all(tokens: TokenMaker) -> list[AskedBatch]:
    return list(tokens.ask(askings(2), TERMS))
