from __future__ import annotations

import pytest

from support.command_line import CommandLine


@pytest.mark.parametrize(
    "command",
    [
        "inspector in-force . --at",
        "inspector incidents . --at",
        "recall status . --at",
        "assure --at",
        "act propose hold all --reason r --config . --from",
        "act propose hold all --reason r --config . --until",
        "custodian incident all --reason r --config . --discovered",
    ],
)
@pytest.mark.parametrize("text", ["yesterday", "2027-01-31", "2027-01-31T08:00:00+01:00", ""])
def test_what_is_no_utc_time_is_a_usage_error_of_every_command(
    command: str, text: str, narrowgate: CommandLine
) -> None:
    refused = narrowgate(*command.split(), text)
    assert (refused.code, "It must be a UTC time such as 2027-01-31T08:00:00Z." in refused.err) == (2, True)
