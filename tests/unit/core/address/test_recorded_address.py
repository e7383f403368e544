"""A record whose ZIP Code and city agree is kept under them, whatever state beside them."""

import pytest

from narrowgate.core.address.examine import examine_address
from narrowgate.core.address.keys import keys
from narrowgate.core.address.model import Defect, RawAddress
from narrowgate.core.address.recorded import STATE_PASSED_OVER, examine_recorded

RIGHT = RawAddress("12 Main St", "", "Cincinnati", "OH", "45220")


def at(city: str, state: str, zip_code: str) -> RawAddress:
    return RawAddress("12 Main St", "", city, state, zip_code)


@pytest.mark.parametrize(
    "raw", [at("Cincinnati", "KY", "45220"), at("CINCINNATI", "Ohio", "45220-1234"), RIGHT]
)
def test_a_state_that_zip_and_city_contradict_changes_nothing(raw: RawAddress) -> None:
    kept, right = examine_recorded(raw).delivery_point, examine_address(RIGHT).delivery_point
    assert kept
    assert right
    assert keys(kept) == keys(right)


def test_it_says_that_the_state_was_passed_over_and_only_then() -> None:
    assert examine_recorded(at("Cincinnati", "KY", "45220")).warnings == (STATE_PASSED_OVER,)
    assert examine_recorded(RIGHT).warnings == ()


@pytest.mark.parametrize(
    "raw",
    [
        at("Covington", "KY", "45220"),  # city and state agree, and the ZIP Code does not
        at("", "KY", "45220"),
        at("Springfield", "CA", "45220"),
    ],
)
def test_a_zip_that_two_parts_contradict_is_a_conflict_in_a_record_too(raw: RawAddress) -> None:
    assert examine_recorded(raw).defects == (Defect.ZIP_STATE_CONFLICT,)


def test_in_an_item_the_contradiction_stays_a_defect() -> None:
    assert examine_address(at("Cincinnati", "KY", "45220")).defects == (Defect.ZIP_STATE_CONFLICT,)


def test_another_fault_beside_the_state_is_not_passed_over() -> None:
    raw = RawAddress("Main St", "", "Cincinnati", "KY", "45220")
    assert examine_recorded(raw).defects == examine_address(raw).defects
