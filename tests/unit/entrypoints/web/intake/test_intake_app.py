from __future__ import annotations

import base64
import hashlib
import os
from datetime import timedelta

import orjson

from narrowgate.adapters.files.notice_directory import NoticeDirectory
from narrowgate.core.intake.documents import Ending, Notice, Problem
from narrowgate.entrypoints.web.intake.openapi import OPENAPI
from support.requests import NOW, PROJECT
from support.running_intake import OFFICE, RunningIntake, Sample

SLOT = NOW + timedelta(hours=6)


def problem(response: object) -> str:
    assert response.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    told = response.json()  # type: ignore[attr-defined]
    assert told["type"] == f"urn:narrowgate:problem:{told['id']}"
    assert told["status"] == response.status_code  # type: ignore[attr-defined]
    assert told["next_step"]
    return str(told["id"])


def test_a_package_that_is_handed_over_waits_for_the_slot_that_is_told_at_once(
    intake: RunningIntake, sample: Sample
) -> None:
    with intake.client() as client:
        arrived = sample.send(client)
        assert arrived.status_code == 202
        assert arrived.json() == {
            "package": sample.id,
            "state": "waiting",
            "arrived": "2026-11-22T12:00:00Z",
            "slot": "2026-11-22T18:00:00Z",
        }
        assert arrived.headers["retry-after"] == "21600"
        assert client.get(sample.address).json() == arrived.json()


def test_the_same_bytes_again_get_the_same_answer_and_other_bytes_a_conflict(
    intake: RunningIntake, sample: Sample
) -> None:
    with intake.client() as client:
        first = sample.send(client)
        sample.begin(client)
        assert client.head(f"{sample.address}/rows").headers["upload-offset"] == str(len(sample.rows))
        assert client.post(f"{sample.address}/arrival").content == first.content
        forged = client.put(
            f"{sample.address}/signature",
            content=sample.signature + b"x",
            headers={"content-type": "application/pkcs7-signature"},
        )
        assert (forged.status_code, problem(forged)) == (409, "conflict")
        taken_back = client.delete(sample.address)
        assert (taken_back.status_code, problem(taken_back)) == (409, "conflict")
        again = sample.append(client, 0, sample.rows)
        assert (again.status_code, problem(again)) == (409, "conflict")


def test_an_upload_goes_on_where_it_was_and_nowhere_else(intake: RunningIntake, sample: Sample) -> None:
    half = len(sample.rows) // 2
    first, rest = sample.rows[:half], sample.rows[half:]
    with intake.client() as client:
        sample.begin(client)
        digest, other = (base64.b64encode(hashlib.sha256(one).digest()).decode() for one in (first, rest))
        wrong = sample.append(client, 0, first, content_digest=f"sha-256=:{other}:")
        assert (wrong.status_code, problem(wrong)) == (422, "envelope")
        assert client.head(f"{sample.address}/rows").headers["upload-offset"] == "0"
        right = sample.append(client, 0, first, content_digest=f"sha-256=:{digest}:")
        assert (right.status_code, right.headers["upload-offset"]) == (204, str(half))
        assert problem(sample.append(client, 0, first)) == "conflict"
        early = client.post(f"{sample.address}/arrival")
        assert (early.status_code, problem(early)) == (400, "usage")
        assert sample.append(client, half, rest).headers["upload-offset"] == str(len(sample.rows))
        assert client.post(f"{sample.address}/arrival").status_code == 202


def test_an_upload_that_has_not_arrived_can_be_removed(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client:
        sample.begin(client)
        assert client.get(sample.address).json() == {"package": sample.id, "state": "uploading"}
        assert client.delete(sample.address).status_code == 204
        assert problem(client.get(sample.address)) == "unknown-package"


def test_rows_that_are_not_those_signed_are_refused_and_may_be_sent_again(
    intake: RunningIntake, sample: Sample
) -> None:
    with intake.client() as client:
        sample.begin(client)
        sample.append(client, 0, sample.rows.replace(b"i0", b"i9"))
        refused = client.post(f"{sample.address}/arrival")
        assert (refused.status_code, problem(refused), refused.json()["rule"]) == (422, "envelope", "R-21")
        assert sample.append(client, 0, sample.rows).status_code == 204
        assert client.post(f"{sample.address}/arrival").status_code == 202


def test_more_bytes_than_declared_are_not_taken(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client:
        sample.begin(client)
        over = sample.append(client, 0, sample.rows + b"x")
        assert (over.status_code, problem(over)) == (413, "too-large")
        long = client.put(
            f"{sample.address}/manifest", content=b" " * 20_000, headers={"content-type": "application/json"}
        )
        assert (long.status_code, problem(long)) == (413, "too-large")


def test_answers_come_out_once_they_are_released_whole_or_in_ranges(
    intake: RunningIntake, sample: Sample
) -> None:
    answers = intake.home / "answers" / sample.id
    with intake.client() as client:
        sample.send(client)
        early = client.get(f"{sample.address}/answers")
        assert (early.status_code, problem(early), early.headers["retry-after"]) == (
            404,
            "not-released",
            "21600",
        )
        answers.mkdir()
        (answers / "receipt.json").write_bytes(b'{"a":1}')
        (answers / "0a.p7m").write_bytes(bytes(range(256)) * 40)
        os.utime(answers, (SLOT.timestamp(), SLOT.timestamp()))
        assert problem(client.get(f"{sample.address}/receipt")) == "not-released", "the slot has not come"
        intake.clock.at = SLOT
        try:
            listed = client.get(f"{sample.address}/answers").json()
            assert listed == {
                "package": sample.id,
                "files": [{"name": "0a.p7m", "bytes": 10_240}, {"name": "receipt.json", "bytes": 7}],
            }
            assert client.get(sample.address).json()["released"] == "2026-11-22T18:00:00Z"
            assert client.get(f"{sample.address}/receipt").content == b'{"a":1}'
            part = client.get(f"{sample.address}/answers/0a.p7m", headers={"range": "bytes=10000-"})
            assert (part.status_code, len(part.content), part.headers["cache-control"]) == (
                206,
                240,
                "no-store",
            )
            for name in ("no.p7m", ".hidden", "x" * 200):
                assert client.get(f"{sample.address}/answers/{name}").status_code == 404
        finally:
            intake.clock.at = NOW


def test_a_package_refused_whole_says_so_from_its_slot_on(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client:
        sample.send(client)
        NoticeDirectory(intake.home / "notices").put(
            Notice(
                sample.id,
                OFFICE,
                hashlib.sha256(sample.manifest).hexdigest(),
                Ending.REFUSED,
                SLOT,
                problem=Problem("refused", "Refused whole.", "", "Look.", ("R-26",)),
            )
        )
        assert client.get(sample.address).json()["state"] == "waiting"
        intake.clock.at = SLOT
        try:
            told = client.get(sample.address).json()
            assert (told["state"], told["problem"]["rules"]) == ("refused", ["R-26"])
        finally:
            intake.clock.at = NOW


def test_what_is_not_offered_is_refused_with_what_is(intake: RunningIntake, sample: Sample) -> None:
    with intake.client() as client:
        answer = client.post(sample.address)
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD")
        assert problem(answer) == "usage"
        assert client.get("/v1/other").status_code == 404
        wrong = client.put(f"{sample.address}/manifest", content=b"{}", headers={"content-type": "text/xml"})
        assert (wrong.status_code, problem(wrong)) == (415, "usage")


def test_the_document_of_the_interface_is_the_served_one(intake: RunningIntake) -> None:
    golden = (PROJECT / "docs" / "reference" / "openapi.json").read_bytes()
    assert golden == orjson.dumps(OPENAPI, option=orjson.OPT_INDENT_2) + b"\n", "run tools/write_openapi.py"
    with intake.client() as client:
        assert client.get("/v1/openapi.json").json() == orjson.loads(golden)
