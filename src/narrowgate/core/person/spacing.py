"""Whole names in every spacing in which they are written: apart, and run together."""

from __future__ import annotations

from collections.abc import Sequence


def given_forms(names: Sequence[tuple[str, str]]) -> list[str]:
    """A first given name, and behind a space the second one, or its initial, where there is one.

    ``HAE JIN`` is written HAEJIN too, and ANA MARIA ANAMARIA; so the first two names are also one.

    Args:
        names: of one field, each as a first name and as a second one (``DELCARMEN``, ``CARMEN``); an initial is one
            letter, and no first name.
    """
    if not names:
        return []
    forms = [_form(names[0][0], names[1:])]
    if len(names) > 1 and len(names[1][0]) > 1:
        forms.append(_form(names[0][0] + names[1][0], names[2:]))
    return forms


def _form(first: str, behind: Sequence[tuple[str, str]]) -> str:
    return f"{first} {behind[0][1]}" if behind else first


def surname_forms(names: Sequence[str]) -> list[str]:
    """All surnames in alphabetical order, and run together in theirs (``MONTESDEOCA``)."""
    apart = " ".join(sorted(names))
    return [apart, "".join(names)] if len(names) > 1 else [apart]
