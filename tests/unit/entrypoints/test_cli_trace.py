"""An inspector follows a package or an item through the log, and somebody else checks the trace alone."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.note import NoteSigner
from narrowgate.core.log.opening import Opened, Opening, opening_line
from narrowgate.verify.trace_file import SAYS
from support.command_line import CommandLine
from support.inspected_log import InspectedLog, outcome_in, salts_of

PACKAGE, NEIGHBOUR = "p-20260101-aaaaaa", "p-20260101-bbbbbb"


def eventful() -> InspectedLog:
    """Two packages, one of them held on its way, delayed, released, expired, its key revoked."""
    log = InspectedLog.in_force()
    log.act(Kind.HOLD, "all")
    log.act(Kind.HOLD_LIFTED, "all")
    log.package(NEIGHBOUR, 3)
    log.receive(PACKAGE, 6)
    log.items(PACKAGE, range(2))
    log.act(Kind.HOLD, f"package:{NEIGHBOUR}")
    log.act(Kind.HOLD, f"package:{PACKAGE}")
    log.act(Kind.HOLD_LIFTED, f"package:{PACKAGE}")
    log.items(PACKAGE, range(2, 6))
    log.decide(PACKAGE, 6)
    log.delay(PACKAGE)
    log.release(PACKAGE)
    log.act(Kind.HOLD, "all")
    log.expire(PACKAGE)
    log.act(Kind.KEY_REVOKED, bytes([7] * 32).hex())
    log.refuse("p-20260101-cccccc", "R-26")
    return log


@pytest.fixture
def world(tmp_path: Path) -> Path:
    return eventful().save(tmp_path / "log")


def traced(narrowgate: CommandLine, *arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(narrowgate("inspector", "trace", *arguments, "--json").out)
    return found


def test_the_way_of_an_item_is_told_in_order_with_what_touched_it_and_nothing_else(
    narrowgate: CommandLine, world: Path
) -> None:
    found = traced(narrowgate, world, f"{PACKAGE}:3")
    assert [step["heading"] for step in found["steps"]] == [
        "Agreement in force",
        "Register in force",
        "Rules in force",
        "Index in force",
        "Received",
        "Hold",
        "Hold lifted",
        "Item 3 refused",
        "Decided",
        "Delayed",
        "Released",
        "Expired",
        "Key revoked",
    ]
    assert found["outcome"] == "Refused by R-64; released and expired."
    assert NEIGHBOUR not in json.dumps(found)


def test_the_way_of_a_package_names_its_first_and_last_item(narrowgate: CommandLine, world: Path) -> None:
    headings = [step["heading"] for step in traced(narrowgate, world, PACKAGE)["steps"]]
    assert [each for each in headings if each.startswith("Item")] == ["Item 0 answered", "Item 5 answered"]


def test_a_recall_is_told_of_the_items_it_is_about_and_of_no_others(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = eventful()
    log.recall(PACKAGE, (0, 1), (3, 4))
    directory = log.save(tmp_path / "log")
    file = tmp_path / "trace.json"
    items = {"1": True, "2": False, "3": False, "4": True}  # 3 was refused, and has no answer
    for item, is_recalled in (*((f"{PACKAGE}:{row}", each) for row, each in items.items()), (PACKAGE, True)):
        file.write_text(narrowgate("inspector", "trace", directory, item, "--json").out, encoding="utf-8")
        found = json.loads(file.read_text(encoding="utf-8"))
        headings = [step["heading"] for step in found["steps"]]
        assert ("Recall" in headings, "Recalled" in headings) == (is_recalled, is_recalled)
        assert ("RECALLED" in found["outcome"]) == is_recalled
        assert narrowgate("inspector", "check-trace", file, "--key", directory / "log.vkey").code == 0


def test_destroyed_data_are_told(narrowgate: CommandLine, tmp_path: Path) -> None:
    log = eventful()
    log.destroy(PACKAGE)
    found = traced(narrowgate, log.save(tmp_path / "log"), f"{PACKAGE}:1")
    assert found["outcome"].endswith("its data are destroyed, and nothing of it can be opened any more.")
    assert found["steps"][-1]["heading"] == "Data key destroyed"


def test_an_incident_is_told_with_its_report(narrowgate: CommandLine, tmp_path: Path) -> None:
    log = eventful()
    for package in (NEIGHBOUR, PACKAGE):
        log.act(Kind.INCIDENT, f"package:{package}/2026-01-02T12:00:00Z", sha256="1" * 64)
        log.act(Kind.INCIDENT_REPORTED, str(log.state.number), sha256="1" * 64)
    directory, file = log.save(tmp_path / "log"), tmp_path / "trace.json"
    file.write_text(narrowgate("inspector", "trace", directory, PACKAGE, "--json").out, encoding="utf-8")
    found = json.loads(file.read_text(encoding="utf-8"))
    assert [step["heading"] for step in found["steps"]][-2:] == ["Incident", "Incident reported"]
    assert NEIGHBOUR not in file.read_text(encoding="utf-8")
    alone = narrowgate("inspector", "check-trace", file, "--key", directory / "log.vkey")
    assert (alone.code, "That no other entry is about this package" in alone.out) == (0, True)


def test_a_package_refused_whole_and_one_in_progress_are_told(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = eventful()
    log.receive("p-20260101-dddddd", 5)
    log.items("p-20260101-dddddd", range(2))
    directory = log.save(tmp_path / "log")
    assert traced(narrowgate, directory, "p-20260101-cccccc")["outcome"] == "Refused whole."
    assert (
        traced(narrowgate, directory, "p-20260101-dddddd:1")["outcome"]
        == "Answered; received, and not decided yet."
    )


@pytest.mark.parametrize(
    "item",
    [
        "p-20260101-zzzzzz",
        f"{PACKAGE}:6",
        f"{PACKAGE}:-1",
        "../log",
        f"{PACKAGE}:1:2",
        "<b>",
        "p-20260101-cccccc:0",
        "",
    ],
)
def test_what_names_no_package_or_no_item_of_it_is_a_usage_error(
    narrowgate: CommandLine, world: Path, item: str
) -> None:
    found = narrowgate("inspector", "trace", world, "--", item)
    assert found.code == 2
    assert "<b>" not in found.err


def test_an_item_not_decided_yet_is_not_found_in_another_place(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = InspectedLog.in_force()
    log.receive(PACKAGE, 5)
    log.items(PACKAGE, range(2))
    log.package(NEIGHBOUR, 3)
    found = narrowgate("inspector", "trace", log.save(tmp_path / "log"), f"{PACKAGE}:4")
    assert found.code == 2
    assert "not decided yet" in found.err


def test_an_index_finds_the_same_way_and_goes_on_with_the_log(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    log = eventful()
    index = tmp_path / "leaves"
    first = log.save(tmp_path / "log")
    assert traced(narrowgate, first, PACKAGE, "--index", index) == traced(narrowgate, first, PACKAGE)
    log.act(Kind.INCIDENT, f"package:{PACKAGE}/2026-01-02T12:00:00Z", sha256="1" * 64)
    later = log.save(tmp_path / "later")
    found = traced(narrowgate, later, PACKAGE, "--index", index)
    assert found["outcome"].startswith("An incident is on record")
    assert found == traced(narrowgate, later, PACKAGE, "--index", index)
    assert narrowgate("inspector", "trace", first, PACKAGE, "--index", index).code == 14


def test_a_leaf_changed_behind_the_index_is_found(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    index = tmp_path / "leaves"
    traced(narrowgate, world, PACKAGE, "--index", index)
    (bundle,) = (world / "tile" / "entries").rglob("000.p/*")
    bundle.write_bytes(bundle.read_bytes().replace(b'"refused":1', b'"refused":0'))
    assert narrowgate("inspector", "trace", world, PACKAGE, "--index", index).code == 14
    assert narrowgate("inspector", "trace", world, PACKAGE).code == 14


def test_an_index_that_leads_elsewhere_is_found(narrowgate: CommandLine, world: Path, tmp_path: Path) -> None:
    index = tmp_path / "leaves"
    traced(narrowgate, world, PACKAGE, "--index", index)
    head, records = index.read_bytes().split(b"\n", 1)
    names = [records[at : at + 24] for at in range(0, len(records), 24)]
    # Every leaf of the log is said to be of the package.
    own = sha256(PACKAGE.encode()).digest()[:16]
    governance = sha256(b"").digest()[:16]
    changed = b"".join(sorted((own if each[:16] != governance else governance) + each[16:] for each in names))
    fields = json.loads(head) | {"records_sha256": sha256(changed).hexdigest()}
    index.write_bytes(json.dumps(fields).encode() + b"\n" + changed)
    assert narrowgate("inspector", "trace", world, PACKAGE, "--index", index).code == 14


@pytest.fixture
def trace_file(narrowgate: CommandLine, world: Path, tmp_path: Path) -> Path:
    file = tmp_path / "trace.json"
    file.write_text(narrowgate("inspector", "trace", world, f"{PACKAGE}:3", "--json").out, encoding="utf-8")
    return file


def test_somebody_else_checks_a_trace_with_the_published_key_alone(
    narrowgate: CommandLine, world: Path, trace_file: Path, tmp_path: Path
) -> None:
    key = tmp_path / "published.vkey"
    key.write_bytes((world / "log.vkey").read_bytes())
    found = narrowgate("inspector", "check-trace", trace_file, "--key", key)
    assert found.code == 0, found.err
    assert found.out == narrowgate("inspector", "trace", world, f"{PACKAGE}:3").out + f"{SAYS}\n"


def _replace(old: str, new: str) -> Any:
    return lambda value: json.loads(json.dumps(value).replace(old, new))


def _with(**changes: Any) -> Any:
    return lambda value: value | changes


def _steps(change: Any) -> Any:
    return lambda value: value | {"steps": change(value["steps"])}


FORGERIES = {
    "another sentence": _replace("tax records played no part", "tax records were read"),
    "another outcome": _with(outcome="Answered; released."),
    "another rule in the entry": _replace('R-64\\"', 'R-62\\"'),
    "a step twice": _steps(lambda steps: [*steps, steps[-1]]),
    "two steps changed over": _steps(lambda steps: [*steps[:-2], steps[-1], steps[-2]]),
    "a proof of nothing": _steps(lambda steps: [steps[0] | {"proof": []}, *steps[1:]]),
    "another leaf number": _steps(lambda steps: [steps[0] | {"leaf": 2}, *steps[1:]]),
    "a leaf number that is none": _steps(lambda steps: [steps[0] | {"leaf": "1"}, *steps[1:]]),
    "another package": _replace(PACKAGE, NEIGHBOUR),
    "another row": _with(of=f"{PACKAGE}:4"),
    "another key": _with(key="example.test/other+00000000+AAAA"),
    "another root": _replace("\\n\\n\\u2014", "\\nmore\\n\\n\\u2014"),
    "a key more": _with(more=1),
    "a checkpoint that is no text": _with(checkpoint=None),
    "no steps": _with(steps=None),
    "no list": lambda _value: [],
    "nothing": lambda _value: {},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_trace_is_refused(
    narrowgate: CommandLine, world: Path, trace_file: Path, forgery: str
) -> None:
    value = json.loads(trace_file.read_text(encoding="utf-8"))
    forged = FORGERIES[forgery](value)
    assert forged != value
    trace_file.write_text(json.dumps(forged), encoding="utf-8")
    assert narrowgate("inspector", "check-trace", trace_file, "--key", world / "log.vkey").code == 13


def test_a_step_of_a_neighbour_is_refused_in_a_trace(
    narrowgate: CommandLine, world: Path, trace_file: Path
) -> None:
    other = traced(narrowgate, world, f"{PACKAGE}:4")["steps"]
    value = json.loads(trace_file.read_text(encoding="utf-8"))
    item = next(step for step in other if step["heading"].startswith("Item"))
    value["steps"] = sorted([*value["steps"], item], key=lambda step: step["leaf"])
    trace_file.write_text(json.dumps(value), encoding="utf-8")
    found = narrowgate("inspector", "check-trace", trace_file, "--key", world / "log.vkey")
    assert found.code == 13
    assert "something else" in found.err


def test_a_trace_signed_by_another_log_is_refused(
    narrowgate: CommandLine, trace_file: Path, tmp_path: Path
) -> None:
    other = NoteSigner.ed25519("example.test/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    (tmp_path / "other.vkey").write_text(f"{other.key}\n", encoding="utf-8")
    assert narrowgate("inspector", "check-trace", trace_file, "--key", tmp_path / "other.vkey").code == 13


def test_the_picture_and_the_page_hold_nothing_that_a_browser_would_run(
    narrowgate: CommandLine, tmp_path: Path
) -> None:
    hostile = NoteSigner.ed25519("<script>alert(1)</script>", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with TileLog.create(tmp_path / "log", hostile) as log:
        log.append(eventful().leaves)
        log.integrate()
    html, svg = tmp_path / "way.html", tmp_path / "way.svg"
    found = narrowgate("inspector", "trace", tmp_path / "log", f"{PACKAGE}:3", "--html", html, "--svg", svg)
    assert found.code == 0, found.err
    assert "<script" not in html.read_text(encoding="utf-8")
    picture = ET.fromstring(svg.read_text(encoding="utf-8"))  # noqa: S314 - our own picture must be well-formed
    texts = [each.text for each in picture.iter() if each.get("class") == "head"]
    assert texts[0] == f"The way of {PACKAGE}:3"
    assert "Item 3 refused" in texts
    again = html.read_bytes()
    narrowgate("inspector", "trace", tmp_path / "log", f"{PACKAGE}:3", "--html", html)
    assert html.read_bytes() == again


def test_a_report_is_never_written_over_or_into_what_it_is_made_from(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    before = (world / "checkpoint").read_bytes()
    (tmp_path / "link.svg").symlink_to(world / "checkpoint")
    for target in (world / "checkpoint", world / "way.svg", tmp_path / "link.svg", world.parent / "log"):
        assert narrowgate("inspector", "trace", world, PACKAGE, "--svg", target).code == 2
    assert (world / "checkpoint").read_bytes() == before


def opening(row: int, what: Opened = Opened.OUTCOME, package: str = PACKAGE, value: bytes = b"") -> bytes:
    """The line that the custodian would write."""
    values = {
        Opened.OUTCOME: outcome_in(row),
        Opened.ROW: b"row %d" % row,
        Opened.ADDRESS: b"address %d" % row,
    }
    salt = salts_of(package).salt(what.value, row)
    return opening_line(Opening(package, row, what, salt, value or values[what], "ab" * 32))


def test_an_opening_tells_the_outcome_of_the_item_and_nothing_of_its_neighbours(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    file, html, page = tmp_path / "opened.ndjson", tmp_path / "trace.json", tmp_path / "way.html"
    file.write_bytes(
        opening(0) + opening(1) + opening(1, Opened.ROW) + opening(2) + opening(1, package=NEIGHBOUR)
    )
    found = narrowgate("inspector", "trace", world, f"{PACKAGE}:1", "--openings", file, "--html", page)
    assert found.code == 0, found.err
    assert "outcome: NOT_CONFIRMED" in found.out
    assert "row: row 1" in found.out
    told = found.out + page.read_text(encoding="utf-8")
    assert not any(neighbour in told for neighbour in ("row 0", "row 2", NEIGHBOUR))
    html.write_text(
        narrowgate("inspector", "trace", world, f"{PACKAGE}:1", "--openings", file, "--json").out,
        encoding="utf-8",
    )
    checked = narrowgate("inspector", "check-trace", html, "--key", world / "log.vkey")
    assert checked.out == found.out + f"{SAYS}\n"
    html.write_text(
        html.read_text(encoding="utf-8").replace('"NOT_CONFIRMED"', '"CONFIRMED"'), encoding="utf-8"
    )
    assert narrowgate("inspector", "check-trace", html, "--key", world / "log.vkey").code == 13


@pytest.mark.parametrize(
    "lines",
    [
        opening(1, value=b"CONFIRMED"),
        opening(2),
        opening(1, package=NEIGHBOUR),
        opening(1) + opening(1),
        opening(1).replace(b'"row":1', b'"row":2'),
        opening(1)[:-3],
        b"",
        b"\n",
        b"[" * 10_000,
    ],
    ids=["forged", "neighbour", "other package", "twice", "renamed", "torn", "empty", "blank", "nested"],
)
def test_an_opening_that_is_not_the_items_is_refused_and_nothing_is_told(
    narrowgate: CommandLine, world: Path, tmp_path: Path, lines: bytes
) -> None:
    file = tmp_path / "opened.ndjson"
    file.write_bytes(lines)
    found = narrowgate("inspector", "trace", world, f"{PACKAGE}:1", "--openings", file)
    assert (found.code, found.out) == (13, "")
    assert "CONFIRMED" not in found.err


def test_openings_are_of_one_item_never_of_a_whole_package(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    file = tmp_path / "opened.ndjson"
    file.write_bytes(opening(1))
    assert narrowgate("inspector", "trace", world, PACKAGE, "--openings", file).code == 2
