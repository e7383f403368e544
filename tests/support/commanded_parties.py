"""The parties of a gate, each at the command line: the moves are those of ``all_parties``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.files.witness_directory import WitnessDirectory
from narrowgate.core.base.errors import (
    ActRefusedError,
    EnvelopeError,
    InUseError,
    NarrowgateError,
    NotInForceError,
    RefusedError,
    SuspendedError,
)
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.log.file_names import COSIGNED
from narrowgate.gate.release import ReleaseEvent
from support.all_parties import Parties
from support.command_line import Result
from support.commands import command

_PATIENCE_SECONDS = 10.0
_ERRORS: Final[dict[int, type[NarrowgateError]]] = {
    11: RefusedError,
    12: EnvelopeError,
    15: SuspendedError,
    16: NotInForceError,
}

Disturbance = Callable[[Sequence[str]], None]
"""Runs a command and does harm to it: kills it, or takes its disk away."""


@dataclass
class CommandedParties(Parties):
    """Every party's moves as commands.

    Args:
        case_file: of which packages are made, in ``home``.
        disturbance: what happens once to the next command that writes to the gate, which is then given again.
        places: where the packages lie.
    """

    case_file: str = "cases.csv"
    disturbance: Disturbance | None = None
    places: dict[str, Path] = field(default_factory=dict)

    @property
    def runs_twice(self) -> bool:
        """So it is where something is to happen to the next command."""
        return self.disturbance is not None

    def run(self, *arguments: object, codes: Sequence[int] = (0,)) -> Result:
        """One command, which must end with one of the codes."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while True:
            result = command(*arguments)
            if f"({InUseError.problem})" not in result.err or time.monotonic() > ends:
                break
            time.sleep(0.05)  # a server lets go of what a killed process held when it sees that it is gone
        assert "Internal error" not in result.err, result.err
        assert result.code in codes, f"{arguments}\n{result.code}\n{result.out}\n{result.err}"
        return result

    def enact(self, kind: Kind, subject: str, officers: Sequence[int], sha256: str = "") -> None:
        """An act signed by these officers is applied, or refused."""
        document = self.world / "governance" / "documents" / sha256
        made = self.run(
            *("act", "propose", kind.value, subject, "--reason", "a soak", "--json"),
            *(("--document", document) if sha256 else ()),
            *self._config(),
            codes=(0, 11),
        )
        if made.code:
            raise _refused(made)
        number = json.loads(made.out)["number"]
        keys = self.world / "keys"
        for officer in officers:
            card = (
                "--key",
                keys / f"custody-{officer}.key.pem",
                "--certificate",
                keys / f"custody-{officer}.pem",
            )
            self.run("act", "sign", number, *card, "--yes", *self._config(), codes=(0, 2, 11))
        apply = ("act", "apply", str(number), *map(str, self._config()))
        disturbed = self._disturb(apply)
        # Exit code 2: the act waits no more, for the disturbed run applied it.
        applied = self.run(*apply, codes=(0, 2, 11) if disturbed else (0, 11))
        if applied.code == 11:
            raise _refused(applied)

    def ask(self, name: str, office: str) -> str:
        """The id of a package of the case file, signed by an office."""
        place, keys = self.home / name, self.world / "keys"
        terms = ("--agreement", self.world / "agreement.toml")
        self.run("package", "build", self.home / self.case_file, place, *terms, "--office", office)
        card = ("--key", keys / f"{office}.key.pem", "--certificate", keys / f"{office}.pem")
        self.run("package", "sign", place, *card, "--yes")
        package = PackageDirectory(place)
        identifier = str(json.loads(package.manifest())["package_id"])
        self.packages[identifier] = package
        self.places[identifier] = place
        return identifier

    def decide(self, package_id: str) -> bytes:
        """The gate takes a package; its receipt."""
        arguments = ("gate", "run", str(self.places[package_id]), *map(str, self._config()))
        self._disturb(arguments)
        result = self.run(*arguments, codes=(0, *_ERRORS))
        if result.code:
            raise _ERRORS[result.code](_what(result), next_step="see the model")
        return result.out.encode()

    def release(self) -> list[ReleaseEvent]:
        """The timer calls; what became of each package, the outbox shows."""
        arguments = ("release", "run", *map(str, self._config()))
        self._disturb(arguments)
        result = self.run(*arguments, codes=(0, 3, 15, 16))
        if result.code == 16:
            raise NotInForceError(_what(result), next_step="see the model")
        return []

    def cosign(self) -> None:
        """The witness cosigns the log as it is, by a request that is carried to it and back."""
        witness = WitnessDirectory(self.home / "witness")
        last = witness.last_checkpoint()
        request, line = self.home / "request", self.home / "cosignature"
        old = last.size if last else 0
        request.write_text(self.run("log", "request", self.settings.log, "--old", old).out)
        line.write_text(self.run("witness", "cosign", self.home / "witness", request).out)
        key = ("--witness", self.home / "witness" / "witness.vkey")
        self.run("log", "cosign", self.settings.log, "--request", request, *key, line)
        assert (self.settings.log / COSIGNED).exists()

    def outcomes(self, package_id: str) -> list[str]:
        """What an officer reads, in the order of the package."""
        place, officers = self.settings.answers / package_id, self.world / "officers"
        opened = self.run(
            *("answers", "open", place, "--key", officers / "1.key.pem", "--certificate", officers / "1.pem"),
            *("--log-key", self.settings.log / "log.vkey", "--acknowledge", "--csv"),
        )
        return [line.split(",")[2] for line in opened.out.splitlines()[1:]]

    def _config(self) -> tuple[str, Path]:
        return "--config", self.world

    def _disturb(self, arguments: Sequence[str]) -> bool:
        if self.disturbance is None:
            return False
        disturbance, self.disturbance = self.disturbance, None
        disturbance(arguments)
        return True


def _what(result: Result) -> str:
    return result.err.strip().partition("\n")[0]


def _refused(result: Result) -> ActRefusedError:
    assert ActRefusedError.problem in result.err, result.err
    return ActRefusedError(_what(result), next_step="see the model")
