"""Answers for programs: opened by the officer they are sealed to, if the log holds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from narrowgate.adapters.signing.certificates import load_certificates, load_person_key
from narrowgate.core.answers.answer import AnswerPart
from narrowgate.entrypoints.documents import read_log_key
from narrowgate.entrypoints.opened_part import RecallPlaces
from narrowgate.entrypoints.requester import AnswersDirectory
from narrowgate.entrypoints.witnesses import WitnessFiles
from narrowgate.requester.opened import OpenedAnswers, recalled_refusal


def open_answers(
    directory: Path,
    *,
    key: Path,
    certificate: Path,
    log_key: Path,
    now: datetime,
    recalls: Sequence[Path] = (),
    charter: Path | None = None,
) -> AnswerPart:
    """Returns the answers sealed to one officer, unexpired, and proved to be those in the log.

    The caller has read the terms (``narrowgate.core.answers.answer.TERMS``) and keeps to them: a confirmation is
    verified independently before any action.

    Args:
        directory: the answers to one package, as the gate released them.
        key: PEM of the officer's private key.
        certificate: PEM of the officer's certificate.
        log_key: the log's published key (``log.vkey``).
        now: an aware UTC time.
        recalls: the newest log, bundle or world at hand, or notices of recall. Without one nobody looked.
        charter: of the gate as published; a quorum of its witnesses must have cosigned the proof. Without one no
            cosignature is looked at.

    Raises:
        ProofError: the answers are not in the log, or too few witnesses cosigned it.
        EnvelopeError: no part is sealed to the key, or a part is not the one logged (R-40).
        RefusedError: the answers have expired (R-41), or one of them was recalled (R-43).
        LogInconsistentError: a log of ``recalls`` is older than the answers, or another one.
    """
    published = read_log_key(log_key)
    verified = AnswersDirectory.verified(directory, published, WitnessFiles(charter).demanded(published))
    part = verified.open_part(load_person_key(key), load_certificates(certificate)[0], now)
    known = RecallPlaces(tuple(recalls)).known(published, verified.proved.checkpoint)
    opened = OpenedAnswers(part, verified.manifest, recalls=known)
    if any(opened.recall(record) is not None for record in part.records):
        raise recalled_refusal("Answers of this part are RECALLED, and none of it is handed on.")
    return part
