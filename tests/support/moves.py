"""The moves of a gate's parties: each is made on the real gate and in the model, and the two must agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from narrowgate.core.base.errors import (
    ActRefusedError,
    EnvelopeError,
    NotInForceError,
    RefusedError,
    SuspendedError,
)
from narrowgate.core.governance.kinds import Kind
from narrowgate.entrypoints import bootstrap
from narrowgate.entrypoints.acts import books_over
from narrowgate.governance.rebuild import rebuild
from support.all_parties import ALL, OFFICES, Model, Parties

SCOPES: Final = (ALL, *(f"office:{office}" for office in OFFICES))


class Moves:
    """Each is one move of one party, and what the model says of it.

    Args:
        parties: of one world.
        model: of the same, from the same moment.
    """

    def __init__(self, parties: Parties, model: Model) -> None:
        self.parties = parties
        self.model = model
        self.before = parties.in_place()
        self.seen: Counter[str] = Counter()
        self._numbers = iter(range(1_000_000))

    def time_is(self, later: timedelta) -> None:
        """So much time passes."""
        self.parties.clock.at += later
        self.model.at = self.parties.clock.at

    def a_slot_comes(self, after: timedelta, cosigned: bool) -> None:
        """The timer calls at, or after, the slot of the package that waits longest."""
        if cosigned:
            self.the_witness_cosigns()
        slot = min(one.slot for one in self.model.waiting.values())
        self.time_is(max(self.model.at, slot + after) - self.model.at)
        self.the_timer_calls()

    def a_question_is_asked(self, office: str) -> str:
        """The id of a new package, which the gate takes."""
        package_id = self.parties.ask(f"package-{next(self._numbers)}", office)
        self.model.asked[package_id] = office, self.model.at
        self.gate_takes(package_id)
        return package_id

    def gate_takes(self, package_id: str) -> None:
        """A package is brought, for the first time or again."""
        expected = self.model.decide(package_id)
        twice = self.parties.runs_twice
        try:
            self.parties.decide(package_id)
            said = "decided" if expected == "decided" else "again"
        except NotInForceError:
            said = "not in force"
        except SuspendedError:
            said = "suspended"
        except RefusedError:
            said = "refused"
        except EnvelopeError:
            said = "expired"
        # A first run that moved the package's slot said so; the second one has its receipt.
        assert said == expected or (twice and (said, expected) == ("again", "suspended")), (said, expected)
        self.seen[said] += 1

    def one_officer_holds(self, scope: str, officer: int) -> None:
        """Refused where it is held already."""
        self.act(Kind.HOLD, scope, (officer,), scope not in self.model.holds)
        self.model.holds.add(scope)

    def a_hold_is_lifted(self, scope: str, officers: tuple[int, ...]) -> None:
        """Refused where nothing is held, or two different officers did not sign."""
        allowed = scope in self.model.holds and len(set(officers)) == 2
        self.act(Kind.HOLD_LIFTED, scope, officers, allowed)
        if allowed:
            self.model.holds.discard(scope)

    def an_office_is_switched(self, office: str, officers: tuple[int, ...], on: bool) -> None:
        """Off by one officer, on by two."""
        if on:
            allowed = office in self.model.off and len(officers) == 2
            self.act(Kind.OFFICE_ON, office, officers, allowed)
            if allowed:
                self.model.off.discard(office)
        else:
            self.act(Kind.OFFICE_OFF, office, officers, office not in self.model.off)
            self.model.off.add(office)

    def the_agreement_is_switched(self, officers: tuple[int, ...], back: bool) -> None:
        """Withdrawn by one officer, put back by two."""
        kind = Kind.AGREEMENT_IN_FORCE if back else Kind.AGREEMENT_WITHDRAWN
        subject, digest = self.parties.document(Kind.AGREEMENT_IN_FORCE)
        allowed = len(officers) == 2 if back else self.model.agreed
        self.act(kind, subject, officers, allowed, digest)
        if allowed:
            self.model.agreed = back

    def two_officers_release_everything(self) -> None:
        """Without it most games would end under a hold that no move lifts."""
        for scope in sorted(self.model.holds):
            self.a_hold_is_lifted(scope, (1, 2))
        for office in sorted(self.model.off):
            self.an_office_is_switched(office, (2, 3), True)
        if not self.model.agreed:
            self.the_agreement_is_switched((1, 3), True)

    def a_package_is_ended(self, package_id: str, officers: tuple[int, ...]) -> None:
        """Refused where nothing of it waits, or one officer alone signed."""
        allowed = package_id in self.model.waiting and len(officers) == 2
        self.act(Kind.PACKAGE_ABANDONED, package_id, officers, allowed)
        if allowed:
            del self.model.waiting[package_id]
            del self.model.asked[package_id]

    def act(
        self, kind: Kind, subject: str, officers: tuple[int, ...], allowed: bool, sha256: str = ""
    ) -> None:
        """An act is applied where the model allows it, and refused elsewhere."""
        try:
            self.parties.enact(kind, subject, officers, sha256)
            done = True
        except ActRefusedError:
            done = False
        assert done is allowed, (kind, subject, officers)
        self.seen["act applied" if done else "act refused"] += 1

    def the_timer_calls(self) -> None:
        """Everything that may leave does."""
        expected = self.model.release()
        try:
            self.parties.release()
        except NotInForceError:
            assert not expected, "the release found no agreement in force"
        else:
            assert expected, "the release went on without an agreement in force"

    def the_witness_cosigns(self) -> None:
        """What waits was seen by the witness."""
        self.parties.cosign()
        for one in self.model.waiting.values():
            one.seen = True

    def the_inspector_comes(self) -> None:
        """What an inspector proves is what the model says."""
        report, holds, off = self.parties.inspect()
        assert (holds, off) == (self.model.holds, self.model.off)
        assert report.packages_refused == len(self.model.refused), self.model.refused
        for one in report.packages:
            assert one.decided, one

    def the_state_forgets_the_acts(self) -> None:
        """What the state remembers of the acts is what the log says."""
        settings = self.parties.settings
        with bootstrap.opened_books(settings) as (log, state):
            assert rebuild(books_over(settings, log, state))[1]

    def nothing_is_in_place_but_what_left(self) -> None:
        """What the requester sees is what left."""
        there = self.parties.in_place() - self.before
        assert there == set(self.model.left), there ^ set(self.model.left)
        self.seen["left"] += len(self.model.left)
