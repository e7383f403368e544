"""A charter is complete and closed, and lets no person count as two."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.core.base.errors import ConfigurationError
from narrowgate.core.governance.charter import CustodyOfficer, Predecessor, parse_charter, render_charter
from narrowgate.core.log.note import NoteSigner
from support.governance import FIRST, FIRST_AGAIN, SECOND, THIRD, charter

OLD_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def test_a_charter_reads_back_as_it_was_written_and_is_named_by_its_bytes() -> None:
    written = charter()
    text = render_charter(written).encode()
    assert parse_charter(text, "charter.toml") == written
    assert written.digest == sha256(text).hexdigest()
    assert written.log_origin == "example.test/log"


def test_two_cards_of_one_person_are_one_person() -> None:
    assert charter().officers_of([FIRST_AGAIN, FIRST]) == ("custody-1",)
    assert charter().officers_of([THIRD, SECOND]) == ("custody-2", "custody-3")


def test_a_charter_may_name_the_end_of_the_log_before_it() -> None:
    ended = Predecessor(str(NoteSigner.ed25519("example.test/old", OLD_KEY).key), 7, "a" * 64)
    assert charter(predecessor=ended).predecessor == ended


def test_a_log_does_not_follow_itself_and_an_end_is_complete() -> None:
    itself = Predecessor(charter().log_key, 7, "a" * 64)
    for changed in (itself, replace(itself, size=0), replace(itself, root="A"), replace(itself, log_key="x")):
        with pytest.raises(ConfigurationError, match="charter cannot be used"):
            charter(predecessor=changed)


OFFICERS = charter().officers


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"officers": OFFICERS[:2]}, "names 2 officers"),
        ({"officers": (*OFFICERS, OFFICERS[0])}, "names an officer twice"),
        ({"officers": (*OFFICERS, CustodyOfficer("custody-4", "x", (FIRST,)))}, "one key to two officers"),
        ({"quorum": 1}, "not between 2 and 2"),
        ({"quorum": 3}, "not between 2 and 2"),
        ({"gate": "a gate"}, "is not a name"),
        ({"log_key": "no key"}, "not a verifier key"),
        ({"trust_root": "abc"}, "not a SHA-256 digest"),
        ({"witnesses": (charter().log_key,), "witness_quorum": 1}, "verifier key of another kind"),
    ],
)
def test_what_a_charter_may_not_say(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        charter(**changes)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"\xff", "UTF-8"),
        (b"[", "TOML"),
        (b'surprise = "x"\n' + render_charter(charter()).encode(), "is not a key of a charter"),
        (b"#" * 300_000, "longer than"),
    ],
)
def test_what_is_no_charter(text: bytes, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        parse_charter(text, "charter.toml")
