"""Two agencies on one machine: every person with a token in SoftHSM2, a calendar that the test turns, no sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.signing.certificates import (
    certificate_sha256,
    public_key_sha256,
    save_certificates,
    save_key,
)
from support.command_line import CommandLine, Result
from support.command_line_cases import BASE, copy_files
from support.requests import PROJECT
from support.softhsm import PIN, Authority, Card, Drawer, drawer, signing_usage

CUSTODY: Final = {"custody-1": "rsa", "custody-2": "p256", "custody-3": "p384", "custody-4": "p256"}
"""Three officers, and the one who comes later; kind of the key on each card."""

REQUESTERS: Final = {"secretary": "p384", "director": "rsa", "signatory": "p256"}
READERS: Final = {"officer-1": "rsa", "officer-2": "p256"}
OFFICES: Final = {"secretary": "secretary_of_homeland_security", "director": "acting_director_of_ice"}
HOURS: Final = [f"{hour:02}:00" for hour in range(24)]
"""Slots of the agreement: as many as the code allows, so that a test waits for few."""

GATE: Final = ("--config", "gate")


@dataclass
class Calendar:
    """The time of both agencies."""

    at: datetime

    def later(self, **passed: int) -> datetime:
        """So much later."""
        self.at += timedelta(**passed)
        return self.at


@dataclass
class Agencies:
    """Both agencies and their commands; the working directory is theirs.

    Args:
        narrowgate: the command line.
        calendar: its clock.
        drawer: of the cards; its root is the custodian's.
        agreed: the root that both sides agreed on.
        asked: what each card asked for, a line for every operation.
    """

    narrowgate: CommandLine
    calendar: Calendar
    drawer: Drawer
    agreed: Authority
    asked: list[str]
    cards: dict[str, Card] = field(default_factory=dict)
    certificates: dict[str, x509.Certificate] = field(default_factory=dict)
    revoked: list[int] = field(default_factory=list)

    @property
    def begun(self) -> date:
        """The first day of the year."""
        return self.drawer.now.date()

    def run(self, *arguments: object, code: int = 0, stdin: bytes = b"") -> Result:
        """One command, which must end with ``code``."""
        result = self.narrowgate(*arguments, stdin=stdin)
        assert result.code == code, f"{arguments}\n{result.code}\n{result.out}\n{result.err}"
        return result

    def issue_cards(self) -> None:
        """A token for each person, its key made inside."""
        for names, root in ((CUSTODY, self.drawer.root), (REQUESTERS | READERS, self.agreed)):
            for name, kind in names.items():
                opens = name in READERS
                card = replace(self.drawer.card(name), root=root)
                self.cards[name] = card
                self.certificates[name] = card.add(
                    "KEY MAN key" if opens else "SIGN key", b"\x03" if opens else b"\x02", kind, opens=opens,
                    always=not opens,
                )  # fmt: skip
                save_certificates(Path(f"{name}.pem"), [self.certificates[name]])
        save_certificates(Path("custodian-root.pem"), [self.drawer.root.certificate])
        save_certificates(Path("agreed-root.pem"), [self.agreed.certificate])
        machine = ec.generate_private_key(ec.SECP256R1())
        signer = self.drawer.root.certify("indexes", machine.public_key(), self.drawer.now, signing_usage())
        save_key(Path("indexes.key.pem"), machine)
        save_certificates(Path("indexes.pem"), [signer])
        self.publish_lists()

    def publish_lists(self) -> None:
        """Both authorities' lists of today, as a timer fetches them."""
        Path("revocation").mkdir(exist_ok=True)
        now = self.calendar.at
        for name, root in (("custodian", self.drawer.root), ("agreed", self.agreed)):
            builder = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
            builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=7))
            number = x509.CRLNumber(int(now.timestamp()))
            builder = builder.add_extension(number, critical=False)
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False
            )
            for serial in self.revoked:
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
                builder = builder.add_revoked_certificate(entry.build())
            listed = builder.sign(root.key, hashes.SHA256())
            Path(f"revocation/{name}.crl").write_bytes(listed.public_bytes(Encoding.DER))

    def until(self, days: int) -> None:
        """Days pass; the lists of the last one are there."""
        self.calendar.later(days=days)
        self.publish_lists()

    def key(self, name: str) -> str:
        """How a person names the card."""
        return self.cards[name].uri(id="%03" if name in READERS else "%02")

    def agreement(self, file: str, version: int, effective: date, **limits: int) -> None:
        """The example agreement, dated, with the keys of the two offices, signed by both parties."""
        text = (PROJECT / "examples" / "agreement.toml").read_text(encoding="utf-8")
        text = text.replace("version = 1\n", f"version = {version}\n", 1)
        for first, last in (("2026-10-01", "2027-09-30"), ("2026-09-01", "2027-08-31")):
            text = text.replace(first, effective.isoformat())
            text = text.replace(last, (effective + timedelta(days=400)).isoformat())
        keys = iter(public_key_sha256(self.certificates[name]) for name in OFFICES)
        text = re.sub(r'(?<=\nsha256 = ")[0-9a-f]{64}', lambda _: next(keys), text)
        root = certificate_sha256(self.agreed.certificate)
        text = re.sub(r'(?<=\nroots = \[")[0-9a-f]{64}', root, text)
        text = re.sub(r"schedule = \[.*\]", f"schedule = {json.dumps(HOURS)}", text)
        for name, figure in limits.items():
            text, changed = re.subn(rf"\n{name} = \d+\n", f"\n{name} = {figure}\n", text)
            assert changed == 1, name
        Path(file).write_text(text, encoding="utf-8")
        for party, name, root_file in (
            ("custodian", "custody-1", "custodian-root.pem"),
            ("requester", "signatory", "agreed-root.pem"),
        ):
            options = ("--as", party, "--key", self.key(name), "--root", root_file)
            self.run("agreement", "sign", file, *options, stdin=b"y\n")

    def propose(self, kind: str, *subject: object, code: int = 0) -> int:
        """The number of the next act, drawn up."""
        made = self.run("act", "propose", kind, *subject, "--reason", "a year", "--json", *GATE, code=code)
        return int(json.loads(made.out)["number"]) if code == 0 else 0

    def sign(self, number: int, *officers: str) -> None:
        """Each of the officers reads the act, types the PIN, and signs."""
        for officer in officers:
            self.run("act", "sign", number, "--key", self.key(officer), *GATE, stdin=b"y\n")

    def enact(self, kind: str, *subject: object, by: tuple[str, ...]) -> int:
        """An act is drawn up, signed and applied."""
        number = self.propose(kind, *subject)
        self.sign(number, *by)
        self.run("act", "apply", number, *GATE)
        return number

    def package(
        self,
        name: str,
        office: str,
        agreement: str,
        only: tuple[str, ...] = (),
        *,
        reason: str = "The lease",
        code: int = 0,
    ) -> str:
        """The id of a package of this day's case file, signed by an office's card, which ends with ``code``."""
        self.calendar.later(seconds=60)
        copy_files(BASE, Path(), self.calendar.at.date())
        cases = Path("cases.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in cases[1:] if not only or line.startswith(tuple(f"{one}," for one in only))]
        text = "".join([cases[0], *kept]).replace("The lease", reason)
        Path("cases.csv").write_text(text, encoding="utf-8")
        terms = ("--agreement", agreement)
        self.run("package", "build", "cases.csv", name, *terms, "--office", OFFICES[office])
        signed = ("--key", self.key(office), "--root", "agreed-root.pem")
        self.run("package", "sign", name, *terms, *signed, stdin=b"y\n", code=code)
        return str(json.loads((Path(name) / "manifest.json").read_bytes())["package_id"])

    def decide(self, name: str, code: int = 0) -> Result:
        """The gate takes a package."""
        return self.run("gate", "run", name, *GATE, code=code)

    def slot_comes(self, package_id: str) -> None:
        """The slot of a package that waits is now."""
        waiting = json.loads(self.run("release", "status", "--json", *GATE).out)["waiting"]
        (slot,) = (each["slot"] for each in waiting if each["package"] == package_id)
        self.calendar.at = datetime.fromisoformat(slot).astimezone(UTC)
        self.publish_lists()

    def release(self, code: int = 0) -> Result:
        """What the timer calls."""
        return self.run("release", "run", *GATE, code=code)

    def cosign(self) -> None:
        """The witness cosigns the log as it is, by a request that is carried to it and back."""
        known = json.loads(self.run("witness", "status", "witness", "--json").out)["size"] or 0
        request = self.run("log", "request", "gate/log", "--old", known).out
        Path("request").write_text(request, encoding="utf-8")
        Path("cosignature").write_text(
            self.run("witness", "cosign", "witness", "request").out, encoding="utf-8"
        )
        key = ("--witness", "witness/witness.vkey")
        self.run("log", "cosign", "gate/log", "--request", "request", *key, "cosignature")

    def answers(self, package_id: str, officer: str) -> list[str]:
        """The outcomes that an officer reads, the card in hand, in the order of the package."""
        place = Path("gate/answers") / package_id
        opened = self.run(
            "answers", "open", place, "--key", self.key(officer), "--log-key", "gate/log/log.vkey",
            "--acknowledge", "--csv",
        )  # fmt: skip
        return [line.split(",")[2] for line in opened.out.splitlines()[1:]]

    def is_in_place(self, package_id: str) -> bool:
        """Whether the requester's side sees the answers."""
        return (Path("gate/answers") / package_id).exists()


@contextmanager
def two_agencies(
    directory: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Agencies]:
    """Both agencies, each person with a card; the directory is the working directory, and the clock is theirs."""
    with drawer(directory / "cards") as cards:
        calendar = Calendar(cards.now)
        asked: list[str] = []
        monkeypatch.setattr(SystemClock, "now", lambda _: calendar.at)
        monkeypatch.setattr("getpass.getpass", lambda question, **_: asked.append(question) or PIN)
        monkeypatch.chdir(directory)
        agencies = Agencies(narrowgate, calendar, cards, Authority.new(cards.now), asked)
        agencies.issue_cards()
        yield agencies
