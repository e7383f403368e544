"""``narrowgate index``: a build, a layer, a suppression and a merge, each in a new directory that verifies."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.sandbox.credentials import create_credentials
from support.command_line import CommandLine
from support.file_systems import other_file_system
from support.sandbox_files import base_files, base_files_with_key

KEY = ("--key", "file:index.key")
UNSIGNED = (*KEY, "--unsigned-base")
BUILD = ("--mapping", "mapping.toml", *KEY, "--as-of", "2026-01-31", "--workers", "1")


def test_an_index_is_built_extended_suppressed_merged_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, narrowgate: CommandLine
) -> None:
    base_files_with_key(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "persons.csv").write_text(
        "tin,given_names,surnames,birth_date\n219094711,William,Dreskovic,1979-11-30\n"
    )
    assert narrowgate("index", "build", "records.csv", "one", *BUILD).code == 0
    assert narrowgate("index", "add", "one", "records.csv", "two", *BUILD, "--unsigned-base").code == 0
    assert narrowgate("index", "suppress", "two", "three", "--persons", "persons.csv", *UNSIGNED).code == 0
    assert narrowgate("index", "compact", "three", "four", *UNSIGNED).code == 0
    assert [layer["kind"] for layer in json.loads(narrowgate("index", "verify", "three").out)["layers"]] == [
        "records",
        "records",
        "suppression",
    ]
    assert len(json.loads(narrowgate("index", "verify", "four").out)["layers"]) == 1
    assert narrowgate("index", "build", "records.csv", "one", *BUILD).code == 4


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the base files and a key."""
    base_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.key").write_text("5a" * 32)
    (tmp_path / "index.key").chmod(0o600)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--as-of", "31.1.2026"), "31.1.2026"),
        (("--as-of", "2026-02-30"), "2026-02-30"),
        (("--memory", "lots"), "such as 1GB"),
        (("--quarantine", "absent/quarantine.csv"), "quarantine file cannot be written"),
        (("--quarantine", "."), "quarantine file cannot be written"),
        (("--database", "env:ABSENT"), "mapping is of a file"),
    ],
)
def test_a_build_that_cannot_end_well_does_not_begin(
    home: Path, narrowgate: CommandLine, options: tuple[str, str], message: str
) -> None:
    before = sorted(home.iterdir())
    result = narrowgate("index", "build", "records.csv", "one", *BUILD, *options)
    assert (result.code, message in result.err) == (2, True), result.err
    assert sorted(home.iterdir()) == before


def test_a_quarantine_on_another_file_system_is_refused_at_once(
    home: Path, narrowgate: CommandLine, tmp_path: Path
) -> None:
    with other_file_system(tmp_path) as other:
        result = narrowgate("index", "build", "records.csv", "one", *BUILD, "--quarantine", other / "q.csv")
        assert (result.code, "another file system" in result.err) == (2, True), result.err
        assert list(other.iterdir()) == []


def test_rows_set_aside_are_counted_where_the_operator_looks(home: Path, narrowgate: CommandLine) -> None:
    with (home / "records.csv").open("a") as records:
        records.write("a line that is no row\n")
    result = narrowgate("index", "build", "records.csv", "one", *BUILD)
    read = json.loads(result.out)["counts"]["rows_read"]
    first, reason = result.err.splitlines()
    assert (result.code, first) == (0, f"1 of {read} rows were quarantined; see one.quarantine.csv")
    assert reason.startswith("  1 ")


def test_a_reason_names_the_fault(home: Path, narrowgate: CommandLine) -> None:
    with (home / "records.csv").open("a") as records:
        records.write("2022,666123456,ANA,REYES,,12 MAIN ST,,HOUSTON,TX,77002,no\n")
    result = narrowgate("index", "build", "records.csv", "one", *BUILD)
    assert "  1 person_tin_malformed: no nine digits, or a number that cannot have been issued" in result.err


DATABASE = """
[source]
format = "postgresql"
query = "SELECT 1"
"""


def database_mapping(home: Path) -> None:
    text = (home / "mapping.toml").read_text()
    (home / "database.toml").write_text(DATABASE + text[text.index("[columns]") :])


@pytest.mark.parametrize(
    ("connection", "code"), [("host=/absent password=hush7", 1), ("hush7", 4), ("hush7=1 password=hush7", 4)]
)
def test_a_database_that_does_not_answer_gives_no_password_away(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch, connection: str, code: int
) -> None:
    pytest.importorskip("psycopg")
    database_mapping(home)
    monkeypatch.setenv("CONNECTION", connection)
    build = ("--mapping", "database.toml", *BUILD[2:])
    result = narrowgate("index", "build", "-", "one", *build, "--database", "env:CONNECTION")
    assert (result.code, "hush7" in result.err) == (code, False), result.err


def test_a_database_needs_its_name_and_no_file_beside_it(
    home: Path, narrowgate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    database_mapping(home)
    monkeypatch.setenv("CONNECTION", "dbname=x")
    build = ("--mapping", "database.toml", *BUILD[2:])
    for arguments in (("-",), ("records.csv", "--database", "env:CONNECTION")):
        result = narrowgate("index", "build", arguments[0], "one", *build, *arguments[1:])
        assert (result.code, "'-' for RECORDS" in result.err) == (2, True), result.err


def test_an_empty_list_of_persons_is_no_suppression(home: Path, narrowgate: CommandLine) -> None:
    assert narrowgate("index", "build", "records.csv", "one", *BUILD).code == 0
    (home / "persons.csv").write_text("tin,given_names,surnames,birth_date\n")
    result = narrowgate("index", "suppress", "one", "two", "--persons", "persons.csv", *UNSIGNED)
    assert (result.code, "names nobody" in result.err) == (3, True), result.err
    assert not (home / "two").exists()


def test_a_merge_does_not_count_the_filers_of_an_address_over_two_layers(
    home: Path, narrowgate: CommandLine
) -> None:
    """What ``index add`` says of its limit: two filers at one address, one in each file, under a limit of one."""
    header = "tin,full_name,address_line_1,zip,tax_year\n"
    (home / "shared.toml").write_text(
        "[columns]\n" + "\n".join(f'{name} = "{name}"' for name in header.strip().split(","))
    )
    rows = [
        f"21909471{digit},ANNA {name},12 CLIFTON AVE,45220,202{digit}\n"
        for digit, name in ((1, "LINDQVIST"), (2, "HALVORSEN"))
    ]
    for name, content in (("first", rows[0]), ("second", rows[1]), ("both", "".join(rows))):
        (home / f"{name}.csv").write_text(header + content)
    build = ("--mapping", "shared.toml", *BUILD[2:], "--shared-address-limit", "1")
    assert narrowgate("index", "build", "first.csv", "first", *build).code == 0
    assert narrowgate("index", "add", "first", "second.csv", "second", *build, "--unsigned-base").code == 0
    assert narrowgate("index", "compact", "second", "merged", *UNSIGNED).code == 0
    assert narrowgate("index", "build", "both.csv", "both", *build).code == 0
    tokens = {
        name: sum(pq.read_metadata(path).num_rows for path in (home / name).glob("tokens/*.parquet"))
        for name in ("first", "second", "merged", "both")
    }
    assert tokens["first"] > 0
    assert tokens == {
        "first": tokens["first"],
        "second": 2 * tokens["first"],
        "merged": 2 * tokens["first"],
        "both": 0,
    }


SIGNED = ("--signer-key", "keys/custodian.key.pem", "--signer-certificate", "keys/custodian.pem")
VERIFIED = ("--index-root", "keys/root.pem", "--index-signer", "keys/custodian.pem")
PERSONS = "tin,given_names,surnames,birth_date\n"
WHOLE = "219094711,William,Dreskovic,1979-11-30\n"


@pytest.fixture
def signed(home: Path, narrowgate: CommandLine) -> Path:
    """As ``home``, with the keys of a custodian and an index ``one`` signed with them."""
    create_credentials(home, ["1"], SystemClock().now(), SystemEntropy())
    (home / "persons.csv").write_text(PERSONS + WHOLE)
    assert narrowgate("index", "build", "records.csv", "one", *BUILD, *SIGNED).code == 0
    return home


UPON = [
    ("add", "{}", "records.csv", "two", *BUILD),
    ("suppress", "{}", "two", "--persons", "persons.csv", *KEY),
    ("compact", "{}", "two", *KEY),
]


def upon(narrowgate: CommandLine, command: tuple[str, ...], base: str, *options: str) -> tuple[int, str]:
    result = narrowgate("index", *(word.format(base) for word in command), *SIGNED, *options)
    return result.code, result.err


@pytest.mark.parametrize("command", UPON)
def test_a_layer_is_put_upon_an_index_of_the_custodian_only(
    signed: Path, narrowgate: CommandLine, command: tuple[str, ...]
) -> None:
    """The attack: somebody exchanges the index, and the next layer would be signed as the custodian's."""
    assert narrowgate("index", "build", "records.csv", "unsigned", *BUILD).code == 0
    office = "keys/secretary_of_homeland_security"
    forged = ("--signer-key", f"{office}.key.pem", "--signer-certificate", f"{office}.pem")
    assert narrowgate("index", "build", "records.csv", "forged", *BUILD, *forged).code == 0
    code, said = upon(narrowgate, command, "one")
    assert (code, "who signed the index" in said) == (2, True), said
    code, said = upon(narrowgate, command, "unsigned", *VERIFIED)
    assert (code, "manifest or signature" in said) == (1, True), said
    code, said = upon(narrowgate, command, "forged", *VERIFIED)
    assert (code, "none of those expected" in said) == (4, True), said
    assert not (signed / "two").exists()
    assert upon(narrowgate, command, "one", *VERIFIED)[0] == 0
    verified = narrowgate("index", "verify", "two", *VERIFIED)
    assert json.loads(verified.out)["signature"] == "verified"


@pytest.mark.parametrize("command", UPON)
def test_a_changed_byte_below_is_not_signed_again(
    signed: Path, narrowgate: CommandLine, command: tuple[str, ...]
) -> None:
    path = next((signed / "one" / "guards").iterdir())
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    code, said = upon(narrowgate, command, "one", *VERIFIED)
    assert (code, "damaged" in said) == (1, True), said
    assert not (signed / "two").exists()


@pytest.mark.parametrize(
    ("line", "missing"),
    [("219094711,,,\n", "birth date"), (",William,Dreskovic,1979-11-30\n", "TIN")],
)
def test_a_person_is_not_kept_out_by_half_unless_that_is_said(
    signed: Path, narrowgate: CommandLine, line: str, missing: str
) -> None:
    """Suppressing by TIN alone still confirmed by birth date."""
    (signed / "persons.csv").write_text(PERSONS + WHOLE + line)
    command = UPON[1]
    code, said = upon(narrowgate, command, "one", *VERIFIED)
    assert (code, "Entry 2" in said, missing in said) == (4, True, True), said
    assert "DRESKOVIC" not in said.upper()
    assert upon(narrowgate, command, "one", *VERIFIED, "--half")[0] == 0


def test_a_street_reference_enters_the_index(home: Path, narrowgate: CommandLine) -> None:
    (home / "streets.csv").write_text(
        "county,zip,street_name,suffix\nX,45220,HOWELL,AVE\nX,45220,Howell Avenue,\nX,,nowhere,\n"
    )
    built = narrowgate("index", "build", "records.csv", "one", *BUILD, "--streets", "streets.csv")
    assert built.code == 0, built.err
    assert json.loads(built.out)["counts"]["street_reference"] == {
        "read": 3,
        "known": 1,
        "repeated": 1,
        "not_understood": 1,
    }


@pytest.mark.parametrize("text", ["zip,name\n45220,HOWELL\n", "", "zip,street_name\n,\n"])
def test_a_street_reference_that_names_no_street_is_refused(
    home: Path, narrowgate: CommandLine, text: str
) -> None:
    (home / "streets.csv").write_text(text)
    built = narrowgate("index", "build", "records.csv", "one", *BUILD, "--streets", "streets.csv")
    assert (built.code in {3, 4}, "street" in built.err) == (True, True), built.err
    assert not (home / "one").exists()


def test_records_of_a_day_to_come_are_refused_before_they_are_read(
    home: Path, narrowgate: CommandLine
) -> None:
    tomorrow = f"{SystemClock().now() + timedelta(days=1):%Y-%m-%d}"
    build = ["--mapping", "mapping.toml", *KEY, "--as-of", tomorrow]
    built = narrowgate("index", "build", "records.csv", "of-tomorrow", *build)
    assert (built.code, "in the future" in built.err) == (2, True)
    assert not (home / "of-tomorrow").exists()


def test_a_proposal_of_the_columns_in_the_readme_misses_nothing(home: Path, narrowgate: CommandLine) -> None:
    (home / "own.csv").write_text(
        "SSN,NAME,DOB,STREET,CITY,ST,ZIP,TAXYR\n"
        "123456789,ANNA HALVORSEN,1972-07-08,12 CLIFTON ST,BOSTON,MA,02134,2022\n"
    )
    proposal = narrowgate("index", "describe", "own.csv").out
    assert 'tax_year = "TAXYR"' in proposal
    assert "Still missing" not in proposal


def test_a_proposal_says_what_is_still_missing(home: Path, narrowgate: CommandLine) -> None:
    (home / "own.csv").write_text("SSN,NAME,CITY,ZIP\n123456789,ANNA HALVORSEN,BOSTON,02134\n")
    proposal = narrowgate("index", "describe", "own.csv").out
    assert "Still missing" in proposal
    assert "#   address_line_1\n#   tax_year" in proposal
    (home / "own.toml").write_text(proposal)
    build = ["--mapping", "own.toml", *KEY, "--as-of", "2026-01-31"]
    built = narrowgate("index", "build", "own.csv", "own", *build)
    assert (built.code, "'address_line_1'" in built.err) == (4, True)


def test_a_world_of_records_of_which_none_can_be_loaded_names_no_file_that_is_gone(
    home: Path, narrowgate: CommandLine
) -> None:
    records = (home / "records.csv").read_text()
    (home / "broken.csv").write_text(records.replace("\n20", "\nin 20"))
    files = ["--records", "broken.csv", "--mapping", "mapping.toml", "--cases", "cases.csv"]
    made = narrowgate("sandbox", "no-world", *files)
    assert (made.code, "could be loaded" in made.err) == (3, True)
    assert "quarantine.csv" not in made.err
    assert not (home / "no-world").exists()


def test_a_verified_index_says_who_signed_it(home: Path, narrowgate: CommandLine) -> None:
    create_credentials(home, ["1"], SystemClock().now(), SystemEntropy())
    signer = ["--signer-key", "keys/custodian.key.pem", "--signer-certificate", "keys/custodian.pem"]
    assert narrowgate("index", "build", "records.csv", "signed", *BUILD, *signer).code == 0
    known = ["--index-root", "keys/root.pem", "--index-signer", "keys/custodian.pem"]
    told = json.loads(narrowgate("index", "verify", "signed", *known).out)
    assert told["signature"] == "verified"
    assert told["signed_by"].startswith("CN=")
    assert told["signer_key_sha256"] in narrowgate("key", "digest", "keys/custodian.pem").out
    assert json.loads(narrowgate("index", "verify", "signed").out)["signature"] == "not verified"
    (home / "signed" / "manifest.json.p7s").unlink()
    assert json.loads(narrowgate("index", "verify", "signed").out)["signature"] == "not signed"


def test_a_cluster_reads_in_one_pass(home: Path, narrowgate: CommandLine) -> None:
    result = narrowgate("index", "build", "records.csv", "one", *BUILD, "--engine", "spark", "--passes", "2")
    assert (result.code, "in one pass" in result.err) == (2, True)
    assert not (home / "one").exists()
