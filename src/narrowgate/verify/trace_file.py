"""A trace as one JSON document that somebody else checks alone, with the log's public key and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import EnvelopeError, ProofError, UsageError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.leaf import ITEM_DECIDED, parse_leaf
from narrowgate.core.log.merkle import leaf_hash, verify_inclusion
from narrowgate.core.log.note import VerifierKey, decode_base64, encode_base64
from narrowgate.core.log.opening import opening_line, parse_opening, verify_opening
from narrowgate.verify.package_leaves import names_rows, touches
from narrowgate.verify.trace import Step, Trace, traced
from narrowgate.verify.trace_words import lines, outcome_of, told

TRACE_SCHEMA: Final = "narrowgate/trace/v1"
MAX_TRACE_BYTES: Final = 64 * 1024 * 1024
SAYS: Final = (
    "Each step is an entry of the log, proved to be in the tree that the checkpoint signs. That no other entry is "
    "about this package is shown by the log, not by this file: 'narrowgate inspector trace' finds all of them."
)
"""What a trace shows and what it does not; part of every trace."""


def document(trace: Trace) -> dict[str, Any]:
    """Returns the trace as one JSON object: steps in words, each with its leaf, its proof and the signed checkpoint."""
    return {
        "schema": TRACE_SCHEMA,
        "of": str(trace.of),
        "key": trace.key,
        "checkpoint": trace.checkpoint,
        "says": SAYS,
        "outcome": outcome_of(trace),
        "steps": [
            {
                **asdict(told(step)),
                "entry": step.leaf.decode(),
                "proof": [encode_base64(value) for value in step.proof],
            }
            for step in trace.steps
        ],
        "openings": [json.loads(opening_line(each)) for each in trace.openings],
    }


def checked(data: bytes, key: VerifierKey, where: str) -> Trace:
    """Returns the trace of a file, every step of which is proved to be in the log of ``key``.

    Args:
        data: of the file.
        key: the log's public key, from where it was published.
        where: the file for the message.

    Raises:
        ProofError: the file is no trace, a step is not in the log or is about something else, or a word of the file
            does not follow from its entries.
    """
    value = _parsed(data, where)
    try:
        trace = _read(value, where)
    except (KeyError, TypeError, ValueError, AttributeError, UsageError, EnvelopeError) as error:
        raise ProofError("The file is no trace, or was changed.", where=where) from error
    checkpoint = verify_checkpoint(trace.checkpoint, key, where)
    before = -1
    for step in trace.steps:
        verify_inclusion(leaf_hash(step.leaf), step.index, checkpoint.size, step.proof, checkpoint.root)
        if step.index <= before or not _about(trace, step):
            raise ProofError(
                "A step of the trace is about something else, or out of its order.",
                where=f"{where}, leaf {step.index}",
            )
        before = step.index
    _check_openings(trace, where)
    if canonical_bytes(document(trace)) != canonical_bytes(value) or trace.key != str(key):
        raise ProofError(
            "The words of the trace do not follow from its entries.",
            why="The entries are in the log; what the file says of them was changed.",
            where=where,
        )
    return trace


def checked_lines(trace: Trace) -> list[str]:
    """Returns what was checked as lines of text, and what a file alone cannot show."""
    return [*lines(trace), SAYS]


def _parsed(data: bytes, where: str) -> dict[str, Any]:
    if len(data) > MAX_TRACE_BYTES:
        raise ProofError("The file is too long for a trace.", where=where)
    try:
        value = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise ProofError("The file is no JSON, or names something twice.", where=where) from error
    if not isinstance(value, dict):
        raise ProofError("The file is no trace.", where=where)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _read(value: Mapping[str, Any], where: str) -> Trace:
    steps = []
    for each in value["steps"]:
        index, leaf = each["leaf"], each["entry"].encode()
        if type(index) is not int:
            raise ValueError("an index is no number")
        hashes = tuple(decode_base64(text, where) for text in each["proof"])
        steps.append(Step(index, leaf, parse_leaf(leaf, f"{where}, leaf {index}"), hashes))
    openings = tuple(parse_opening(canonical_bytes(each), where) for each in value["openings"])
    if not isinstance(value["checkpoint"], str):
        raise TypeError("the checkpoint is no text")
    return Trace(traced(value["of"]), value["key"], value["checkpoint"], tuple(steps), openings)


def _check_openings(trace: Trace, where: str) -> None:
    item = next((step for step in trace.steps if step.kind == ITEM_DECIDED), None)
    for opening in trace.openings:
        if item is None or trace.of.row is None:
            raise ProofError("The trace opens something of no item.", where=where)
        verify_opening(opening, dict(item.fields), where)


def _is_refused(trace: Trace) -> bool:
    """Whether the trace is of one item, which has no answer."""
    items = [step.fields for step in trace.steps if step.kind == ITEM_DECIDED]
    return trace.of.row is not None and any(fields["class"] == "refused" for fields in items)


def _about(trace: Trace, step: Step) -> bool:
    """Whether a step is the package's own, or an act that names it, or one that names no package."""
    of = trace.of
    if "package" in step.fields:
        other_row = step.kind == ITEM_DECIDED and of.row is not None and step.fields["row"] != of.row
        other_row |= names_rows(step.fields) and (not touches(step.fields, of.row) or _is_refused(trace))
        return step.fields["package"] == of.package and not other_row
    subject = str(step.fields.get("subject", ""))
    if step.kind == Kind.PACKAGE_ABANDONED:
        return subject == of.package
    if step.kind == Kind.RECALL:
        return any(each.fields.get("act_number") == step.fields["number"] for each in trace.steps)
    if step.kind in {Kind.INCIDENT_REPORTED, Kind.INCIDENT_CLOSED}:
        incidents = {str(each.fields["number"]) for each in trace.steps if each.kind == Kind.INCIDENT}
        return subject in incidents
    scope = subject.partition("/")[0]
    return not scope.startswith("package:") or scope == f"package:{of.package}"
