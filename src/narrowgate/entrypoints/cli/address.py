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
from narrowgate.core.address.model import DeliveryPoint, RawAddress
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import RefusedError
from narrowgate.core.eligibility.ruleset import rule_of
from narrowgate.entrypoints.cli.frame import ExampleCommand, LateGroup
from narrowgate.entrypoints.cli.inputs import EXISTING_FILE
from narrowgate.entrypoints.documents import read_agreement, read_facilities_of
from narrowgate.entrypoints.library.addresses import standardize_address

_FIELDS = ("address_line_1", "address_line_2", "city", "state", "zip")
MAX_LINE_BYTES = 65_536


@click.group(cls=LateGroup, epilog="narrowgate address standardize < addresses.jsonl")
def address() -> None:
    """Standardize and explain addresses (USPS Publication 28)."""


@address.command(
    cls=ExampleCommand,
    epilog="echo '\"123 N Main St Apt 4, Springfield, IL 62704\"' | narrowgate address standardize",
)
@click.argument("source", type=click.File("rb"), default="-", metavar="[FILE]")
@click.option(
    "--agreement",
    "agreement_file",
    type=EXISTING_FILE,
    help="Refuse also the classes and facilities that this agreement does not accept.",
)
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
def explain(text: str) -> None:
    """Show stage by stage what happens to an address, and why.

    The address is on the command line, where other users of the machine can see it: take a made-up one.
    """
    raw = RawAddress(text)
    for stage in explain_stages(raw):
        change = stage.after if stage.before == stage.after else f"{stage.before}  ->  {stage.after}"
        click.echo(f"{stage.name:<24} {change}")
        if stage.why:
            click.echo(f"{'':<24} {stage.why}")
    result = standardized(raw, None, frozenset())
    if "refused" in result:
        for rule in result["refused"]:
            click.echo(f"refused by {rule}: {rule_of(rule).title}. {rule_of(rule).hint}")
    else:
        for key in result["keys"]:
            click.echo(f"key  {key}")


def standardized(raw: RawAddress, agreement: Agreement | None, facilities: frozenset[str]) -> dict[str, Any]:
    """The class, components and keys of an address, or the rules that refuse it; never both."""
    found = standardize_address(raw, agreement=agreement, facilities=facilities)
    point = found.delivery_point
    if point is None:
        return {"refused": [rule.id for rule in found.refused_by]}
    return {"class": point.address_class.value, "components": _components(point), "keys": list(found.keys)}


def _components(point: DeliveryPoint) -> dict[str, Any]:
    """The parts the address has, by their Publication 28 names."""
    return {name: value for name, value in asdict(point).items() if value and name != "address_class"}


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
                f"The line is longer than {MAX_LINE_BYTES} bytes.", where=f"line {number}", rule="R-10"
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
