"""Act two goes on: the wrong answer is stopped, found in the log, called back, and disposed of."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from narrowgate.adapters.files.durable_files import write_private
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.signing.cms_signer import CmsSigner
from narrowgate.core.answers.disposal import Disposal, Receipt, receipt_bytes, receipt_text
from narrowgate.core.answers.recall_notice import RecallNotice, verify_notice
from narrowgate.core.base.times import format_time
from narrowgate.core.governance.kinds import Kind
from narrowgate.core.governance.recall_list import Criteria, RecallList, recall_list_bytes
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.entrypoints.bootstrap import opened_acts
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.drill.demo_gate import DemoGate
from narrowgate.entrypoints.drill.wrong_answer import WrongAnswer
from narrowgate.entrypoints.opened_part import OfficerKey, RecallPlaces, opened_part
from narrowgate.entrypoints.recall_notices import SUFFIX, write_notices
from narrowgate.entrypoints.recall_receipts import accept_receipt, signature_of
from narrowgate.entrypoints.sandbox.world import OFFICE
from narrowgate.governance.acts import Wanted
from narrowgate.requester.opened import OpenedAnswers
from narrowgate.verify.recall_book import RecallStatus, read_recalls, recall_list, status_of
from narrowgate.verify.recall_find import find_answers
from narrowgate.verify.source import find_source

LIST: Final = "recall.json"
NOTICES: Final = "notices"
RECEIPTS: Final = "receipts"

_REASON: Final = "drill: answers of a matcher that did not compare the address"


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall that was issued.

    Args:
        number: of its act.
        listed: every answer of it.
        time: at which it was in the log.
    """

    number: int
    listed: RecallList
    time: datetime


def find_suspects(gate: DemoGate, since: datetime) -> RecallList:
    """Every answer decided since a time, from the log alone, as ``narrowgate recall find --from`` lists them.

    Args:
        gate: its log is read as an inspector reads it.
        since: aware UTC time at which the broken part came in.
    """
    source = find_source(gate.home)
    return find_answers(source, Criteria(start=format_time(since)), (gate.settings.answers,))


def issue_recall(gate: DemoGate, listed: RecallList) -> Recall:
    """The act of two officers that recalls the answers of a list; it is in the log.

    Args:
        gate: of the drill.
        listed: from ``find_suspects``.
    """
    data = recall_list_bytes(listed)
    write_private(gate.home / LIST, data)
    now = gate.clock.now()
    with opened_acts(gate.settings, gate.settings.revocation) as books:
        act = gate.custody.enact(books, Wanted(Kind.RECALL, str(listed.answers), _REASON, data), now)
    return Recall(act.number, listed, now)


def tell_recipients(gate: DemoGate, recall: Recall) -> tuple[RecallNotice, ...]:
    """The notices of a recall, each verified as its recipient verifies it, with the log's published key.

    Args:
        gate: of the drill.
        recall: that was issued.
    """
    out = gate.home / NOTICES
    write_notices(find_source(gate.home), recall.number, out)
    key = read_log_key(gate.settings.log / KEY_FILE)
    return tuple(verify_notice(path.read_bytes(), key, str(path)) for path in sorted(out.rglob(f"*{SUFFIX}")))


def opened_again(gate: DemoGate, wrong: WrongAnswer) -> str:
    """What the officer sees in the place of the wrong outcome, who looks for recalls in the newest log.

    Args:
        gate: of the drill.
        wrong: an answer that left.
    """
    part = opened_part(
        gate.settings.answers / wrong.package_id,
        _key_of(gate.home / "officers", wrong.officers[0]),
        read_log_key(gate.settings.log / KEY_FILE),
        gate.clock.now(),
        RecallPlaces((gate.home,)),
    )
    opened = OpenedAnswers(part.answers, part.manifest, recalls=part.recalls)
    return next(opened.outcome(record) for record in part.answers.records if record.ordinal == wrong.row)


def dispose(gate: DemoGate, notices: tuple[RecallNotice, ...]) -> RecallStatus:
    """How far the recall is when every recipient has said, signed, that the answers are destroyed.

    The official of the office signs for each recipient, as the receipt's rules allow.

    Args:
        gate: takes the receipts, and puts an entry of each in its log.
        notices: of one recall.
    """
    out = gate.home / RECEIPTS
    out.mkdir()
    official = gate.credentials.signers[OFFICE]
    signer = CmsSigner(KeyInMemory(official.key, [official.certificate]))
    for notice in notices:
        now = gate.clock.now()
        receipt = Receipt(
            notice.digest,
            notice.recall.act_number,
            notice.recall.package,
            notice.office,
            notice.recipient_key_sha256,
            Disposal.DESTROYED,
            False,
            now,
        )
        file = out / f"{notice.recipient_key_sha256[:16]}.json"
        data = receipt_bytes(receipt)
        write_private(signature_of(file), signer.sign(data, now, receipt_text(receipt)))
        write_private(file, data)
        accept_receipt(gate.settings, file, gate.clock.now())
    return _status(gate, notices[0].recall.act_number)


def _key_of(directory: Path, officer: str) -> OfficerKey:
    """The throw-away key of an officer."""
    with (directory / "officers.csv").open(encoding="utf-8", newline="") as file:
        named = {row["officer"]: directory / row["certificate"] for row in csv.DictReader(file)}
    certificate = named[officer]
    return OfficerKey(str(certificate.with_suffix(".key.pem")), certificate)


def _status(gate: DemoGate, number: int) -> RecallStatus:
    """As ``narrowgate recall status`` counts it, from the log."""
    source = find_source(gate.home)
    book = read_recalls(source, source.checkpoint())
    act = book.acts[number]
    return status_of(book, act, recall_list(source, act).packages, gate.clock.now())
