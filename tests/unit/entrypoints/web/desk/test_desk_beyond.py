"""What the desk hears from the custodian: the intake, and recalls."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from pathlib import Path

from narrowgate.adapters.http.intake_client import IntakeAddress
from narrowgate.core.request.manifest import parse_manifest
from narrowgate.entrypoints.opened_part import RecallPlaces
from support.command_line import CommandLine
from support.recalled_world import recalled
from support.requests import NOW
from support.running_intake import RunningIntake
from support.served_desk import served_desk


def test_a_signed_package_is_handed_over_followed_and_its_answers_fetched(
    home: Path, tmp_path: Path, intake: RunningIntake
) -> None:
    shutil.copytree(home / "package-2", home / "packages" / "p-1")
    package_id = parse_manifest((home / "package-2/manifest.json").read_bytes(), "").package_id
    address = IntakeAddress(
        intake.url, intake.home / "ours.pem", intake.home / "ours.key.pem", intake.home / "root.pem"
    )
    (home / "fetched").mkdir()
    with served_desk(home, tmp_path / "scratch", intake=address, answers=home / "fetched") as served:
        client = served.client()
        assert "Hand the package over" in client.get("/packages/p-1").text
        assert f"{package_id} has arrived" in served.post(client, "/packages/p-1/submit").text
        assert f"{package_id} has arrived" in served.post(client, "/packages/p-1/status").text
        assert served.post(client, "/packages/p-1/fetch").status_code == 422
        released = intake.home / "answers" / package_id
        shutil.copytree(next((home / "world" / "answers").iterdir()), released)
        slot = NOW + timedelta(hours=6)
        os.utime(released, (slot.timestamp(), slot.timestamp()))
        intake.clock.at = slot
        try:
            assert "in the directory of answers" in served.post(client, "/packages/p-1/fetch").text
        finally:
            intake.clock.at = NOW
        assert package_id in client.get("/answers").text


def test_without_an_intake_or_a_signature_nothing_is_handed_over(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "package-2", home / "packages" / "p-1")
    with served_desk(home, tmp_path / "scratch") as served:
        client = served.client()
        assert "Hand the package over" not in client.get("/packages/p-1").text
        sent = served.post(client, "/packages/p-1/submit")
        assert (sent.status_code, "does not know the intake" in sent.text) == (422, True)
    nobody = IntakeAddress("https://127.0.0.1:1", Path("a"), Path("b"), Path("c"))
    (home / "packages" / "p-1" / "manifest.json.p7s").unlink()
    with served_desk(home, tmp_path / "scratch-2", intake=nobody) as served:
        assert "not signed" in served.post(served.client(), "/packages/p-1/submit").text


def test_a_recalled_answer_is_not_shown_and_where_nobody_looked_it_is_said(
    home: Path, tmp_path: Path, narrowgate: CommandLine
) -> None:
    (answers,) = (home / "world" / "answers").glob("p-*")
    assert recalled(narrowgate, "--item", f"{answers.name}/1") == 5
    form = {
        "key": str(home / "world/officers/1.key.pem"),
        "certificate": str(home / "world/officers/1.pem"),
        "acknowledge": "yes",
    }
    shown = {}
    for place in ("nowhere", "world"):
        places = RecallPlaces() if place == "nowhere" else RecallPlaces((home / place,))
        with served_desk(home, tmp_path / place, recalls=places) as served:
            shown[place] = served.post(served.client(), f"/answers/{answers.name}", data=form).text
    assert "Recalls were not looked for" in shown["nowhere"]
    assert ": RECALLED</h2>" in shown["world"]
    assert "1 answer is recalled (R-43)" in shown["world"]
    assert shown["world"].count(": CONFIRMED</h2>") == shown["nowhere"].count(": CONFIRMED</h2>") - 1


def test_an_intake_that_is_named_in_part_is_refused(home: Path, narrowgate: CommandLine) -> None:
    named = ("--agreement", "world/agreement.toml", "--packages", "packages", "--intake", "https://a.example")
    assert narrowgate("desk", *named).code == 2
