"""Acts are refused or applied exactly once: file, leaf, effect, in that order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from narrowgate.core.base.errors import (
    ActRefusedError,
    EnvelopeError,
    LogInconsistentError,
    NotInForceError,
    OperationalError,
    UsageError,
)
from narrowgate.core.governance.act import parse_act
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.note import NoteSigner
from narrowgate.governance.acts import Wanted, after_waiting, apply_act, outcome, propose, require_brake
from narrowgate.governance.found import found
from narrowgate.governance.rebuild import rebuild
from support.custody import (
    cards,
    custody_charter,
    enact,
    founded_books,
    new_books,
    proposed,
    resigned,
    signature,
)
from support.governance import LOG_SIGNER, NOON
from support.log_world import OTHER_SIGNER

HOLD = Wanted(Kind.HOLD, "all", "complaint 17")
LIFT = Wanted(Kind.HOLD_LIFTED, "all", "settled")
AGREEMENT = Wanted(Kind.AGREEMENT_IN_FORCE, "first", "signed by both", document=b"an agreement")


def test_a_gate_is_founded_once_and_nothing_is_in_force(tmp_path: Path) -> None:
    books = new_books(tmp_path)
    with pytest.raises(NotInForceError, match="no charter"):
        books.in_force()
    state = found(books, str(LOG_SIGNER.key), NOON)
    assert found(books, str(LOG_SIGNER.key), NOON) == state == books.in_force()
    assert (books.log.size(), len(state.missing(NOON))) == (1, 4)
    assert books.charter(state) == custody_charter()


def test_a_charter_for_another_log_is_refused(tmp_path: Path) -> None:
    assert isinstance(OTHER_SIGNER, NoteSigner)
    with pytest.raises(ActRefusedError, match="another log key"):
        found(new_books(tmp_path), str(OTHER_SIGNER.key), NOON)


def test_a_charter_signed_by_one_person_with_two_cards_is_refused(tmp_path: Path) -> None:
    books = new_books(tmp_path)
    second = tmp_path / "charter.toml.2.p7s"
    second.write_bytes(signature(cards().first_again, books.files.charter().data))
    with pytest.raises(ActRefusedError, match="1 of the 2"):
        found(books, str(LOG_SIGNER.key), NOON)
    assert books.log.size() == 0


def test_a_log_is_founded_by_one_charter(tmp_path: Path) -> None:
    books = founded_books(tmp_path / "a")
    other = new_books(tmp_path / "b", custody_charter(gate="gate-2"))
    books.files.keep_charter(other.files.charter().data)
    for number in (1, 2):
        (tmp_path / "a" / f"charter.toml.{number}.p7s").write_bytes(
            other.files.charter().signatures[number - 1]
        )
    with pytest.raises(UsageError, match="founded already"):
        found(books, str(LOG_SIGNER.key), NOON)


def test_one_officer_brakes_and_two_release(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    assert set(enact(books, HOLD, cards().third).holds) == {"all"}
    with pytest.raises(ActRefusedError, match="1 of the 2"):
        enact(books, LIFT, cards().first, cards().first_again)
    assert not enact(books, LIFT, cards().first, cards().third).holds


def test_an_act_is_applied_exactly_once(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    number = proposed(books, HOLD, cards().first)
    signed = books.files.proposal(number)
    first = apply_act(books, signed, NOON)
    assert apply_act(books, signed, NOON + timedelta(minutes=1)) == first
    assert (books.log.size(), books.files.proposals()) == (2, ())


def test_an_act_whose_leaf_was_not_written_is_not_in_force_and_can_be_applied_again(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    number = proposed(books, HOLD, cards().first)
    signed = books.files.proposal(number)
    books.files.keep_act(number, signed)  # and then the machine stopped
    assert not books.in_force().holds
    apply_act(books, signed, NOON)
    assert set(books.in_force().holds) == {"all"}


def test_the_document_of_an_act_is_kept_and_compared_with_its_digest(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    state = enact(books, AGREEMENT)
    digest = state.current("agreement", NOON).sha256
    assert books.files.document(digest) == b"an agreement"
    (tmp_path / "documents" / digest).write_bytes(b"another agreement")
    with pytest.raises(OperationalError, match="was changed"):
        books.files.document(digest)


def test_an_act_whose_document_cannot_be_used_is_not_even_proposed(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    with pytest.raises(ActRefusedError, match="wider"):
        proposed(books, Wanted(Kind.AGREEMENT_IN_FORCE, "first", "signed", document=b"unusable"))
    assert books.files.proposals() == ()


@pytest.mark.parametrize("wanted", [
    Wanted(Kind.INDEX_IN_FORCE, "first", "built", document=b"x", start=NOON - timedelta(seconds=1)),
    LIFT,
    Wanted(Kind.AGREEMENT_WITHDRAWN, "first", "a reason", sha256="1" * 64),
])  # fmt: skip
def test_what_cannot_be_applied_cannot_be_proposed(tmp_path: Path, wanted: Wanted) -> None:
    books = founded_books(tmp_path)
    with pytest.raises(ActRefusedError):
        proposed(books, wanted)


def test_an_act_drawn_up_before_another_was_applied_is_refused(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    number = proposed(books, AGREEMENT, cards().first, cards().second)
    overtaken = books.files.proposal(number)
    enact(books, HOLD, cards().third)
    with pytest.raises(ActRefusedError, match="next one is 2"):
        apply_act(books, overtaken, NOON)


def test_a_changed_act_and_a_strangers_signature_are_refused(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    number = proposed(books, HOLD, cards().first)
    signed = books.files.proposal(number)
    changed = resigned(signed)
    with pytest.raises(ActRefusedError, match="0 of the 1"):
        apply_act(books, changed, NOON)
    with pytest.raises(EnvelopeError):
        apply_act(books, resigned(signed, cards().root), NOON)
    other = parse_act(signed.data, "act")
    assert other.subject == "all"
    with pytest.raises(EnvelopeError, match="changed after it was signed"):
        apply_act(
            books,
            type(signed)(signed.data.replace(b"complaint 17", b"complaint 18"), signed.signatures),
            NOON,
        )


def test_an_expired_certificate_signs_nothing(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    late = NOON + timedelta(days=901)
    with pytest.raises(EnvelopeError, match="expired"):
        enact(books, HOLD, cards().first, at=late)


def test_the_outcome_says_in_words_what_would_change(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    number = proposed(books, AGREEMENT, cards().first)
    told = outcome(books, books.in_force(), books.files.proposal(number), NOON)
    assert "no other" in told.effect
    assert told.changes[0].startswith("Agreement: nothing -> first")
    assert (told.persons, told.needed) == (("custody-1",), 2)
    assert books.log.size() == 1


def test_acts_that_wait_for_a_gate_at_work_are_counted_with(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    books.files.let_wait(proposed(books, HOLD, cards().first))
    state = after_waiting(books, NOON)
    assert (state.number, set(state.holds)) == (1, {"all"})
    assert propose(books, state, Wanted(Kind.OFFICE_OFF, "acting_director_of_ice", "x y z"), NOON).number == 2


def test_only_a_brake_waits_for_a_gate_at_work(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    require_brake(propose(books, books.in_force(), HOLD, NOON))
    with pytest.raises(ActRefusedError, match="does not brake"):
        require_brake(propose(books, books.in_force(), AGREEMENT, NOON))


def test_a_new_charter_is_signed_by_the_quorum_of_the_old_one(tmp_path: Path) -> None:
    from narrowgate.core.governance.charter import render_charter

    books = founded_books(tmp_path)
    old = custody_charter()
    successor = custody_charter(
        officers=(*old.officers[1:], type(old.officers[0])("custody-4", "x", ("9" * 64,)))
    )
    replacing = Wanted(Kind.CHARTER_REPLACED, "gate-1", "new officer", render_charter(successor).encode())
    state = enact(books, replacing)
    assert books.charter(state) == successor
    with pytest.raises(EnvelopeError):
        enact(books, HOLD, cards().first)
    assert enact(books, HOLD, cards().second).holds
    assert books.verify_files(books.signatures) == books.in_force()


def test_the_files_of_the_acts_are_compared_with_their_leaves(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    enact(books, HOLD, cards().first)
    assert books.verify_files(books.signatures) == books.in_force()
    act = tmp_path / "acts" / "000001.json"
    original = act.read_bytes()
    act.write_bytes(original.replace(b"complaint 17", b"complaint 18"))
    with pytest.raises(LogInconsistentError):
        books.verify_files(books.signatures)
    act.write_bytes(original)
    (tmp_path / "acts" / "000001.json.1.p7s").write_bytes(signature(cards().second, original))
    with pytest.raises(LogInconsistentError, match="signers"):
        books.verify_files(books.signatures)


def test_the_cache_is_rebuilt_from_the_log(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    enact(books, HOLD, cards().first)
    enact(books, AGREEMENT)
    kept = books.remembered.governance()
    state = books.in_force()
    assert rebuild(books) == (3, True)
    assert books.remembered.governance() == kept
    books.remembered.found = kept[1][:2]  # a hold that somebody took out of the state
    assert rebuild(books) == (3, False)
    assert books.in_force() == state


def test_a_cache_that_is_only_behind_the_log_is_no_other(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    enact(books, HOLD, cards().first)
    looked, known = books.remembered.governance()
    books.remembered.forget_governance()
    books.remembered.keep_governance(looked - 1, known[:-1])
    assert rebuild(books) == (2, True)
    books.remembered.forget_governance()
    books.remembered.keep_governance(looked, known[:-1])
    assert rebuild(books) == (2, False)


def test_a_log_shorter_than_the_cache_is_found(tmp_path: Path) -> None:
    books = founded_books(tmp_path)
    enact(books, HOLD, cards().first)
    del books.log.kept[1:]
    with pytest.raises(LogInconsistentError, match="fewer leaves"):
        books.in_force()
