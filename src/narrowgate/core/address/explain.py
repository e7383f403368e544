"""Stage by stage, what the canonical form makes of an address."""

from __future__ import annotations

from narrowgate.core.address.model import RawAddress, Stage
from narrowgate.core.address.parse import STAGES, Draft


def explain(raw: RawAddress) -> tuple[Stage, ...]:
    """Every stage that changed something, with what stood before and after it and why.

    These are the very stages that :func:`~narrowgate.core.address.examine.examine` runs.
    """
    draft = Draft(raw)
    shown: list[Stage] = []
    before = " | ".join(
        part for part in (raw.address_line_1, raw.address_line_2, raw.city, raw.state, raw.zip) if part
    )
    for stage in STAGES:
        stage.run(draft)
        after = _described(draft)
        if after != before:
            shown.append(Stage(stage.name, before, after, stage.why))
        before = after
    return tuple(shown)


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
