"""What each step of a way says, in words: a heading, a sentence, and what its leaf holds; never a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from narrowgate.core.base.canonical_json import parse_canonical
from narrowgate.core.base.errors import EnvelopeError
from narrowgate.core.governance.kinds import KINDS, Kind
from narrowgate.core.log.leaf import (
    ACT,
    ANSWERS_EXPIRED,
    ITEM_DECIDED,
    PACKAGE_DECIDED,
    PACKAGE_RECEIVED,
    PACKAGE_REFUSED,
    PACKAGE_RELEASED,
    RELEASE_DELAYED,
)
from narrowgate.core.log.leaf_forms import ANSWERS_RECALLED, DATA_KEY_DESTROYED, DISPOSAL_RECEIPT
from narrowgate.core.log.opening import Opened, Opening
from narrowgate.verify.trace import Step, Trace

Fields = Mapping[str, Any]

_HIDDEN: Final = frozenset({"type", "act", "package", "time"})
"""Keys of a leaf that the heading or the sentence says already."""
_BRAKES: Final = frozenset({kind for kind, row in KINDS.items() if row.brakes} | {Kind.PACKAGE_ABANDONED})
_ALARMS: Final = frozenset({Kind.RECALL, Kind.INCIDENT})


_MARKS: Final = {
    Kind.RECALL: "RECALLED: its answers must not be acted on",
    Kind.INCIDENT: "an incident is on record",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One step in words.

    Args:
        leaf: index of its leaf.
        time: of the leaf, RFC 3339; empty for an item's, which has none.
        heading: what happened, in a few words.
        sentence: the same so that it can be read alone.
        tone: ``plain``, ``brake`` for what stops, ``refusal``, ``alarm`` for a recall or an incident, ``law`` for what
            was put in force before.
        details: what else the leaf holds, by name.
    """

    leaf: int
    time: str
    heading: str
    sentence: str
    tone: str
    details: Mapping[str, str]


def told(step: Step) -> Told:
    """Returns a step in words, made of its leaf alone; the same leaf has the same words."""
    fields = step.fields
    if fields["type"] == ACT:
        heading, sentence, tone = _act(fields)
    else:
        heading, sentence, tone = _WORDS.get(str(fields["type"]), _other)(fields)
    details = {
        name.replace("_", " "): _value(value)
        for name, value in fields.items()
        if name not in _HIDDEN and value not in ("", [], {})
    }
    return Told(step.index, str(fields.get("time", "")), heading, sentence, tone, details)


def outcome_of(trace: Trace) -> str:
    """Returns in one sentence where the package or item is now, as far as the log of the checkpoint goes."""
    kinds = [step.kind for step in trace.steps]
    said = [words for kind, words in _MARKS.items() if kind in kinds]
    said.append(_end(kinds))
    item = next((step.fields for step in trace.steps if step.kind == ITEM_DECIDED), None)
    if trace.of.row is not None and item is not None:
        said.insert(0, "refused by " + ", ".join(item["findings"]) if item["findings"] else "answered")
    if DATA_KEY_DESTROYED in kinds:
        said.append("its data are destroyed, and nothing of it can be opened any more")
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def _end(kinds: list[str]) -> str:
    """How far the package came."""
    if Kind.PACKAGE_ABANDONED in kinds:
        return "abandoned: no answer of it leaves"
    if ANSWERS_EXPIRED in kinds:
        return "released and expired" if PACKAGE_RELEASED in kinds else "expired without a release"
    if _last(kinds, PACKAGE_RELEASED) > _last(kinds, RELEASE_DELAYED):
        return "released"
    if PACKAGE_DECIDED in kinds:
        return "decided, and waiting for its slot"
    return "received, and not decided yet" if PACKAGE_RECEIVED in kinds else "refused whole"


def opened(opening: Opening) -> Mapping[str, str]:
    """Returns what an opening says: of a row each column, of an address or outcome the text."""
    value = opening.value.decode("utf-8", "backslashreplace")
    if opening.what is Opened.ROW:
        try:
            columns = parse_canonical(opening.value, "the row")
        except EnvelopeError:  # a row that the gate refused for its form is shown as it was signed
            columns = None
        if isinstance(columns, dict):
            return {str(name): _value(column) for name, column in columns.items()}
    return {opening.what.value: value or "none"}


def _last(kinds: list[str], kind: str) -> int:
    return max((at for at, each in enumerate(kinds) if each == kind), default=-1)


def _act(fields: Fields) -> tuple[str, str, str]:
    kind = Kind(fields["act"])
    signers = len(fields["signer_keys_sha256"])
    sentence = KINDS[kind].effect.format(subject=fields["subject"], sha256=fields["sha256"])
    sentence += f" Act {fields['number']}, signed with {signers} key{'' if signers == 1 else 's'}."
    if kind is Kind.HOLD and str(fields["subject"]).startswith("statute:"):
        sentence += " The log does not tell the statutes of a package: this hold may not have touched it."
    tone = "alarm" if kind in _ALARMS else "brake" if kind in _BRAKES else "law"
    return kind.value.replace("-", " ").capitalize(), sentence, tone


def _received(fields: Fields) -> tuple[str, str, str]:
    return (
        "Received",
        (
            f"A package of {_items(fields['rows'])} of the office {fields['office']} was received, signed with the key "
            f"{fields['signer_key_sha256']}. Its answers were to leave at {fields['slot']}."
        ),
        "plain",
    )


def _refused(fields: Fields) -> tuple[str, str, str]:
    signed = (
        f"signed with the key {fields['signer_key_sha256']}"
        if fields["signer_key_sha256"]
        else "whose signature was not verified"
    )
    return (
        "Refused whole",
        (
            f"A package that names the office {fields['office']}, {signed}, was refused by "
            f"{', '.join(fields['rules'])}; tax records played no part."
        ),
        "refusal",
    )


def _item(fields: Fields) -> tuple[str, str, str]:
    if fields["findings"]:
        return (
            f"Item {fields['row']} refused",
            (
                f"The item in row {fields['row']} was refused by {', '.join(fields['findings'])}; tax records "
                "played no part."
            ),
            "refusal",
        )
    return (
        f"Item {fields['row']} answered",
        (
            f"The item in row {fields['row']} was answered. Its row, its address and the outcome are closed: the leaf "
            "commits to them."
        ),
        "plain",
    )


def _decided(fields: Fields) -> tuple[str, str, str]:
    return (
        "Decided",
        (
            f"{_items(fields['answered'])} answered and {fields['refused']:,} refused, from the index "
            f"{fields['index_snapshot']} with records up to {fields['index_data_as_of']}; the answers were sealed."
        ),
        "plain",
    )


def _released(fields: Fields) -> tuple[str, str, str]:
    return "Released", f"The sealed answers were put in place for the slot {fields['slot']}.", "plain"


def _delayed(fields: Fields) -> tuple[str, str, str]:
    return (
        "Delayed",
        f"The slot {fields['slot']} passed without a release; the next one is {fields['next_slot']}.",
        "brake",
    )


def _expired(_fields: Fields) -> tuple[str, str, str]:
    return "Expired", "The answers were taken away at their expiry, or never left.", "plain"


def _recalled(fields: Fields) -> tuple[str, str, str]:
    return (
        "Recalled",
        (
            f"{_items(fields['answers'])} of the package, among the rows {', '.join(fields['rows'])}, recalled by act "
            f"{fields['act_number']}: their answers must not be acted on."
        ),
        "alarm",
    )


def _disposed(fields: Fields) -> tuple[str, str, str]:
    return (
        "Disposal receipt",
        (
            f"A recipient of what act {fields['act_number']} recalled has said, signed with the key "
            f"{fields['signer_key_sha256']}, what became of it."
        ),
        "plain",
    )


def _other(fields: Fields) -> tuple[str, str, str]:
    kind = str(fields["type"]).replace("-", " ")
    return kind.capitalize(), f"The log has an entry '{kind}' about the package.", "plain"


def _destroyed(fields: Fields) -> tuple[str, str, str]:
    return (
        "Data key destroyed",
        f"Due {fields['due']}. Rows, salts and seals are closed for good: nothing is opened or replayed any more.",
        "plain",
    )


_WORDS: Final[Mapping[str, Callable[[Fields], tuple[str, str, str]]]] = {
    PACKAGE_RECEIVED: _received,
    PACKAGE_REFUSED: _refused,
    ITEM_DECIDED: _item,
    PACKAGE_DECIDED: _decided,
    PACKAGE_RELEASED: _released,
    RELEASE_DELAYED: _delayed,
    ANSWERS_EXPIRED: _expired,
    ANSWERS_RECALLED: _recalled,
    DISPOSAL_RECEIPT: _disposed,
    DATA_KEY_DESTROYED: _destroyed,
}


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {count:,}" for name, count in sorted(value.items()))
    return str(value)


def lines(trace: Trace) -> list[str]:
    """Returns the way as lines of text: where the package is now, then each step with its time and leaf."""
    text = [f"{trace.of}: {outcome_of(trace)}"]
    for step in map(told, trace.steps):
        text.append(f"{step.time or ' ' * 20}  leaf {step.leaf}  {step.heading}")
        text.append(f"    {step.sentence}")
    for opening in trace.openings:
        text.append(f"{opening.what.value.capitalize()}, opened under the order {opening.order_sha256}")
        text += [f"    {name}: {value}" for name, value in opened(opening).items()]
    return text
