"""``narrowgate package show`` and ``sign``: what is asked is shown, and what the gate would refuse is not signed."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.signing.certificates import save_certificates, save_key
from narrowgate.adapters.signing.issuing import Validity, create_root, issue_office
from narrowgate.core.request.manifest import ATTESTATIONS
from support.command_line import CommandLine
from support.command_line_cases import apply
from support.sandbox_files import BUILD, SANDBOX, base_files

OFFICE = "world/keys/secretary_of_homeland_security"
OTHER = "world/keys/acting_director_of_ice"
TERMS = ("--agreement", "world/agreement.toml")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine) -> Path:
    monkeypatch.chdir(tmp_path)
    base_files(tmp_path)
    assert narrowgate(*SANDBOX.split()).code == 0
    assert narrowgate(*BUILD.split()).code == 0
    return tmp_path


def sign(narrowgate: CommandLine, *more: str, key: str = OFFICE, stdin: bytes = b"") -> tuple[int, str]:
    files = ("--key", f"{key}.key.pem", "--certificate", f"{key}.pem")
    result = narrowgate("package", "sign", "package-2", *files, *more, stdin=stdin)
    return result.code, result.err


def is_signed(home: Path) -> bool:
    return (home / "package-2" / "manifest.json.p7s").exists()


def test_a_package_is_shown_in_figures_with_its_attestations_in_full(
    home: Path, narrowgate: CommandLine
) -> None:
    shown = json.loads(narrowgate("package", "show", "package-2", *TERMS, "--json").out)
    assert shown["items"] == 4
    assert sum(shown["by_statute"].values()) == 4
    assert shown["refused_by_rule"] == {"R-64": 1}
    assert shown["refused"] == 1
    assert shown["attestations"] == dict(ATTESTATIONS)
    assert [row["item"] for row in [*shown["first"], *shown["last"]]] == [
        *("by-tin", "by-birth-date", "another-home", "placeholder")
    ]
    quotas = {quota["name"]: quota["used"] for quota in shown["quotas"]}
    assert quotas["items_per_package"] == 4
    assert quotas["caseload_per_officer"] >= 1


def test_without_an_agreement_nothing_is_said_of_refusals(home: Path, narrowgate: CommandLine) -> None:
    text = narrowgate("package", "show", "package-2").out
    assert "Not checked against an agreement" in text
    assert json.loads(narrowgate("package", "show", "package-2", "--json").out)["refused"] is None


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_holds_the_same_and_nothing_that_acts(home: Path, narrowgate: CommandLine) -> None:
    narrowgate("package", "show", "package-2", *TERMS, "--html", "package.html")
    page = _Page()
    page.feed((home / "package.html").read_text())
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    for text in ATTESTATIONS.values():
        assert text in page.text
    assert "1 items would be refused" in page.text
    assert (home / "package.html").stat().st_mode & 0o077 == 0


def test_what_a_requester_wrote_is_no_markup(home: Path, narrowgate: CommandLine) -> None:
    cases = (home / "cases.csv").read_text().replace("another-home,", "another-home,<b>&,", 1)
    (home / "cases.csv").write_text(cases.replace("another-home,<b>&,", "another-home,<b>x</b>", 1))
    narrowgate("package", "build", "cases.csv", "package-3", "--agreement", "world/agreement.toml")
    narrowgate("package", "show", "package-3", "--html", "page.html")
    assert "<b>x</b>" not in (home / "page.html").read_text()


def test_signing_shows_first_and_asks(home: Path, narrowgate: CommandLine) -> None:
    code, err = sign(narrowgate, *TERMS, "--root", "world/keys/root.pem", stdin=b"y\n")
    assert code == 0, err
    assert is_signed(home)
    assert err.index("All rows") < err.index("Sign these 4 items") < err.index("Signed p-")
    for text in ATTESTATIONS.values():
        assert text in err
    assert "Not checked" not in err


@pytest.mark.parametrize("answer", [b"n\n", b""])
def test_without_a_yes_nothing_is_signed(answer: bytes, home: Path, narrowgate: CommandLine) -> None:
    code, err = sign(narrowgate, *TERMS, stdin=answer)
    assert code == 2
    assert "nobody said yes" in err
    assert not is_signed(home)


def test_what_was_not_checked_is_said(home: Path, narrowgate: CommandLine) -> None:
    code, err = sign(narrowgate, "--yes")
    assert code == 0
    assert "--agreement: the office" in err
    assert "--root: the chain" in err


def test_the_key_of_another_certificate_does_not_sign(home: Path, narrowgate: CommandLine) -> None:
    result = narrowgate(
        *(
            "package",
            "sign",
            "package-2",
            "--yes",
            "--key",
            f"{OTHER}.key.pem",
            "--certificate",
            f"{OFFICE}.pem",
        )
    )
    assert result.code == 4
    assert "not that of the certificate" in result.err
    assert not is_signed(home)


def test_the_other_office_does_not_sign(home: Path, narrowgate: CommandLine) -> None:
    code, err = sign(narrowgate, "--yes", *TERMS, key=OTHER)
    assert code == 11
    assert "other office" in err
    assert not is_signed(home)


def test_a_key_for_reading_does_not_sign(home: Path, narrowgate: CommandLine) -> None:
    code, err = sign(narrowgate, "--yes", key="world/officers/1")
    assert code == 4
    assert "not meant for signatures" in err
    assert not is_signed(home)


@pytest.mark.parametrize(("start", "end", "told"), [(-90, -1, "has expired"), (1, 90, "does not hold yet")])
def test_a_certificate_that_does_not_hold_today_does_not_sign(
    start: int, end: int, told: str, home: Path, narrowgate: CommandLine
) -> None:
    now = SystemClock().now()
    root = create_root(
        "root", Validity(now - timedelta(days=400), now + timedelta(days=400)), SystemEntropy()
    )
    period = Validity(now + timedelta(days=start), now + timedelta(days=end))
    office = issue_office(root, "office", period, SystemEntropy())
    save_key(home / "odd.key.pem", office.key)
    save_certificates(home / "odd.pem", [office.certificate])
    code, err = sign(narrowgate, "--yes", key="odd")
    assert code == 4
    assert told in err
    assert not is_signed(home)


def test_a_key_that_others_can_read_is_not_used(home: Path, narrowgate: CommandLine) -> None:
    (home / f"{OFFICE}.key.pem").chmod(0o640)
    code, err = sign(narrowgate, "--yes")
    assert code == 4
    assert "read by others" in err
    assert "chmod 600" in err
    assert not is_signed(home)


def test_a_package_of_another_agreement_is_not_signed(home: Path, narrowgate: CommandLine) -> None:
    agreement = home / "world" / "agreement.toml"
    (home / "other.toml").write_text(agreement.read_text() + "\n# amended\n")
    code, err = sign(narrowgate, "--yes", "--agreement", "other.toml")
    assert code == 11
    assert "another agreement" in err


def test_an_expired_package_is_not_signed(home: Path, narrowgate: CommandLine) -> None:
    manifest = home / "package-2" / "manifest.json"
    fields = json.loads(manifest.read_text())
    past = SystemClock().now() - timedelta(days=1)
    day = f"{past - timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    changes = [f'"created":"{fields["created"]}"', f'"created":"{day}"']
    apply({"file": "package-2/manifest.json", "replace": changes}, home, None)
    until = [f'"expires":"{fields["expires"]}"', f'"expires":"{past:%Y-%m-%dT%H:%M:%SZ}"']
    apply({"file": "package-2/manifest.json", "replace": until}, home, None)
    code, err = sign(narrowgate, "--yes")
    assert code == 12
    assert "has expired" in err
    assert not is_signed(home)


def test_a_root_that_the_agreement_does_not_name_is_no_root(home: Path, narrowgate: CommandLine) -> None:
    now = SystemClock().now()
    root = create_root("mine", Validity(now, now + timedelta(days=9)), SystemEntropy())
    save_certificates(home / "mine.pem", [root.certificate])
    code, err = sign(narrowgate, "--yes", *TERMS, "--root", "mine.pem")
    assert code == 11
    assert "not one that the agreement trusts" in err
    assert not is_signed(home)


def test_rows_that_were_changed_are_not_signed(home: Path, narrowgate: CommandLine) -> None:
    apply({"file": "package-2/rows.ndjson", "replace": ["by-tin", "by-tax"]}, home, None)
    code, _ = sign(narrowgate, "--yes")
    assert code == 12
    assert not is_signed(home)


def test_an_encrypted_key_signs_after_its_passphrase(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt = ("openssl", "pkcs8", "-topk8", "-v2", "aes256", "-passout", "pass:correct horse")
    plain = ("-in", f"{OFFICE}.key.pem", "-out", "locked.key.pem")
    subprocess.run([*encrypt, *plain], check=True, capture_output=True)
    (home / "locked.key.pem").chmod(0o600)
    (home / "locked.pem").write_bytes((home / f"{OFFICE}.pem").read_bytes())
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "correct horse")
    code, err = sign(narrowgate, "--yes", *TERMS, key="locked")
    assert code == 0, err
    assert is_signed(home)
    assert "correct horse" not in err


def test_a_wrong_passphrase_opens_nothing(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = ("openssl", "pkcs12", "-export", "-passout", "pass:right", "-out", "bundle.p12")
    subprocess.run(
        [*bundle, "-inkey", f"{OFFICE}.key.pem", "-in", f"{OFFICE}.pem"], check=True, capture_output=True
    )
    (home / "bundle.p12").chmod(0o600)
    files = ("--key", "bundle.p12", "--certificate", f"{OFFICE}.pem")
    for typed, expected in (("wrong", 4), ("right", 0)):
        monkeypatch.setattr("getpass.getpass", lambda *_, typed=typed, **__: typed)
        result = narrowgate("package", "sign", "package-2", "--yes", *files)
        assert result.code == expected, result.err
        assert is_signed(home) is (expected == 0)


def test_who_signed_is_verified_with_the_text_that_was_shown_and_with_no_other(
    home: Path, narrowgate: CommandLine
) -> None:
    verify = ("package", "verify", "package-2", *TERMS, "--root", "world/keys/root.pem")
    assert narrowgate(*verify).code == 12
    assert sign(narrowgate, "--yes", *TERMS)[0] == 0
    found = json.loads(narrowgate(*verify, "--json").out)
    assert found["shown_verified"]
    shown = home / "package-2" / "shown.txt"
    text = shown.read_text()
    assert "4 items" in text
    shown.write_text(text.replace("4 items", "3 items"))
    result = narrowgate(*verify)
    assert result.code == 12
    assert "another text" in result.err
    shown.unlink()
    assert "which is not here" in narrowgate(*verify).out


def built_under(narrowgate: CommandLine, *changes: tuple[str, str]) -> tuple[str, str]:
    """A package built under the world's agreement with some of its lines changed; the options that name it."""
    text = Path("world/agreement.toml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path("changed.toml").write_text(text)
    shutil.rmtree("package-2")
    built = narrowgate("package", "build", "cases.csv", "package-2", "--agreement", "changed.toml")
    assert built.code == 0, built.err
    return ("--agreement", "changed.toml")


def test_every_row_is_listed_with_the_rules_that_would_refuse_it(home: Path, narrowgate: CommandLine) -> None:
    shown = json.loads(narrowgate("package", "show", "package-2", *TERMS, "--json").out)
    assert [(row["item"], row["refused_by"]) for row in shown["first"]] == [
        ("by-tin", []),
        ("by-birth-date", []),
        ("another-home", []),
        ("placeholder", ["R-64"]),
    ]
    text = narrowgate("package", "show", "package-2", *TERMS).out
    assert "All rows" in text
    assert "would be refused by R-64" in text


def test_a_large_package_is_listed_in_full_where_that_is_wanted(home: Path, narrowgate: CommandLine) -> None:
    heading, row = Path("cases.csv").read_text().splitlines(keepends=True)[:2]
    many = [row.replace("by-tin", f"case-{number}") for number in range(120)]
    Path("cases.csv").write_text("".join([heading, *many]))
    options = built_under(narrowgate)
    shown = [narrowgate("package", "show", "package-2", *options, *more).out for more in ((), ("--items",))]
    assert [text.count(" case-") for text in shown] == [6, 120]
    assert ("Last rows" in shown[0], "All rows" in shown[1]) == (True, True)


def test_the_budgets_within_the_package_count_as_they_do_at_the_gate(
    home: Path, narrowgate: CommandLine
) -> None:
    options = built_under(narrowgate, ('caseload_per_officer = "lifted"', "caseload_per_officer = 1"))
    shown = json.loads(narrowgate("package", "show", "package-2", *options, "--json").out)
    quotas = {quota["name"]: (quota["used"], quota["limit"]) for quota in shown["quotas"]}
    assert quotas["caseload_per_officer"] == (4, 1)
    again = SANDBOX.replace("sandbox world", "sandbox again").split()
    assert narrowgate(*again, *options).code == 0
    with Path("again/answers.csv").open(newline="") as file:
        decided = [row["findings"].split() for row in csv.DictReader(file)]
    assert [row["refused_by"] for row in shown["first"]] == decided
    assert ["R-24"] in decided


HOLD = '\n[hold]\nsince = 2020-01-01\nreason = "Order of a court"\n'


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('items_per_package = "lifted"', "items_per_package = 3", "R-26"),
        ("[limits]", f"{HOLD}\n[limits]", "R-52"),
        ("open_finding = false", "open_finding = true", "R-51"),
    ],
)
def test_what_would_refuse_the_package_whole_is_said_by_lint_build_and_show_and_is_not_signed(
    home: Path, narrowgate: CommandLine, old: str, new: str, rule: str
) -> None:
    options = built_under(narrowgate, (old, new))
    shown = narrowgate("package", "show", "package-2", *options).out
    assert "The gate would refuse the package whole today" in shown
    code, err = sign(narrowgate, *options, "--yes")
    assert (code, is_signed(home)) == (11, False)
    assert f"rule {rule}" in err
    linted = narrowgate("case", "lint", "cases.csv", *options)
    assert linted.code == 0
    assert linted.out.startswith("package: ")
    assert narrowgate("case", "lint", "cases.csv", *options, "--strict").code == 11
    summary = json.loads(narrowgate("case", "lint", "cases.csv", *options, "--json").out.splitlines()[-1])
    assert [obstacle["rule"] for obstacle in summary["summary"]["package"]] == [rule]
