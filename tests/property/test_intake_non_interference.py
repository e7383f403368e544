"""What the intake answers over HTTP depends on the tax records through the sealed answers and through nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from test_non_interference import ADMITTED, true_row

from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.outcome import Outcome
from narrowgate.gate.release import release_due
from narrowgate.gate.work import work_once
from support.gate_world import gate_over, house, opened_records
from support.handed_over import arrivals_of, unwatched
from support.index_worlds import KEY, LIMIT, Row
from support.release_world import TurnedClock
from support.requests import NOW
from support.running_intake import TERMS, RunningIntake, Sample, running_intake, sample_with
from support.simulated_index import SimulatedIndex

SLOT = NOW + timedelta(hours=6)
SEALED = (".p7m", "/answers.json", ".tlog-proof")
"""Where the bits are, sealed, and commitments to them; sizes count all the same."""


def agreement() -> Agreement:
    """The house's agreement with the slots that the intake knows."""
    scheduled = replace(house().agreement, release=replace(TERMS, answers_expire_days=30))
    return parse_agreement(render_agreement(scheduled).encode(), "agreement.toml")


@dataclass
class World:
    """One custodian: its intake, its index, and what a requester saw of it."""

    home: Path
    intake: RunningIntake
    rows: list[Row]
    seen: list[tuple[object, ...]]

    def look(self, samples: list[Sample], at: datetime) -> None:
        """Every answer that a requester can get at this time."""
        self.intake.clock.at = at
        with self.intake.client() as client:
            for sample in samples:
                for path in ("", "/receipt", "/answers"):
                    self._keep(at, client.get(f"{sample.address}{path}"))
                self._keep(at, client.head(f"{sample.address}/rows"))
                self._keep(at, client.post(f"{sample.address}/arrival"))
                listed = client.get(f"{sample.address}/answers").json()
                for file in listed.get("files", []):
                    self._keep(at, client.get(f"{sample.address}/answers/{file['name']}"))

    def _keep(self, at: datetime, response: httpx.Response) -> None:
        path = response.request.url.path
        hidden = path.endswith(SEALED)
        headers = sorted((name, value) for name, value in response.headers.items() if name != "date")
        content = len(response.content) if hidden else response.content
        self.seen.append((at, response.request.method, path, response.status_code, headers, content))

    def work(self, at: datetime) -> None:
        """The gate takes everything in that waits."""
        index = SimulatedIndex(self.rows, KEY, LIMIT)
        with gate_over(self.home, lambda: index, agreement(), now=at) as gate:
            while work_once(gate, arrivals_of(self.home), unwatched) is not None:
                pass

    def release(self, at: datetime) -> None:
        """The timer lets leave what is due."""
        with gate_over(self.home, lambda: SimulatedIndex([], KEY, LIMIT), agreement(), now=at) as gate:
            release_due(gate.release_desk())


@contextmanager
def world(home: Path, rows: list[Row]) -> Iterator[World]:
    home.mkdir()
    with running_intake(home, TurnedClock(NOW)) as intake:
        yield World(home, intake, rows, [])


def samples(home: Path) -> list[Sample]:
    """A package that is answered, one that is refused whole, and one that waits behind them."""
    made = [
        sample_with(home / name, ADMITTED, agreement(), name.encode()) for name in ("one", "two", "three")
    ]
    made[1] = replace(made[1], signature=b"no signature")
    return made


def test_two_worlds_cannot_be_told_apart_over_http_before_or_after_the_slot(tmp_path: Path) -> None:
    packages = samples(tmp_path)
    everyone = [true_row(number) for number in range(len(ADMITTED))]
    saw = []
    for name, rows in (("everyone", everyone), ("nobody", [])):
        with world(tmp_path / name, rows) as one, one.intake.client() as client:
            for sample in packages:
                assert sample.send(client).status_code == 202
            one.look(packages, NOW)
            one.work(NOW + timedelta(minutes=1))
            one.look(packages, NOW + timedelta(hours=2))
            one.look(packages, SLOT - timedelta(seconds=1))
            one.look(packages, SLOT)
            one.release(SLOT)
            one.look(packages, SLOT)
            one.look(packages, SLOT + timedelta(hours=20))
            saw.append(one.seen)
    assert saw[0] == saw[1]
    states = {seen[5] for seen in saw[0] if seen[3] == 200 and isinstance(seen[5], bytes)}
    assert any(b'"state":"released"' in state for state in states)
    assert any(b'"state":"refused"' in state for state in states)
    answers = tmp_path / "everyone" / "answers"
    assert len(list(answers.iterdir())) == 2


def test_when_the_gate_was_done_cannot_be_seen_before_the_slot(tmp_path: Path) -> None:
    """The control of the test above too: from the slot on what became of a package is seen."""
    packages = samples(tmp_path)
    saw = []
    for name, done in (("quick", 1), ("slow", 300), ("never", 0)):
        with world(tmp_path / name, []) as one, one.intake.client() as client:
            for sample in packages:
                sample.send(client)
            for minutes in (0, 2, 100, 301, 359):
                if done == minutes - 1:
                    one.work(NOW + timedelta(minutes=done))
                one.look(packages, NOW + timedelta(minutes=minutes))
            before = list(one.seen)
            one.look(packages, SLOT)
            saw.append((before, one.seen[len(before) :]))
    assert saw[0][0] == saw[1][0] == saw[2][0]
    assert saw[0][1] == saw[1][1] != saw[2][1]


def test_the_answers_of_the_two_worlds_do_differ(tmp_path: Path) -> None:
    """The control: there was something to see."""
    everyone = [true_row(number) for number in range(len(ADMITTED))]
    outcomes = []
    for name, rows in (("everyone", everyone), ("nobody", [])):
        with world(tmp_path / name, rows) as one, one.intake.client() as client:
            samples(tmp_path / f"of-{name}")[0].send(client)
            one.work(NOW)
            one.release(SLOT)
            outcomes.append({record.outcome for record in opened_records(one.home)})
    assert outcomes == [{Outcome.CONFIRMED}, {Outcome.NOT_CONFIRMED}]
