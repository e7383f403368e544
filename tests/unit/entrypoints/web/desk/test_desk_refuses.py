"""What a desk refuses, over HTTP: hostile files, paths that lead out, forms of other sites; and what it leaves."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from starlette.routing import Route

from narrowgate.adapters.files import workbook as workbook_reader
from narrowgate.adapters.signing.certificates import load_person_key
from narrowgate.core.request.dictionary import DICTIONARY
from narrowgate.entrypoints.web.desk import application as desk_application
from narrowgate.entrypoints.web.desk.answer_pages import AnswerPages
from narrowgate.entrypoints.web.desk.application import FirstPages
from narrowgate.entrypoints.web.desk.case_pages import CasePages
from narrowgate.entrypoints.web.desk.intake_pages import IntakePages
from narrowgate.entrypoints.web.desk.package_pages import PackagePages
from support.served_desk import ServedDesk, served_desk
from support.workbooks import change_part, write_workbook

MOST_UNPACKED = 1_000_000

EXAMPLE = [entry.example for entry in DICTIONARY]
NAMES = [entry.name for entry in DICTIONARY]


def heading(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)
    return found[1] if found else text


def workbook(path: Path, **cells: object) -> Path:
    row = [cells.get(name, example) for name, example in zip(NAMES, EXAMPLE, strict=True)]
    return write_workbook(path, {"cases": [NAMES, row]})


def zip_bomb(path: Path) -> Path:
    workbook(path)
    change_part(path, "xl/more.xml", lambda _: bytes(2 * MOST_UNPACKED))
    return path


def with_formula(path: Path) -> Path:
    workbook(path)
    change_part(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"<v>", b"<f>1+1</f><v>", 1))
    return path


def with_entity(path: Path) -> Path:
    workbook(path)
    change_part(path, "xl/workbook.xml", lambda data: b'<!DOCTYPE a [<!ENTITY b "c">]>' + data)
    return path


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (zip_bomb, "unpacks to more than 1 GB"),
        (with_formula, "holds formulas"),
        (with_entity, "XML entities"),
    ],
    ids=["zip bomb", "formula", "entity"],
)
def test_a_hostile_workbook_is_refused_and_nothing_of_it_stays(
    served: ServedDesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Path],
    told: str,
) -> None:
    monkeypatch.setattr(workbook_reader, "MAX_UNPACKED_BYTES", MOST_UNPACKED)
    client = served.client()
    path = make(tmp_path / "a.xlsx")
    with path.open("rb") as upload:
        sent = served.post(client, "/cases", files={"cases": ("cases.xlsx", upload)})
    assert sent.status_code == 422
    assert told in heading(sent.text)
    assert list(served.settings.scratch.iterdir()) == []


def test_what_excel_turned_is_told_cell_by_cell(served: ServedDesk, tmp_path: Path) -> None:
    client = served.client()
    path = workbook(tmp_path / "a.xlsx", zip=2134, birth_date=date(1984, 3, 9))
    sent = served.post(client, "/cases", files={"cases": ("a.xlsx", path.read_bytes())})
    page = client.get(sent.headers["location"]).text
    assert "has a leading zero been lost?" in page
    assert "was turned into a date or a time" in page
    assert ">K2</a> (zip)" in page
    assert ">D2</a> (birth_date)" in page
    assert f"{sent.headers['location']}/package" not in page, "no package is made of a guess"
    assert client.get(f"{sent.headers['location']}/package").status_code == 422


def test_rows_that_excel_turned_or_that_have_one_id_are_corrected_on_their_pages(
    served: ServedDesk, home: Path, tmp_path: Path
) -> None:
    client = served.client()
    good = dict(zip(NAMES, EXAMPLE, strict=True))
    rows = [good | {"item": "a"}, good | {"item": "a", "tin": ""}, good | {"item": "c"}]
    cells = [[each[name] for name in NAMES] for each in rows]
    cells[2][NAMES.index("zip")] = 2134
    cells[2][NAMES.index("birth_date")] = date(1984, 3, 9)
    path = write_workbook(tmp_path / "a.xlsx", {"cases": [NAMES, *cells]})
    sent = served.post(client, "/cases", files={"cases": ("a.xlsx", path.read_bytes())})
    case = sent.headers["location"]
    page = client.get(case).text
    assert f'href="{case}/rows/4">K4</a>' in page
    assert f'href="{case}/rows/3">3</a>' in page
    row = client.get(f"{case}/rows/4").text
    assert "has a leading zero been lost?" in row
    assert 'value="02134"' in row, "what was probably typed is offered, and taken only when a person saves it"
    assert client.get(f"{case}/package").status_code == 422
    assert "item id of line 2" in served.post(client, f"{case}/rows/4", data=rows[2] | {"item": "a"}).text
    for line, each in ((4, rows[2]), (3, rows[1] | {"item": "b"})):
        saved = served.post(client, f"{case}/rows/{line}", data=each)
        assert "The row was corrected" in saved.text
    page = client.get(case).text
    assert "The form of the file is not yet right" not in page
    assert client.get(f"{case}/package").status_code == 200
    assert client.get(f"{case}/corrected.xlsx").status_code == 200


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_a_lost_zero_and_a_turned_date_are_told_in_every_form_of_a_file(
    served: ServedDesk, tmp_path: Path, form: str
) -> None:
    client = served.client()
    row = dict(zip(NAMES, EXAMPLE, strict=True)) | {"zip": "2134", "birth_date": "3/9/1984"}
    path = tmp_path / f"cases.{form}"
    cells = [row[name] for name in NAMES]
    if form == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([NAMES, cells])
    elif form == "parquet":
        pq.write_table(pa.table({name: [value] for name, value in row.items()}), path)
    else:
        write_workbook(path, {"cases": [NAMES, cells]})
    sent = served.post(client, "/cases", files={"cases": (path.name, path.read_bytes())})
    page = client.get(sent.headers["location"]).text
    assert "The value of zip has 4 digits: has a leading zero been lost?" in page
    assert "The value of birth_date is written month/day/year." in page
    assert f"{sent.headers['location']}/rows/2" in page, "the row is a click away"


def test_numbers_in_parquet_are_refused_because_their_zeros_are_gone(
    served: ServedDesk, tmp_path: Path
) -> None:
    client = served.client()
    path = tmp_path / "cases.parquet"
    row: dict[str, object] = dict(zip(NAMES, EXAMPLE, strict=True)) | {"zip": 2134}
    pq.write_table(pa.table({name: [value] for name, value in row.items()}), path)
    sent = served.post(client, "/cases", files={"cases": ("a.parquet", path.read_bytes())})
    page = client.get(sent.headers["location"]).text
    assert "zip (int64)" in page
    assert "numbers lose leading zeros" in page
    assert client.get(f"{sent.headers['location']}/rows/2").status_code == 422


def test_a_file_that_is_too_large_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_application, "MOST_BYTES", 1_000_000)
    with served_desk(home, tmp_path / "scratch") as served:
        sent = served.post(served.client(), "/cases", files={"cases": ("c.csv", bytes(1_000_001))})
        assert (sent.status_code, "larger than 1 MB" in sent.text) == (413, True)
        assert list(served.settings.scratch.iterdir()) == []


def test_hostile_text_of_a_case_file_is_text_on_the_page_and_no_formula_in_the_download(
    served: ServedDesk, home: Path, tmp_path: Path
) -> None:
    client = served.client()
    hostile = "=HYPERLINK(1)<script>alert(1)</script>"
    text = (home / "cases.csv").read_text(encoding="utf-8")
    first = text.splitlines()[1].split(",")[1]
    sent = served.post(
        client,
        "/cases",
        files={"cases": ("../../<b>cases</b>.csv", text.replace(first, hostile, 1).encode())},
    )
    page = client.get(sent.headers["location"])
    assert "<b>cases" not in page.text
    row = client.get(f"{sent.headers['location']}/rows/2").text
    assert "<script>" not in row
    corrected = tmp_path / "corrected.xlsx"
    corrected.write_bytes(client.get(f"{sent.headers['location']}/corrected.xlsx").content)
    with zipfile.ZipFile(corrected) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("name", ["%2e%2e", "..%2fworld", "none", ".new", "a%00b", "%2fetc"])
def test_no_path_leads_out_of_the_directories_of_the_desk(served: ServedDesk, name: str) -> None:
    client = served.client()
    for path in (f"/packages/{name}", f"/packages/{name}/rows.ndjson", f"/answers/{name}", f"/cases/{name}"):
        assert client.get(path).status_code in (400, 404, 405), path


def test_every_form_of_the_desk_wants_the_sessions_token(served: ServedDesk, home: Path) -> None:
    shutil.copytree(home / "world" / "package", served.settings.packages / "p-1")
    client = served.client()
    sent = served.post(client, "/cases", files={"cases": ("c.csv", (home / "cases.csv").read_bytes())})
    released = next((home / "world" / "answers").iterdir()).name
    paths = [
        "/cases",
        sent.headers["location"],
        f"{sent.headers['location']}/close",
        f"{sent.headers['location']}/package",
        f"{sent.headers['location']}/rows/2",
        "/packages/p-1",
        "/packages/p-1/submit",
        "/packages/p-1/status",
        "/packages/p-1/fetch",
        f"/answers/{released}",
    ]
    kinds = (FirstPages, CasePages, PackagePages, IntakePages, AnswerPages)
    routes: list[Route] = [route for kind in kinds for route in kind.routes(object.__new__(kind))]
    assert len(paths) == sum("POST" in (route.methods or ()) for route in routes)
    for path in paths:
        refused = client.post(path, data={"acknowledge": "yes", "read": "yes"})
        assert refused.status_code == 400, path
        assert "not sent from a page of this session" in refused.text, path
    assert client.get(sent.headers["location"]).status_code == 200


def test_outcomes_are_in_one_response_that_nothing_keeps(served: ServedDesk, home: Path) -> None:
    client = served.client()
    path = f"/answers/{next((home / 'world' / 'answers').iterdir()).name}"
    before = {file: file.stat().st_mtime_ns for file in home.rglob("*")}
    key = {"key": str(home / "world/officers/1.key.pem"), "certificate": str(home / "world/officers/1.pem")}
    unread = served.post(client, path, data=key)
    assert unread.status_code == 400
    assert "ng-outcome" not in unread.text
    opened = served.post(client, path, data=key | {"acknowledge": "yes"})
    assert "NOT CONFIRMED" in opened.text
    assert opened.headers["cache-control"] == "no-store"
    assert "set-cookie" not in opened.headers
    assert "ng-outcome" not in client.get(path).text, "the terms come first again"
    assert {file: file.stat().st_mtime_ns for file in home.rglob("*")} == before
    assert list(served.settings.scratch.iterdir()) == []


def test_another_officers_key_and_a_wrong_file_open_nothing(served: ServedDesk, home: Path) -> None:
    client = served.client()
    path = f"/answers/{next((home / 'world' / 'answers').iterdir()).name}"
    signer = home / "world/keys/secretary_of_homeland_security"
    for key in (f"{signer}.key.pem", "/none", "pkcs11:?module-path=/none"):
        sent = served.post(
            client,
            path,
            data={"key": key, "certificate": f"{signer}.pem", "secret": "4711", "acknowledge": "yes"},
        )
        assert sent.status_code == 422
        assert "ng-outcome" not in sent.text
        assert "4711" not in sent.text


def test_without_the_logs_key_no_answer_is_opened(home: Path, tmp_path: Path) -> None:
    with served_desk(home, tmp_path / "scratch", log_key=None) as served:
        path = f"/answers/{next((home / 'world' / 'answers').iterdir()).name}"
        sent = served.post(served.client(), path, data={"key": "a", "acknowledge": "yes"})
        assert "key is not at hand" in sent.text


def test_a_signed_package_is_not_signed_again_and_an_unread_text_is_not_signed(
    served: ServedDesk, home: Path
) -> None:
    client = served.client()
    shutil.copytree(home / "world" / "package", served.settings.packages / "p-1")
    holder = home / "world/keys/secretary_of_homeland_security"
    form = {
        "key": f"{holder}.key.pem",
        "certificate": f"{holder}.pem",
        "read": "yes",
        "shown_sha256": "0" * 64,
    }
    assert "signed already" in served.post(client, "/packages/p-1", data=form).text
    (served.settings.packages / "p-1" / "manifest.json.p7s").unlink()
    assert "no longer what the page showed" in served.post(client, "/packages/p-1", data=form).text
    assert not (served.settings.packages / "p-1" / "manifest.json.p7s").exists()
    assert client.get("/packages/p-1/rows.ndjson").status_code == 400, (
        "an unsigned package is not handed over"
    )


def test_a_corrected_row_keeps_the_rules_of_a_row(served: ServedDesk, home: Path) -> None:
    client = served.client()
    sent = served.post(client, "/cases", files={"cases": ("c.csv", (home / "cases.csv").read_bytes())})
    row = f"{sent.headers['location']}/rows/2"
    values = dict(re.findall(r'id="(\w+)" name="\w+" type="text" value="([^"]*)"', client.get(row).text))
    third = dict(
        re.findall(
            r'id="(\w+)" name="\w+" type="text" value="([^"]*)"',
            client.get(f"{sent.headers['location']}/rows/3").text,
        )
    )
    assert "has the item id of line 3" in served.post(client, row, data=values | {"item": third["item"]}).text
    assert "The row cannot be used" in served.post(client, row, data=values | {"item": ""}).text
    assert "No item is in that line" in client.get(f"{sent.headers['location']}/rows/99").text
    assert client.get(f"{sent.headers['location']}/rows/-1").status_code == 404
    newer = served.post(client, sent.headers["location"], files={"cases": ("d.csv", b"item\n1\n")})
    assert client.get(newer.headers["location"]).status_code == 200
    assert client.get(sent.headers["location"]).status_code == 400, "the older version is gone"
    assert len(list(served.settings.scratch.iterdir())) == 1


def test_the_desk_speaks_spanish(home: Path, tmp_path: Path) -> None:
    with served_desk(home, tmp_path / "scratch", language="es") as served:
        page = served.client().get("/").text
        assert '<html lang="es">' in page
        assert "Escritorio del solicitante" in page


def test_what_is_typed_as_the_secret_opens_the_key_and_is_on_no_page(served: ServedDesk, home: Path) -> None:
    key = load_person_key(home / "world/officers/1.key.pem")
    locked = BestAvailableEncryption(b"only-typed-here")
    (home / "locked.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    (home / "locked.pem").chmod(0o600)
    client = served.client()
    path = f"/answers/{next((home / 'world' / 'answers').iterdir()).name}"
    form = {
        "key": str(home / "locked.pem"),
        "certificate": str(home / "world/officers/1.pem"),
        "acknowledge": "yes",
    }
    for wrong in ("", "another-secret"):
        refused = served.post(client, path, data=form | {"secret": wrong})
        assert (refused.status_code, "ng-outcome" in refused.text) == (422, False)
        assert "another-secret" not in refused.text
    opened = served.post(client, path, data=form | {"secret": "only-typed-here"})
    assert "ng-outcome" in opened.text
    assert "only-typed-here" not in opened.text
