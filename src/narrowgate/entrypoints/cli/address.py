"""``narrowgate address``: what the canonical form makes of an address."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from narrowgate.core.address.explain import explain as explain_stages
from narrowgate.core.address.model import AddressClass, DeliveryPoint, RawAddress, Stage
from narrowgate.core.address.render import render
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import RefusedError
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup, answer
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.addresses import StandardizedAddress, standardize_address
from narrowgate.entrypoints.output import Tone, coloured

_FIELDS = ("address_line_1", "address_line_2", "city", "state", "zip")
MAX_LINE_BYTES = 65_536

_agreement_option = click.option(
    "--agreement",
    "agreement_file",
    type=EXISTING_FILE,
    help="Refuse also the classes and facilities that this agreement does not accept.",
)


@click.group(cls=LateGroup, epilog="narrowgate address standardize < addresses.jsonl")
def address() -> None:
    """Standardize and explain addresses (USPS Publication 28)."""


@address.command(
    cls=ExampleCommand,
    epilog="echo '\"123 N Main St Apt 4, Springfield, IL 62704\"' | narrowgate address standardize",
)
@click.argument("source", type=click.File("rb"), default="-", metavar="[FILE]")
@_agreement_option
def standardize(source: BinaryIO, agreement_file: Path | None) -> None:
    """Read JSON lines, write one JSON line each, in order.

    A line is an object with address_line_1, address_line_2, city, state and zip (any may be missing), or a
    string with the whole address. The result is {"class", "components", "keys"} or {"refused": [rule ids]}.
    Two addresses denote the same delivery point exactly when they share a key.
    """
    agreement, facilities = _terms(agreement_file)
    for raw in _raw_addresses(_lines(source)):
        sys.stdout.buffer.write(orjson.dumps(standardized(raw, agreement, facilities)) + b"\n")
    sys.stdout.buffer.flush()


@address.command(cls=ExampleCommand, epilog='narrowgate address explain "123 No. Main Str. #4, 62704"')
@click.argument("text")
@_agreement_option
def explain(text: str, agreement_file: Path | None) -> None:
    """Show stage by stage what happens to an address, and why; the last sentence says what the gate would do.

    The address is on the command line, where other users of the machine can see it: take a made-up one.
    """
    raw = RawAddress(text)
    agreement, facilities = _terms(agreement_file)
    stages = explain_stages(raw)
    found = standardize_address(raw, agreement=agreement, facilities=facilities)
    conclusion = _conclusion(found, agreement is not None)
    lines = [
        *map(_stage_text, stages),
        *(f"key  {key}" for key in found.keys),
        coloured(conclusion, Tone.BAD if found.delivery_point is None else Tone.GOOD),
    ]
    answer(
        {"stages": [asdict(stage) for stage in stages], **_described(found), "conclusion": conclusion},
        "\n".join(lines),
    )


def _stage_text(stage: Stage) -> str:
    change = stage.after if stage.before == stage.after else f"{stage.before}  ->  {stage.after}"
    return f"{stage.name:<24} {change}" + (f"\n{'':<24} {stage.why}" if stage.why else "")


_CLASS_NAMES = {
    AddressClass.STREET: "a street address",
    AddressClass.RURAL_ROUTE: "a rural route address",
    AddressClass.HIGHWAY_CONTRACT: "a highway contract route address",
    AddressClass.PO_BOX: "a post office box",
    AddressClass.MILITARY: "a military address",
}


def _conclusion(found: StandardizedAddress, agreed: bool) -> str:
    """One sentence: as what the gate would accept the address, or because of which rules it would refuse it."""
    point = found.delivery_point
    if point is None:
        unmet = " and ".join(f"{rule.id} ({_clause(rule.title)})" for rule in found.refused_by)
        hints = " ".join(dict.fromkeys(rule.hint for rule in found.refused_by))
        return f"Would be refused because it does not meet {unmet}. {hints}"
    lines = render(point)
    line = ", ".join(
        part
        for part in (
            lines.address_line_1,
            lines.address_line_2,
            lines.city,
            f"{lines.state} {lines.zip}".strip(),
        )
        if part
    )
    condition = "" if agreed else ", where the agreement accepts this class"
    return f"Would be accepted as {_CLASS_NAMES[point.address_class]}{condition}: {line}."


def _clause(title: str) -> str:
    """A rule's title inside a sentence; what begins with an abbreviation keeps its letters."""
    return title if title[1:2].isupper() else title[0].lower() + title[1:]


def standardized(raw: RawAddress, agreement: Agreement | None, facilities: frozenset[str]) -> dict[str, Any]:
    """The class, components and keys of an address, or the rules that refuse it; never both."""
    return _described(standardize_address(raw, agreement=agreement, facilities=facilities))


def _described(found: StandardizedAddress) -> dict[str, Any]:
    point = found.delivery_point
    if point is None:
        return {"refused": [rule.id for rule in found.refused_by]}
    return {"class": point.address_class.value, "components": _components(point), "keys": list(found.keys)}


def _components(point: DeliveryPoint) -> dict[str, Any]:
    """The parts the address has, by their Publication 28 names."""
    return {name: value for name, value in point._asdict().items() if value and name != "address_class"}


def _terms(path: Path | None) -> tuple[Agreement | None, frozenset[str]]:
    if path is None:
        return None, frozenset()
    agreement = read_agreement(path)
    return agreement, read_facilities_of(agreement, path)


def _lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := source.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise RefusedError(
                f"The line is longer than {MAX_LINE_BYTES} bytes.",
                next_step="Write one address a line; each ends with a line feed.",
                where=f"line {number}",
                rule="R-10",
            )
        if line.strip():
            yield number, line


def _raw_addresses(lines: Iterable[tuple[int, bytes]]) -> Iterator[RawAddress]:
    for number, line in lines:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise _refused("The line is not JSON.", number) from error
        if isinstance(value, str):
            yield RawAddress(value)
        elif isinstance(value, dict):
            yield _from_object(value, number)
        else:
            raise _refused("The line is neither an object nor a string.", number)


def _from_object(value: dict[str, Any], number: int) -> RawAddress:
    unknown = sorted(value.keys() - set(_FIELDS))
    if unknown:
        raise _refused(f"The object has {len(unknown)} unknown key(s).", number)
    if not all(isinstance(value.get(name) or "", str) for name in _FIELDS):
        raise _refused("A value is not text; a ZIP as a number has lost its leading zero.", number)
    return RawAddress(*(value.get(name) or "" for name in _FIELDS))


def _refused(what: str, number: int) -> RefusedError:
    return RefusedError(
        what,
        next_step=f"Write a string, or an object with {', '.join(_FIELDS)}.",
        where=f"line {number}",
        rule="R-10",
    )
