"""Stage by stage, what the canonical form makes of an address."""

from __future__ import annotations

from collections.abc import Iterable

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.model import Defect, RawAddress, Stage
from narrowgate.core.address.parse.parse import STAGES, Draft
from narrowgate.core.address.sufficiency.judge import early_defects


def explain(raw: RawAddress) -> tuple[Stage, ...]:
    """Every stage that changed something, with what stood before and after it and why.

    These are the very stages that :func:`~narrowgate.core.address.examine.examine_address` runs, between the same two
    judgements: of the text before, and of the delivery point after.
    """
    before = " | ".join(
        part for part in (raw.address_line_1, raw.address_line_2, raw.city, raw.state, raw.zip) if part
    )
    if early := early_defects(raw):
        return (Stage("text", before, _defects(early), "the words themselves name no address to ask about"),)
    draft = Draft(raw)
    shown: list[Stage] = []
    for stage in STAGES:
        stage.run(draft)
        after = _described(draft)
        if after != before:
            shown.append(Stage(stage.name, before, after, stage.why))
        before = after
    refused = examine_address(raw).defects
    if set(refused) != set(draft.defects):
        why = "the ZIP Code must be the state's, and the canonical form must be read as itself"
        shown.append(Stage("delivery point", before, _defects(refused), why))
    return tuple(shown)


def _defects(defects: Iterable[Defect]) -> str:
    return f"defects: {', '.join(defects)}"


def _described(draft: Draft) -> str:
    """What is read so far, part by part, and the text still unread."""
    street = draft.street
    parts = (
        ("unread", draft.text),
        ("class", draft.address_class.value if draft.box else ""),
        ("number", draft.number),
        ("predirectional", street.predirectional),
        ("street name", street.name),
        ("suffix", street.suffix),
        ("postdirectional", street.postdirectional),
        ("units", ", ".join(draft.units)),
        ("route", draft.route),
        ("box", draft.box),
        ("urbanization", draft.urbanization),
        ("building", draft.building),
        ("city", draft.locality.city),
        ("state", draft.locality.state),
        ("ZIP", draft.locality.zip5),
        ("defects", ", ".join(draft.defects)),
    )
    return " | ".join(f"{name}: {text}" for name, text in parts if text)
