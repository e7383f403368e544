"""What a reason counts by: its letters as a reader sees them (R-25)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.eligibility.history.reason_text import counted_reason

REASON = "The lease found in the search of May 12 names this apartment; he moved in after the order, willful failure."

DISGUISES = {
    "capitals": str.upper,
    "another number": lambda text: text.replace("12", "7"),
    "no punctuation": lambda text: text.replace(";", "").replace(".", " "),
    "an accent": lambda text: text.replace("e", "é"),
    "an accent as a mark of its own": lambda text: text.replace("e", "e\u0301"),
    "zero-width spaces": "\u200b".join,
    "zero-width joiners": "\u200d".join,
    "soft hyphens": "\u00ad".join,
    "word joiners": "\u2060".join,
    "byte order marks": "\ufeff".join,
    "variation selectors": "\ufe0f".join,
    "grapheme joiners": "\u034f".join,
    "tag characters": "\U000e0041".join,
    "Hangul fillers": "\u3164".join,
    "half-width Hangul fillers": "\uffa0".join,
    "Braille blanks": "\u2800".join,
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "Cyrillic": lambda text: text.translate(str.maketrans("aceopsxyi", "асеорѕхуі")),
    "Cyrillic capitals": lambda text: text.upper().translate(str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")),
    "Cyrillic capitals made small": lambda text: text.translate(str.maketrans("hkmt", "нкмт")),
    "Greek": lambda text: text.translate(str.maketrans("ov", "ον")),
    "Greek capitals": lambda text: text.upper().translate(str.maketrans("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")),
    "Cherokee": lambda text: text.upper().translate(str.maketrans("ATMSL", "ᎪᎢᎷᏚᏞ")),
    "full width": lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "mathematical letters": lambda text: text.translate({ord("a") + n: 0x1D41A + n for n in range(26)}),
    "one for l": lambda text: text.replace("l", "1"),
    "nought for o": lambda text: text.replace("o", "0"),
    "capital I for l": lambda text: text.replace("l", "I"),
    "rn for m": lambda text: text.replace("m", "rn"),
}


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
def test_a_disguised_reason_counts_as_the_one_it_looks_like(disguise: object) -> None:
    assert callable(disguise)
    assert disguise(REASON) != REASON
    assert counted_reason(disguise(REASON)) == counted_reason(REASON)


@pytest.mark.parametrize(
    "other",
    [
        REASON.replace("apartment", "house"),
        REASON.replace("lease", "letter"),
        REASON.replace("he ", "she "),
        "",
    ],
)
def test_another_word_is_another_reason(other: str) -> None:
    assert counted_reason(other) != counted_reason(REASON)


def test_a_unit_or_a_date_is_a_number_and_no_letter() -> None:
    assert counted_reason("Seen at Apt 10B on 1 May") == counted_reason("Seen at Apt 4B on 20 May")


def test_letters_of_another_script_that_look_like_none_of_ours_count() -> None:
    assert counted_reason("договор") != counted_reason("договоры")
    assert counted_reason("契約") != counted_reason("手紙")


@given(st.text())
def test_only_letters_are_left_and_none_is_a_mark_or_an_invisible_one(reason: str) -> None:
    assert all(unicodedata.category(character)[0] == "L" for character in counted_reason(reason))


@given(st.text(), st.sampled_from(["\u200b", "\u2060", "\u00ad", "\ufe0f", "\u034f", "\u3164", " ", "-"]))
def test_what_shows_nothing_between_words_changes_nothing(reason: str, invisible: str) -> None:
    words = reason.split()
    assert counted_reason(invisible.join(words)) in {
        counted_reason(" ".join(words)),
        counted_reason("".join(words)),
    }
