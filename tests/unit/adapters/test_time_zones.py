"""Time zones come from the package that the locks name, not from the machine."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta

import pytest

from narrowgate.adapters.time_zones import RULES_VERSION, time_zone
from narrowgate.core.base.errors import ConfigurationError


def test_a_zone_has_its_rules_on_a_machine_without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "TZPATH", ())
    zone = time_zone("America/New_York")
    assert datetime(2027, 1, 4, 12, tzinfo=zone).utcoffset() == timedelta(hours=-5)
    assert datetime(2027, 7, 4, 12, tzinfo=zone).utcoffset() == timedelta(hours=-4)
    assert time_zone("UTC").utcoffset(datetime(2027, 7, 4)) == timedelta(0)  # noqa: DTZ001 - what a zone takes


@pytest.mark.parametrize("name", ["America/Nowhere", "../zones", "America", "/etc/localtime", "", "zone.tab"])
def test_what_is_no_zone_is_refused_with_the_version_of_the_database(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        time_zone(name)
    assert RULES_VERSION in caught.value.why
