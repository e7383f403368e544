"""Recalls in a sandbox's world, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

from support.command_line import CommandLine, Result

OFFICE = "secretary_of_homeland_security"
CUSTODY = "--key world/keys/custody-{0}.key.pem --certificate world/keys/custody-{0}.pem"
OFFICIAL = f"--key world/keys/{OFFICE}.key.pem --certificate world/keys/{OFFICE}.pem"
OFFICER = "--key world/officers/{0}.key.pem --certificate world/officers/{0}.pem --log-key world/log/log.vkey"


def found(narrowgate: CommandLine, *criteria: str, out: str = "recall.json") -> Result:
    """What ``recall find`` says of the world."""
    return narrowgate("recall", "find", "world", *criteria, "--out", out, "--json")


def signed(narrowgate: CommandLine, number: int, *officers: int) -> Result:
    """What the application of a proposed act says that these officers signed."""
    for officer in officers:
        keys = CUSTODY.format(officer).split()
        assert narrowgate("act", "sign", number, *keys, "--yes", "--config", "world").code == 0
    return narrowgate("act", "apply", number, "--config", "world")


def recalled(narrowgate: CommandLine, *criteria: str) -> int:
    """The number of the act that recalls what the criteria pick; it is in force."""
    listed = found(narrowgate, *criteria)
    assert listed.code == 0, listed.err
    issued = narrowgate("recall", "issue", "recall.json", "--reason", "test", "--config", "world", "--json")
    assert issued.code == 0, issued.err
    Path("recall.json").unlink()
    number = int(json.loads(issued.out)["number"])
    applied = signed(narrowgate, number, 1, 2)
    assert applied.code == 0, applied.err
    return number


def notices(narrowgate: CommandLine) -> list[Path]:
    """The notices of every recall: the office's first, then those of its officers."""
    assert narrowgate("recall", "notices", "world", "--out", "notices").code == 0
    shown = []
    for path in sorted(Path("notices").glob("*/*.recall.json")):
        told = narrowgate("recall", "show", path, "--log-key", "world/log/log.vkey", "--json")
        shown.append((path, json.loads(told.out)["recipient_key_sha256"]))
    signer = json.loads(narrowgate("key", "digest", f"world/keys/{OFFICE}.pem", "--json").out)
    digest = signer["public_key_sha256"]
    return [path for path, key in sorted(shown, key=lambda each: each[1] != digest)]
