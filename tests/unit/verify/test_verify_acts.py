"""A log's acts follow from its charter, and packages from its acts."""

from __future__ import annotations

from datetime import datetime

import pytest

from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.base.errors import LogInconsistentError
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.leaf import PackageDecided, PackageReceived
from narrowgate.core.log.recalls import AnswersRecalled, DisposalReceipt
from narrowgate.core.log.releases import DataKeyDestroyed, PackageReleased
from narrowgate.verify.ledger import Ledger
from support.governance import HOUR, NOON, ActLeaves
from support.log_world import item_leaves

AGREEMENT, OFFICERS = "1" * 64, "2" * 64
CHARTER = ActLeaves.charter
RECEIVED = PackageReceived(
    "p-20260101-abcdef", bytes(32), bytes(32), bytes.fromhex(AGREEMENT), bytes.fromhex(OFFICERS), 1, bytes(32),
    "acting_director_of_ice", bytes(32), NOON, NOON,
).leaf()  # fmt: skip
IN_FORCE = [(Kind.AGREEMENT_IN_FORCE, {"sha256": AGREEMENT}), (Kind.REGISTER_IN_FORCE, {"sha256": OFFICERS})]


def acts(*kinds: tuple[Kind, dict[str, str]]) -> list[bytes]:
    """The leaves of some acts in sequence."""
    made = ActLeaves()
    return [made.leaf(kind, **changes) for kind, changes in kinds]


def read(leaves: list[bytes]) -> Ledger:
    """The ledger after these leaves."""
    ledger = Ledger()
    for index, leaf in enumerate(leaves):
        ledger.take(index, leaf)
    return ledger


def test_a_package_under_what_is_in_force_is_accounted_for() -> None:
    ledger = read([CHARTER, *acts(*IN_FORCE, (Kind.HOLD, {}), (Kind.HOLD_LIFTED, {})), RECEIVED])
    assert (list(ledger.packages), ledger.holds_placed, ledger.holds) == (["p-20260101-abcdef"], 1, set())


@pytest.mark.parametrize(
    ("leaves", "problem"),
    [
        (acts((Kind.HOLD, {})), "without a charter"),
        ([CHARTER, CHARTER], "not its first leaf"),
        ([CHARTER, acts((Kind.HOLD, {}), (Kind.HOLD_LIFTED, {}))[1]], "contradicts those before it"),
        ([CHARTER, RECEIVED], "another agreement"),
        ([CHARTER, *acts(IN_FORCE[0]), RECEIVED], "another register"),
        ([CHARTER, *acts((Kind.AGREEMENT_IN_FORCE, {"sha256": OFFICERS}), IN_FORCE[1]), RECEIVED], "another agreement"),
        ([CHARTER, *acts(*IN_FORCE, (Kind.HOLD, {})), RECEIVED], "that a hold stops"),
        ([CHARTER, *acts(*IN_FORCE, (Kind.HOLD, {"subject": "package:p-20260101-abcdef"})), RECEIVED], "a hold stops"),
        ([CHARTER, *acts(*IN_FORCE, (Kind.OFFICE_OFF, {})), RECEIVED], "switched off"),
        ([CHARTER, *acts((Kind.PACKAGE_ABANDONED, {}))], "not there to end"),
    ],
)  # fmt: skip
def test_a_log_that_contradicts_its_acts_is_found(leaves: list[bytes], problem: str) -> None:
    with pytest.raises(LogInconsistentError, match=problem):
        read(leaves)


def test_a_package_abandoned_by_an_act_is_abandoned() -> None:
    leaves = acts(*IN_FORCE, (Kind.PACKAGE_ABANDONED, {}))
    ledger = read([CHARTER, *leaves[:2], RECEIVED, leaves[2]])
    assert ledger.packages["p-20260101-abcdef"].abandoned


ABANDONED = acts(*IN_FORCE, (Kind.PACKAGE_ABANDONED, {}))


@pytest.mark.parametrize("later", [item_leaves("p-20260101-abcdef", 1)[0], ABANDONED[2]])
def test_an_abandoned_package_ends_there_and_once(later: bytes) -> None:
    with pytest.raises(LogInconsistentError):
        read([CHARTER, *ABANDONED[:2], RECEIVED, ABANDONED[2], later])


PACKAGE = "p-20260101-abcdef"
DECIDED = [
    RECEIVED,
    item_leaves(PACKAGE, 1)[0],
    PackageDecided(PACKAGE, 1, 0, {}, bytes(32), "2026-01-a", "2025-12-31", bytes(32), NOON).leaf(),
]
RELEASED = PackageReleased(PACKAGE, NOON, NOON).leaf()


def recalled(act: int = 5, package: str = PACKAGE, rows: tuple[int, int] = (0, 0), answers: int = 1) -> bytes:
    return AnswersRecalled(act, package, [rows], answers, NOON).leaf()


def receipt(act: int = 5, package: str = PACKAGE, key: str = "a" * 64) -> bytes:
    return DisposalReceipt(act, package, key, "b" * 64, "c" * 64, NOON).leaf()


def recall_act(answers: str = "1") -> list[bytes]:
    """The acts before a package, and the one that recalls so many of its answers."""
    index, rules = (
        (Kind.INDEX_IN_FORCE, {"subject": "2026-01-a"}),
        (Kind.RULES_IN_FORCE, {"subject": "rules-1"}),
    )
    return acts(*IN_FORCE, index, rules, (Kind.RECALL, {"subject": answers}))


def test_a_recall_and_its_receipts_are_accounted_for() -> None:
    *before, recall = recall_act()
    leaves = [CHARTER, *before, *DECIDED, RELEASED, recall, recalled(), receipt(), receipt(key="d" * 64)]
    ledger = read(leaves)
    assert ledger.packages[PACKAGE].recalls.answers == {5: 1}
    assert len(ledger.packages[PACKAGE].recalls.receipts) == 2


@pytest.mark.parametrize(
    ("later", "problem"),
    [
        ([receipt()], "does not say which answers"),
        ([recalled(2)], "by no act"),
        ([recalled(answers=2)], "more of them than it names"),
        ([recalled(package="p-20260101-another")], "of a package that has none"),
        ([recalled(rows=(0, 1))], "More answers are recalled than the package has"),
        ([recalled(), recalled()], "by no act, or more"),
        ([recalled(), receipt(act=2)], "were not recalled"),
        ([recalled(), receipt(), receipt()], "is there twice"),
        ([recalled(), RELEASED], "released whose answers were recalled"),
    ],
)
def test_a_recall_that_contradicts_its_act_or_the_log_is_found(later: list[bytes], problem: str) -> None:
    *before, recall = recall_act()
    with pytest.raises(LogInconsistentError, match=problem):
        read([CHARTER, *before, *DECIDED, recall, *later])


def revoked(before: list[tuple[Kind, dict[str, str]]], key: str) -> tuple[list[bytes], bytes]:
    """The leaves of some acts, and of the next one, which revokes a key."""
    *acted, last = acts(*before, (Kind.KEY_REVOKED, {"subject": key}))
    return acted, last


CONDITIONS = [
    *IN_FORCE,
    (Kind.INDEX_IN_FORCE, {"subject": "2026-01-a"}),
    (Kind.RULES_IN_FORCE, {"subject": "rules-1"}),
]
SIGNER = bytes(32).hex()


@pytest.mark.parametrize(
    ("after", "problem"),
    [(0, "received that"), (1, "decided that"), (2, "decided that"), (3, "released that")],
)
def test_what_a_revoked_key_signed_goes_no_further(after: int, problem: str) -> None:
    """The gate suspends it, begun or decided; another key's revocation is of no concern to it."""
    leaves = [*DECIDED, RELEASED]
    for key in (SIGNER, "9" * 64):
        before, revocation = revoked(CONDITIONS, key)
        log = [CHARTER, *before, *leaves[:after], revocation, *leaves[after:]]
        if key == SIGNER:
            with pytest.raises(LogInconsistentError, match=f"{problem} a revoked key signed"):
                read(log)
        else:
            assert read(log).packages[PACKAGE].released


def test_a_package_that_was_released_before_its_key_was_revoked_is_accounted_for() -> None:
    before, revocation = revoked(CONDITIONS, SIGNER)
    assert read([CHARTER, *before, *DECIDED, RELEASED, revocation]).packages[PACKAGE].released


def test_a_receipt_that_a_revoked_key_signed_is_found() -> None:
    before, revocation = revoked([*CONDITIONS, (Kind.RECALL, {"subject": "1"})], "b" * 64)
    *early, recall = before
    log = [CHARTER, *early, *DECIDED, RELEASED, recall, recalled()]
    assert read([*log, receipt(), revocation]).packages[PACKAGE].recalls.receipts
    with pytest.raises(LogInconsistentError, match="signed by a revoked key"):
        read([*log, revocation, receipt()])


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "hold-lifted", "scope": "all", "ordered": "2026-01-02T12:00:00Z"},
        {"type": "package-abandoned", "package": "p-20260101-abcdef"},
    ],
)
def test_a_log_cannot_lift_a_hold_or_end_a_package_but_by_an_act(fields: dict[str, str]) -> None:
    leaf = canonical_bytes({**fields, "time": "2026-01-02T12:00:00Z"})
    with pytest.raises(LogInconsistentError, match="no known type"):
        read([CHARTER, *acts(*IN_FORCE, (Kind.HOLD, {})), leaf])


def gone(due: datetime = NOON, package: str = PACKAGE) -> bytes:
    return DataKeyDestroyed(package, due, NOON).leaf()


@pytest.mark.parametrize(
    ("later", "problem"),
    [
        ([gone()], "too early"),
        ([RELEASED, gone(), gone()], "or twice"),
        ([RELEASED, gone(NOON + HOUR)], "before its day"),
        ([RELEASED, gone(NOON - HOUR)], "before its day"),
        ([RELEASED, gone(package="p-20260101-another")], "that was not received"),
        ([RELEASED, "hold", gone()], "while a hold covered"),
    ],
)
def test_a_data_key_is_destroyed_once_and_on_its_day(later: list[bytes], problem: str) -> None:
    index, rules = (
        (Kind.INDEX_IN_FORCE, {"subject": "2026-01-a"}),
        (Kind.RULES_IN_FORCE, {"subject": "rules-1"}),
    )
    *before, hold = acts(*IN_FORCE, index, rules, (Kind.HOLD, {}))
    leaves = [hold if leaf == "hold" else leaf for leaf in later]
    assert read([CHARTER, *before, *DECIDED, RELEASED, gone()]).packages[PACKAGE].destroyed
    with pytest.raises(LogInconsistentError, match=problem):
        read([CHARTER, *before, *DECIDED, *leaves])
