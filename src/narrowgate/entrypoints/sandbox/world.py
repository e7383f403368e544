"""One world from records and a case file: index, package, gate, answers and verification, all of them real."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from narrowgate.adapters.engines.duckdb.build import build_index
from narrowgate.adapters.files.case_file import read_case_file
from narrowgate.adapters.files.package_files import PackageDirectory
from narrowgate.adapters.keys import load_secret_key
from narrowgate.adapters.private_keys.memory_key import KeyInMemory
from narrowgate.adapters.readers.street_list import read_street_list
from narrowgate.adapters.signing.certificates import load_certificates, load_person_key, public_key_sha256
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.adapters.token_process import TokenProcesses
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.agreement.parse import parse_agreement
from narrowgate.core.agreement.render import render_agreement
from narrowgate.core.answers.file_names import REFUSALS
from narrowgate.core.answers.outcome import Outcome
from narrowgate.core.answers.receipt import parse_refusal_line
from narrowgate.core.base.errors import REPORT_IT, NothingToProcessError, OperationalError
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.core.matching.token import IndexKey
from narrowgate.core.request.item import Item
from narrowgate.core.request.manifest import Manifest
from narrowgate.core.request.office import Office
from narrowgate.entrypoints.bootstrap import SANDBOX_ORIGIN, opened_work, token_processes
from narrowgate.entrypoints.cli.progress import Report
from narrowgate.entrypoints.documents import read_agreement, read_log_key, read_mapping
from narrowgate.entrypoints.requester import (
    AnswersDirectory,
    SigningRequest,
    new_package,
    require_signable,
    sign_package,
)
from narrowgate.entrypoints.sandbox.agreement import default_agreement, with_throw_away_keys
from narrowgate.entrypoints.sandbox.credentials import Credentials, create_offices, register_officers
from narrowgate.entrypoints.sandbox.custody import Custody, prepare_gate
from narrowgate.entrypoints.sandbox.measure import GateMeasures, Measures
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.gate.ports import Clock, Entropy
from narrowgate.gate.run import run_package
from narrowgate.index.build import BuildSettings
from narrowgate.verify.report import WorldReport
from narrowgate.verify.world import verify_world

ORIGIN = f"{SANDBOX_ORIGIN}log"
OFFICE = Office.SECRETARY_OF_HOMELAND_SECURITY


@dataclass(frozen=True, slots=True)
class Sources:
    """The user's files, or the demo's.

    Args:
        records: tax records.
        mapping: TOML from roles to columns.
        cases: case file.
        agreement: the user's agreement, or None for the sandbox's own.
        streets: street reference, or None.
        truth: item to what is true of it (``must_confirm``, ``must_not_confirm``, ``refused``), where known.
    """

    records: Path
    mapping: Path
    cases: Path
    agreement: Path | None = None
    streets: Path | None = None
    truth: Mapping[str, str] | None = None


@dataclass(slots=True)
class Summary:
    """What ``summary.json`` says; every figure is counted or measured, none is estimated."""

    items: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    measures: Measures = field(default_factory=Measures)
    index: dict[str, Any] = field(default_factory=dict)
    log_size: int = 0
    log_root: str = ""
    wrong_confirmations: int | None = None
    missed_confirmations: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The summary as one JSON object; what is unknown is left out."""
        known: dict[str, Any] = {
            "items": self.items,
            "outcomes": {outcome.value: self.outcomes[outcome.value] for outcome in Outcome},
            "findings": dict(sorted(self.findings.items())),
            "index": self.index,
            "log_size": self.log_size,
            "log_root": self.log_root,
            "seconds": self.measures.seconds,
            "peak_memory_mb": self.measures.peak_memory_mb,
        }
        if self.wrong_confirmations is not None:
            known["wrong_confirmations"] = self.wrong_confirmations
            known["missed_confirmations"] = self.missed_confirmations
        return known


def build_world(
    home: Path, sources: Sources, clock: Clock, entropy: Entropy, workers: int, report: Report
) -> Summary:
    """A complete world in ``home``: everything of one package, and ``answers.csv`` and ``summary.json`` about it.

    Args:
        home: an empty directory.
        sources: what to run.
        clock: asked once for the whole world.
        entropy: randomness of the throw-away keys.
        workers: processes.
        report: shows progress.

    Raises:
        NarrowgateError: whatever any part refuses; the caller removes the directory.
    """
    summary = Summary()
    measure = summary.measures.step
    now = clock.now()
    with measure("read cases"):
        items = [item for _, item in read_case_file(sources.cases)]
    summary.items = len(items)
    with measure("keys"):
        credentials = create_offices(home, now, entropy)
        agreement = _write_agreement(home, sources, credentials, now)
        settings = prepare_gate(home, ORIGIN, workers, entropy)
        if sources.mapping.parent != home:
            shutil.copyfile(sources.mapping, home / "mapping.toml")
    with token_processes(settings) as tokens, ThreadPoolExecutor(1) as beside:
        # The build waits for its processes; beside it, all that needs no index is made.
        tokens.begin()
        custody = Custody(settings, credentials.custody[:2], credentials.signatory)
        prepared = beside.submit(_prepare, home, items, agreement, credentials, custody, now, entropy)
        with measure("index"):
            custodian = FileSigner(credentials.custodian.key, credentials.custodian.certificate)
            summary.index = build_world_index(settings, sources, agreement, custodian, now, report)
        with measure("acts"):
            manifest = prepared.result()
            custody.put_index(now)
        _run_gate(settings, tokens, home / "package", clock, summary, report)
    with measure("open answers"):
        answers = collect_answers(home, settings, manifest.package_id, items, now)
        _write_answers(home / "answers.csv", answers)
    with measure("verify"):
        verified = verify_world(home)
    _count(summary, answers, verified, sources.truth)
    (home / "summary.json").write_bytes(orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    return summary


def _prepare(
    home: Path,
    items: list[Item],
    agreement: Agreement,
    credentials: Credentials,
    custody: Custody,
    now: datetime,
    entropy: Entropy,
) -> Manifest:
    """Officers, every act but that of the index, and the signed package."""
    officers = {officer for item in items for officer in item.officers.split()}
    register_officers(home, officers, credentials.root, now, entropy)
    facilities = home / "facilities.csv" if agreement.addresses.facility_list else None
    custody.found_without_index(home / "agreement.toml", home / "officers" / "officers.csv", facilities, now)
    package = home / "package"
    manifest = new_package(items, package, agreement, OFFICE, now, entropy)
    signer = credentials.signers[OFFICE]
    request = SigningRequest(KeyInMemory(signer.key, [signer.certificate]))
    sign_package(require_signable(package, request, now), now)
    return manifest


@dataclass(frozen=True, slots=True)
class Answer:
    """One item's line of ``answers.csv``."""

    item: str
    outcome: Outcome
    findings: tuple[str, ...]


def collect_answers(
    home: Path, settings: GateSettings, package_id: str, items: list[Item], now: datetime
) -> list[Answer]:
    """One answer for every item, in item order: opened by its officers, or from the refusals when it names none.

    An officer on the register whom no item names has nothing to open.

    Raises:
        OperationalError: an item has no answer, or two officers got different ones.
    """
    directory = AnswersDirectory.verified(
        settings.answers / package_id, read_log_key(settings.log / KEY_FILE)
    )
    recipients = {part.recipient_key_sha256 for part in directory.manifest.parts}
    found: dict[int, tuple[Outcome, tuple[str, ...]]] = {}
    for line in (directory.path / REFUSALS).read_bytes().splitlines():
        refusal = parse_refusal_line(line, REFUSALS)
        found[refusal.ordinal] = (Outcome.REFUSED, refusal.findings)
    officers = home / "officers"
    with (officers / "officers.csv").open(encoding="utf-8", newline="") as file:
        register = [row["certificate"] for row in csv.DictReader(file)]
    for name in register:
        pem = officers / name
        key, certificate = load_person_key(pem.with_suffix(".key.pem")), load_certificates(pem)[0]
        if public_key_sha256(certificate) not in recipients:
            continue
        for record in directory.open_part(key, certificate, now).records:
            answer = (record.outcome, record.findings)
            if found.setdefault(record.ordinal, answer) != answer:
                raise OperationalError(
                    "Two officers got different answers to one item.",
                    next_step=REPORT_IT,
                )
    if found.keys() != set(range(len(items))):
        raise OperationalError(
            "An item has no answer.",
            where=str(home),
            next_step=REPORT_IT,
        )
    return [Answer(item.item, *found[ordinal]) for ordinal, item in enumerate(items)]


def _write_agreement(home: Path, sources: Sources, credentials: Credentials, now: datetime) -> Agreement:
    today = now.date()
    if sources.agreement is None:
        agreement = default_agreement(credentials, today)
    else:
        agreement = with_throw_away_keys(read_agreement(sources.agreement), credentials, today)
        if agreement.addresses.facility_list is not None:
            shutil.copyfile(
                sources.agreement.parent / agreement.addresses.facility_list.file, home / "facilities.csv"
            )
    text = render_agreement(agreement).encode()
    (home / "agreement.toml").write_bytes(text)
    return parse_agreement(text, "agreement.toml")


def build_world_index(
    settings: GateSettings,
    sources: Sources,
    agreement: Agreement,
    custodian: FileSigner,
    now: datetime,
    report: Report,
) -> dict[str, Any]:
    """The counts of a new index of the sources' records, where the settings want it, signed by the custodian.

    Raises:
        NarrowgateError: mapping or records cannot be used.
    """
    with _records_said_without_their_file():
        return _built_index(settings, sources, agreement, custodian, now, report)


@contextmanager
def _records_said_without_their_file() -> Iterator[None]:
    """A world that cannot be made leaves no file behind, so no message names one."""
    try:
        yield
    except NothingToProcessError as error:
        raise NothingToProcessError(
            error.what,
            why=error.why,
            next_step="Correct mapping or records; 'narrowgate index build' keeps each row set aside and its reasons.",
            where=error.where,
        ) from error


def _built_index(
    settings: GateSettings,
    sources: Sources,
    agreement: Agreement,
    custodian: FileSigner,
    now: datetime,
    report: Report,
) -> dict[str, Any]:
    limit = agreement.limits.filers_per_address
    built = build_index(
        sources.records,
        read_mapping(sources.mapping),
        settings.index,
        IndexKey(load_secret_key(settings.index_key)),
        BuildSettings(
            shared_address_limit=limit if limit is not None else 2**31,
            data_as_of=now.date().isoformat(),
            created=now,
            quarantine=settings.index.parent / "quarantine.csv",
            workers=settings.workers,
            streets=read_street_list(sources.streets) if sources.streets else None,
            progress=lambda stage, done, total: report(f"index: {stage}", done, total),
        ),
        sign=lambda manifest: custodian.sign(manifest, now),
    )
    return built.counts


def _run_gate(
    settings: GateSettings,
    tokens: TokenProcesses,
    package: Path,
    clock: Clock,
    summary: Summary,
    report: Report,
) -> None:
    progress = GateMeasures(summary.measures, report, summary.items)
    with opened_work(settings, clock, kept=tokens) as (gate, _):
        run_package(gate, PackageDirectory(package), progress)
        progress.end()


def _write_answers(path: Path, answers: list[Answer]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item", "outcome", "findings"])
        writer.writerows((answer.item, answer.outcome, " ".join(answer.findings)) for answer in answers)


def _count(
    summary: Summary, answers: list[Answer], verified: WorldReport, truth: Mapping[str, str] | None
) -> None:
    summary.outcomes.update(answer.outcome.value for answer in answers)
    for answer in answers:
        summary.findings.update(answer.findings)
    summary.log_size = verified.log.size
    summary.log_root = verified.log.root
    if truth is not None:
        confirmed = {answer.item for answer in answers if answer.outcome is Outcome.CONFIRMED}
        summary.wrong_confirmations = sum(truth[item] != "must_confirm" for item in confirmed)
        summary.missed_confirmations = sum(
            truth[answer.item] == "must_confirm" for answer in answers if answer.item not in confirmed
        )
