"""``narrowgate custodian open``: what an order allows can be checked against the log, and nothing else is told."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from narrowgate.core.base.errors import EnvelopeError, ProofError
from narrowgate.core.log.opening import Opened, Opening, opening_line, parse_opening, verify_opening
from narrowgate.verify.entries import LogEntries
from support.command_line import CommandLine


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("openings") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        made = CommandLine(patch, None)(
            "demo", "--dir", directory, "--people", 300, "--items", 300, "--seed", 5
        )
    assert made.code == 0
    (directory / "order.txt").write_text("The court orders.\n", encoding="utf-8")
    return directory


def package_of(world: Path) -> str:
    return next(entry.package for entry in LogEntries(world / "log") if entry.kind == "package-decided")


def opened(narrowgate: CommandLine, world: Path, out: Path, *options: object) -> list[Opening]:
    order = world / "order.txt"
    made = narrowgate("custodian", "open", "--config", world, "--order", order, "--out", out, *options)
    assert made.code == 0, made.err
    assert out.stat().st_mode & 0o777 == 0o600
    return [parse_opening(line, "a line") for line in out.read_bytes().splitlines()]


def leaves_of(world: Path) -> dict[int, dict[str, object]]:
    return {e.fields["row"]: e.fields for e in LogEntries(world / "log") if e.kind == "item-decided"}


def test_one_item_is_opened_and_nothing_of_its_neighbours(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    package, out = package_of(world), tmp_path / "one"
    found = opened(narrowgate, world, out, "--item", f"{package}:17", "--what", "outcome", "--what", "row")
    assert [(o.package, o.row, o.what) for o in found] == [(package, 17, "row"), (package, 17, "outcome")]
    leaf = leaves_of(world)[17]
    for opening in found:
        verify_opening(opening, leaf, "a line")
        assert opening.order_sha256 == sha256(b"The court orders.\n").hexdigest()
    with pytest.raises(ProofError, match="another item"):
        verify_opening(found[0], leaves_of(world)[18], "a line")


def test_an_empty_order_allows_nothing(narrowgate: CommandLine, world: Path, tmp_path: Path) -> None:
    (tmp_path / "order").write_bytes(b" \n")
    asked = ("custodian", "open", "--config", world, "--item", f"{package_of(world)}:17", "--what", "row")
    refused = narrowgate(*asked, "--order", tmp_path / "order", "--out", tmp_path / "out")
    assert (refused.code, "order is empty" in refused.err, (tmp_path / "out").exists()) == (2, True, False)


def test_every_commitment_of_a_month_opens_to_what_the_gate_decided(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    month = next(e.time[:7] for e in LogEntries(world / "log") if e.kind == "package-decided")
    what = ("--what", "row", "--what", "address", "--what", "outcome")
    found = opened(narrowgate, world, tmp_path / "month", "--month", month, *what)
    leaves = leaves_of(world)
    assert len(found) == 3 * len(leaves)
    refused = 0
    for opening in found:
        verify_opening(opening, leaves[opening.row], "a line")
        assert parse_opening(opening_line(opening).rstrip(b"\n"), "a line") == opening
        if opening.what == "outcome":
            refused += opening.value == b"REFUSED"
    assert refused == sum(leaf["class"] == "refused" for leaf in leaves.values())
    summary = json.loads((world / "summary.json").read_text(encoding="utf-8"))
    confirmed = sum(o.value == b"CONFIRMED" for o in found if o.what == "outcome")
    assert confirmed == summary["outcomes"]["CONFIRMED"]


def test_a_changed_opening_is_found_out(narrowgate: CommandLine, world: Path, tmp_path: Path) -> None:
    package = package_of(world)
    (opening,) = opened(narrowgate, world, tmp_path / "o", "--item", f"{package}:3", "--what", "outcome")
    other = b"CONFIRMED" if opening.value != b"CONFIRMED" else b"NOT_CONFIRMED"
    forged = Opening(package, 3, opening.what, opening.salt, other, opening.order_sha256)
    with pytest.raises(ProofError, match="not what the log holds"):
        verify_opening(forged, leaves_of(world)[3], "a line")


def test_bytes_that_are_no_text_are_opened_in_one_form_only(world: Path) -> None:
    opening = Opening("p", 0, Opened.ROW, bytes(16), b"\xff\xfe", "0" * 64)
    line = opening_line(opening).rstrip(b"\n")
    assert b"value_hex" in line
    assert parse_opening(line, "a line") == opening
    for bad in (
        line.replace(b"fffe", b"6161"),
        line[:-1],
        line + b" ",
        line.replace(b'"row":0', b'"row":-1'),
    ):
        with pytest.raises(EnvelopeError):
            parse_opening(bad, "a line")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--package", "p-no-such-one"), 2),
        (("--item", "nonsense"), 2),
        (("--month", "2026-13"), 2),
        (("--month", "1999-01"), 3),
        ((), 2),
    ],
)
def test_what_is_not_in_the_log_cannot_be_opened(
    narrowgate: CommandLine, world: Path, tmp_path: Path, options: tuple[str, ...], code: int
) -> None:
    out = tmp_path / "none"
    call = (
        "custodian",
        "open",
        "--config",
        world,
        "--order",
        world / "order.txt",
        "--out",
        out,
        "--what",
        "row",
    )
    assert narrowgate(*call, *options).code == code
    assert not out.exists()


def test_nothing_is_opened_once_the_data_key_is_destroyed(
    narrowgate: CommandLine, world: Path, tmp_path: Path
) -> None:
    package, out = package_of(world), tmp_path / "gone"
    (key,) = world.glob("**/data-key")
    kept = key.read_bytes()
    key.unlink()
    try:
        call = ("custodian", "open", "--config", world, "--order", world / "order.txt", "--what", "row")
        assert narrowgate(*call, "--package", package, "--out", out).code == 1
    finally:
        key.write_bytes(kept)
    assert not out.exists()
