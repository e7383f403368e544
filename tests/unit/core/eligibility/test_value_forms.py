"""What is wrong with the form of a value is told of this value, without repeating it, and never of a good one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.core.eligibility.value_forms import corrected_item, value_faults
from narrowgate.core.request.item import ITEM_COLUMNS
from support.requests import eligible_item


def test_a_good_item_has_none_and_is_its_own_correction() -> None:
    assert value_faults(eligible_item()) == ()
    assert (
        corrected_item(eligible_item()) is eligible_item()
        or corrected_item(eligible_item()) == eligible_item()
    )


@pytest.mark.parametrize(
    ("column", "value", "told", "corrected"),
    [
        ("birth_date", "03/09/1984", "is written month/day/year.", "1984-03-09"),
        ("birth_date", "3/9/1984", "is written month/day/year.", "1984-03-09"),
        ("birth_date", "19/03/1984", "is written day first, not in ISO 8601.", "1984-03-19"),
        ("birth_date", "03/09/84", "has a year of two digits.", ""),
        ("birth_date", "19840309", "is written without hyphens.", "1984-03-09"),
        ("birth_date", "1984/03/09", "has other separators than hyphens.", "1984-03-09"),
        ("birth_date", "1984-3-9", "has a month or day of one digit.", "1984-03-09"),
        ("birth_date", "1984-03-09 00:00:00", "has a time behind the date.", "1984-03-09"),
        ("birth_date", "1984-03-09T00:00:00Z", "has a time behind the date.", "1984-03-09"),
        ("birth_date", "1984-02-30", "is no day of the calendar.", ""),
        ("birth_date", "30750", "is a number of days, which is how Excel keeps a date.", ""),
        ("birth_date", "", "is blank.", ""),
        ("tin", "12345678", "has 8 digits: has a leading zero been lost?", "012345678"),
        ("tin", "1234567", "has 7 digits: have leading zeros been lost?", "001234567"),
        ("tin", "911820043.0", "ends in .0, as a number does.", "911820043"),
        ("tin", "911-8Z-0043", "holds something else than digits.", ""),
        ("tin", "9.11E+08", "is a number with an exponent: its last digits are gone.", ""),
        ("tin", "9118200431", "has 10 digits.", ""),
        ("zip", "2134", "has 4 digits: has a leading zero been lost?", "02134"),
        ("zip", "02134-12", "has 7 digits: have leading zeros been lost?", ""),
        ("alien_number", "A12345", "has 5 digits: have leading zeros been lost?", "0012345"),
        ("stayed", "No", "is not in small letters.", "no"),
        ("stayed", "F", "means yes or no and is neither word.", "no"),
        ("in_custody", "perhaps", "is neither yes nor no.", ""),
        ("tax_years", "2022,2023", "separates the years by something else than spaces.", "2022 2023"),
        ("tax_years", "2022-2023", "is a range of years.", ""),
        ("tax_years", "2023 2022", "has its years out of order.", "2022 2023"),
        ("tax_years", "2022 2022", "names a year twice.", "2022"),
        ("tax_years", "2022.0", "ends in .0, as a number does.", "2022"),
        ("reason_code", "Serve Process", "is not in capital letters with underscores.", "SERVE_PROCESS"),
        (
            "officers",
            "officer-1; officer-2",
            "separates the officers by something else than spaces.",
            "officer-1 officer-2",
        ),
    ],
)
def test_a_value_is_told_what_is_wrong_with_it(column: str, value: str, told: str, corrected: str) -> None:
    (fault,) = value_faults(eligible_item(**{column: value}))
    assert (fault.column, fault.found.problem, fault.found.corrected) == (column, told, corrected)
    assert fault.found.hint.endswith(".") or fault.found.hint.endswith("2022 2023.")
    assert not value or value not in fault.found.problem
    if corrected:
        assert getattr(corrected_item(eligible_item(**{column: value})), column) == corrected


@pytest.mark.parametrize("value", ["2022", "2021 2022", "911-82-0043", "911820043"])
def test_values_in_their_form_have_no_fault(value: str) -> None:
    column = "tax_years" if value.startswith("20") else "tin"
    assert value_faults(eligible_item(**{column: value})) == ()


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
def test_every_date_written_the_american_way_is_corrected_to_itself(day: date) -> None:
    item = eligible_item(birth_date=f"{day:%m/%d/%Y}")
    assert corrected_item(item).birth_date == day.isoformat()


@given(st.sampled_from(ITEM_COLUMNS), st.text(max_size=30))
def test_any_text_in_any_column_is_looked_at_and_never_repeated(column: str, text: str) -> None:
    for fault in value_faults(eligible_item(**{column: text})):
        words = fault.found.problem.split()
        assert not [word for word in text.split() if len(word) > 5 and word in words]
