"""Keys: the relation "same delivery point", by ZIP Code, by city, and between the two."""

from __future__ import annotations

from narrowgate.core.address.keys import (
    key_locality,
    key_street_name,
    keys,
    record_localities,
    request_localities,
)
from narrowgate.core.address.model import CANONICAL_FORM_VERSION, AddressClass, DeliveryPoint


def point(city: str = "", state: str = "", zip5: str = "", name: str = "MAIN") -> DeliveryPoint:
    return DeliveryPoint(
        AddressClass.STREET, number="123", street_name=name, suffix="ST", city=city, state=state, zip5=zip5
    )


def same(one: DeliveryPoint, other: DeliveryPoint) -> bool:
    return bool(set(keys(one)) & set(keys(other)))


CINCINNATI = point("CINCINNATI", "OH")
NORWOOD = point("NORWOOD", "OH")
IN_45212 = point("NORWOOD", "OH", "45212")
IN_45202 = point("CINCINNATI", "OH", "45202")


def test_a_zip_code_equals_itself_whatever_the_city() -> None:
    assert same(IN_45202, point("MIDDLETOWN", "OH", "45202"))
    assert not same(IN_45202, IN_45212)


def test_a_city_equals_itself_and_the_zip_codes_it_has() -> None:
    assert same(CINCINNATI, point("CINCINNATI", "OH"))
    assert same(CINCINNATI, IN_45202)
    assert same(CINCINNATI, IN_45212), "Cincinnati is an acceptable city of Norwood's ZIP Code"
    assert not same(CINCINNATI, point("CLEVELAND", "OH", "44101"))


def test_two_cities_that_share_a_zip_code_stay_two_places() -> None:
    assert not same(CINCINNATI, NORWOOD)


def test_a_city_of_another_state_is_another_city() -> None:
    assert not same(point("SPRINGFIELD", "IL"), point("SPRINGFIELD", "MA"))


def test_the_localities_of_record_and_request_are_the_same_relation() -> None:
    points = (CINCINNATI, NORWOOD, IN_45212, IN_45202, point("CLEVELAND", "OH"), point("", "", "99999"))
    for request in points:
        for record in points:
            meet = bool(set(request_localities(request)) & set(record_localities(record)))
            assert meet == same(request, record), (request, record)


def test_the_first_key_is_readable_and_begins_with_the_version() -> None:
    assert keys(IN_45202)[0] == f"{CANONICAL_FORM_VERSION}|Z45202|street|123||MAIN|ST|||||"
    assert key_locality(CINCINNATI) == "CCINCINNATI,OH"


def test_spaces_between_letters_say_nothing_and_beside_digits_everything() -> None:
    assert key_street_name(point(name="LA SALLE")) == key_street_name(point(name="LASALLE"))
    assert key_street_name(point(name="COUNTY ROAD 1 2")) == "COUNTYROAD 1 2"
