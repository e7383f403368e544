"""A world whose gate keeps the budgets of a real agreement, and short ways to ask it questions."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.base.errors import ActRefusedError
from support.command_line import CommandLine, Result
from support.requests import example_agreement
from support.sandbox_acts import put_in_force
from support.sandbox_files import GATE, OPEN, SANDBOX, SIGN, base_files

INDEX_KEY = "file:world/keys/index.key"
INDEX_SIGNER = [
    "--signer-key",
    "world/keys/custodian.key.pem",
    "--signer-certificate",
    "world/keys/custodian.pem",
]
INDEX_BASE = ["--index-root", "world/keys/root.pem", "--index-signer", "world/keys/custodian.pem"]
QUILLANA = {"given_names": "Quillana", "surnames": "Vantorez", "birth_date": "1984-03-09", "tin": "911820043"}
WILLIAM = {"given_names": "William", "surnames": "Dreskovic", "birth_date": "1979-11-30", "tin": "219094711"}
HOME_OF_QUILLANA = {
    "address_line_1": "1234 N Larkmeadow St Apt 4B",
    "city": "Houston",
    "state": "TX",
    "zip": "77002",
}
EARLIER_HOME_OF_QUILLANA = {
    "address_line_1": "88 Thornbury Ct",
    "city": "Chicago",
    "state": "IL",
    "zip": "60614",
}
HOME_OF_WILLIAM = {"address_line_1": "507 Pellworth Ave", "city": "Chicago", "state": "IL", "zip": "60614"}


@contextmanager
def made_budgeted_world() -> Iterator[Path]:
    """The base files and ``world`` under the example agreement, in force from today; one refused item was asked."""
    home = Path(mkdtemp(prefix="narrowgate-budgeted-"))
    base_files(home)
    write_cases(home, [{**WILLIAM, "address_line_1": "UNKNOWN"}])
    today = SystemClock().now().date()
    in_force = {"effective": today, "expires": today + timedelta(days=300)}
    example = example_agreement()
    agreement = replace(
        example,
        **in_force,
        limits=replace(example.limits, packages_per_day=24),
        clauses=tuple(
            replace(clause, valid_from=today, valid_to=in_force["expires"]) for clause in example.clauses
        ),
        safeguards=replace(example.safeguards, approved=today, expires=in_force["expires"]),
    )
    (home / "agreement.toml").write_text(render_agreement(agreement), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        made = CommandLine(patch, None)(*SANDBOX.split(), "--agreement", "agreement.toml")
        assert made.code == 0
    yield home
    shutil.rmtree(home)


def write_cases(home: Path, items: Sequence[dict[str, str]]) -> None:
    """``cases.csv`` in ``home``: the first row of the base case file with what each item changes, and ids of their own.

    Alien number and removal order are left to the item; without one the number is empty, and the order is new.
    """
    today: date = SystemClock().now().date()
    cases = home / "cases.csv"
    if not (home / "base-cases.csv").exists():
        cases.rename(home / "base-cases.csv")
    with (home / "base-cases.csv").open(encoding="utf-8", newline="") as file:
        base = next(csv.DictReader(file))
    serial = len(list(home.glob("package-*")))
    with cases.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, base)
        writer.writeheader()
        for number, item in enumerate(items):
            own = {
                "item": f"item-{number}",
                "alien_number": "",
                "removal_order_number": f"RO-{today.year}-{serial:03d}{number:03d}",
                "reason": f"The lease of {chr(65 + number % 26)}{chr(65 + number // 26)} Street names this "
                f"home; it shows willful failure to depart in case {chr(65 + serial)}.",
                "address_line_2": "",
            }
            writer.writerow({**base, **own, **item})


class BudgetedWorld:
    """Commands of both agencies over one copy of the world, which is the working directory.

    Args:
        home: the copy.
        narrowgate: the command line.
    """

    def __init__(self, home: Path, narrowgate: CommandLine) -> None:
        self.home = home
        self.narrowgate = narrowgate

    def package(self, *items: dict[str, str]) -> str:
        """The name of a signed package of these items."""
        write_cases(self.home, items)
        name = f"package-{len(list(self.home.glob('package-*'))) + 1}"
        built = self.narrowgate("package", "build", "cases.csv", name, "--agreement", "world/agreement.toml")
        assert built.code == 0, built.err
        assert self.narrowgate(*SIGN.replace("package-2", name).split()).code == 0
        return name

    def gate(self, name: str) -> Result:
        """What the gate says to one package."""
        return self.narrowgate(*GATE.replace("package-2", name).split())

    def ask(self, *items: dict[str, str]) -> list[str]:
        """Each item's outcome, with the rules that refuse it behind it."""
        name = self.package(*items)
        run = self.gate(name)
        assert run.code == 0, run.err
        return self.outcomes(name, len(items))

    def outcomes(self, name: str, items: int) -> list[str]:
        """The outcomes of an answered package, in item order, as officer 1 opens them."""
        opened = self.narrowgate(*OPEN.replace("{answers}", f"world/answers/{self.identifier(name)}").split())
        assert opened.code == 0, opened.err
        rows = list(csv.DictReader(opened.out.splitlines()))
        assert len(rows) == items
        return [" ".join(filter(None, (row["outcome"], row["findings"]))) for row in rows]

    def identifier(self, name: str) -> str:
        """The id of a package."""
        found: str = json.loads((self.home / name / "manifest.json").read_bytes())["package_id"]
        return found

    def snapshot(self, name: str) -> tuple[str, str]:
        """What the answers of a package say of the index."""
        answers = json.loads(
            (self.home / "world" / "answers" / self.identifier(name) / "answers.json").read_bytes()
        )
        return answers["snapshot_id"], answers["data_as_of"]

    def suppress(self, person: dict[str, str], name: str, base: str = "world/index") -> None:
        """An index, not yet in force, in which the person is suppressed by number and by birth date."""
        persons = self.home / "persons.csv"
        columns = ("tin", "given_names", "surnames", "birth_date")
        persons.write_text(",".join(columns) + "\n" + ",".join(person[name] for name in columns) + "\n")
        made = self.narrowgate(
            *("index", "suppress", base, name, "--persons", "persons.csv", "--key", INDEX_KEY),
            *INDEX_BASE,
            *INDEX_SIGNER,
        )
        assert made.code == 0, made.err

    def put_in_force(self, index: str) -> None:
        """The settings of the gate name another index, and two officers put it in force."""
        settings = self.home / "world" / "gate.toml"
        lines = settings.read_text(encoding="utf-8").splitlines()
        changed = [f'index = "../{index}"' if line.startswith("index = ") else line for line in lines]
        settings.write_text("\n".join(changed) + "\n", encoding="utf-8")
        with suppress(ActRefusedError):  # an older one: an operator points at it all the same
            put_in_force(self.home / "world", "index")

    def change(self, file: str, old: str, new: str) -> None:
        """One text of a file of the world becomes another one."""
        path = self.home / "world" / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        if file == "agreement.toml":
            put_in_force(self.home / "world", "agreement")
