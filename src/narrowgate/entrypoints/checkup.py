"""A gate looked over without a package: everything is opened and tried, and each fault says what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from narrowgate.adapters.clock import FixedClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.adapters.signing.certificates import load_certificates, load_root
from narrowgate.core.agreement.model import Agreement
from narrowgate.core.base.errors import InUseError, NarrowgateError
from narrowgate.core.base.times import format_time
from narrowgate.core.matching.token import ROW_KEY_SIZE
from narrowgate.entrypoints.acts import NothingRemembered, acts_on_disk
from narrowgate.entrypoints.bootstrap import (
    gate_keys,
    open_index,
    opened_gate,
    token_processes,
)
from narrowgate.entrypoints.checkup_acts import in_force_findings
from narrowgate.entrypoints.cosignature_checkup import cosignature_findings
from narrowgate.entrypoints.finding import SOON, Finding, Verdict
from narrowgate.entrypoints.governed import Governed
from narrowgate.entrypoints.retention import retention_findings
from narrowgate.entrypoints.revocation_checkup import check_revocation
from narrowgate.entrypoints.settings import GateSettings
from narrowgate.entrypoints.stamping import timestamp_findings
from narrowgate.gate.continuity import require_no_older_index, require_same_history
from narrowgate.gate.ports import ReleaseStage
from narrowgate.gate.release import is_late
from narrowgate.gate.run import Gate
from narrowgate.gate.step_03_replay import require_common_past

LEAST_FREE_BYTES: Final = 5 << 30
"""The largest package with its copy, seals and leaves takes less."""


def check_gate(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """Tries everything that the next package will need, and says what ends within 30 days; no package is touched.

    Args:
        settings: from ``gate.toml``.
        now: an aware UTC time.
    """
    yield from _governance(settings, now)
    yield from _each("keys", lambda: _keys(settings))
    index = list(_each("index", lambda: _index(settings, now)))
    yield from index
    opens = any(found.subject == "index" and found.state is Verdict.OK for found in index)
    yield from _each("log, state, vault and answers", lambda: _books(settings, now, index_opens=opens))
    yield from _each("retention", lambda: retention_findings(settings, now))
    yield from _disks(settings)


def watch_gate(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """The part of a check-up that needs no key and keeps no gate from its work: acts, lists, agreement, disks.

    Args:
        settings: from ``gate.toml``.
        now: an aware UTC time.
    """
    yield from _governance(settings, now)
    yield from _disks(settings)


def _governance(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    governed = None
    for found in _tried("charter and acts", lambda: _governed(settings)):
        if isinstance(found, Finding):
            yield found
        else:
            governed = found
    if governed is not None:
        yield from _each("in force", lambda: in_force_findings(governed, settings, now))
        yield from _each("revocation", lambda: check_revocation(settings.revocation, now))
        yield from _each("cosignatures", lambda: cosignature_findings(governed, settings, now))
        yield from _each("agreement", lambda: _under(governed, settings, now))
    yield from _each("time stamp", lambda: timestamp_findings(settings, now))


Tried = Callable[[], Iterator[Finding]]


def _each(subject: str, check: Tried) -> Iterator[Finding]:
    """Everything that ``check`` finds; an error of ours becomes a finding with its next step."""
    try:
        yield from check()
    except InUseError as error:
        yield Finding(subject, Verdict.BUSY, error.what, error.next_step)
    except NarrowgateError as error:
        place = f" ({error.where})" if error.where else ""
        remark = " ".join(part for part in (f"{error.what}{place}", error.why) if part)
        yield Finding(
            subject, Verdict.FAILED, remark, error.next_step or "Correct it, and run the doctor again."
        )


def _tried(subject: str, make: Callable[[], Governed]) -> Iterator[Finding | Governed]:
    made: list[Governed] = []

    def check() -> Iterator[Finding]:
        made.append(make())
        yield from ()

    yield from _each(subject, check)
    yield from made


def _governed(settings: GateSettings) -> Governed:
    """What the log on disk says is in force, every act's file and signatures compared with its leaf."""
    governed = Governed(settings, acts_on_disk(settings), NothingRemembered())
    governed.verified()
    return governed


def _under(governed: Governed, settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """The agreement in force, and the register and list that it goes with."""
    agreement = governed.agreement(now)
    yield from _terms(agreement, now.date())
    yield from _each("trust root and officers", lambda: _officers(governed, settings, now))
    yield from _each("facility list", lambda: _facilities(governed, agreement, now))


def _terms(agreement: Agreement, today: date) -> Iterator[Finding]:
    """What the agreement itself lets in today, and what of it ends soon."""
    yield _period("agreement", f"{agreement.id}", agreement.effective, agreement.expires, today, _AMEND)
    safeguards = agreement.safeguards
    yield _period("safeguards approval", "", safeguards.approved, safeguards.expires, today, _SAFEGUARDS)
    if safeguards.open_finding:
        yield Finding("safeguards approval", Verdict.FAILED, "It has an open finding (R-51).", _SAFEGUARDS)
    if (hold := agreement.hold) is not None:
        offices = ", ".join(office.value for office in hold.offices) or "every office"
        remark = f"The agreement holds {offices} since {hold.since} (R-52)."
        yield Finding("hold", Verdict.WARNING if hold.offices else Verdict.FAILED, remark, _AMEND)
    for grant in agreement.offices:
        subject = f"office {grant.role.value}"
        if not grant.enabled:
            yield Finding(subject, Verdict.WARNING, "It is switched off (R-22).", _AMEND)
            continue
        held = [key for key in grant.keys if key.is_in_force(today)]
        if not held:
            yield Finding(subject, Verdict.FAILED, "No key holds the office today (R-21).", _AMEND)
            continue
        last = max(key.valid_to for key in held)
        verdict = Verdict.WARNING if last - today <= SOON else Verdict.OK
        step = "" if verdict is Verdict.OK else _AMEND
        yield Finding(subject, verdict, f"held by {len(held)} key(s) until {last}", step)


_AMEND: Final = "Amend the agreement; both sides sign it."
_SAFEGUARDS: Final = "It is for the safeguards offices of both sides; no package is decided meanwhile."


def _period(subject: str, name: str, first: date, last: date, today: date, next_step: str) -> Finding:
    span = f"{name}, {first} to {last}".strip(", ")
    if today < first:
        return Finding(subject, Verdict.FAILED, f"{span}: not in force yet", next_step)
    if today > last:
        return Finding(subject, Verdict.FAILED, f"{span}: expired", next_step)
    if last - today <= SOON:
        return Finding(subject, Verdict.WARNING, f"{span}: {(last - today).days} days are left", next_step)
    return Finding(subject, Verdict.OK, span)


def _officers(governed: Governed, settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """The root, every certificate, and a test seal to each officer."""
    yield _certificate("trust root", load_root(settings.trust_root), now)
    register = governed.officers(now)
    officers = sorted(register.registered())
    if not officers:
        remark = "The register is empty: every item would be refused (R-24)."
        yield Finding("officers", Verdict.FAILED, remark, "Register the officers in officers.csv.")
        return
    for officer in officers:
        recipient = register.recipient(officer)
        recipient.seal(b"narrowgate doctor", SystemEntropy())
        found = _certificate(f"officer {officer}", x509.load_der_x509_certificate(recipient.certificate), now)
        if found.state is not Verdict.OK:
            yield found
    yield Finding("officers", Verdict.OK, f"{len(officers):,} registered; a test seal to each was made")


def _certificate(subject: str, certificate: x509.Certificate, now: datetime) -> Finding:
    left = certificate.not_valid_after_utc - now
    remark = f"certificate until {certificate.not_valid_after_utc:%Y-%m-%d}"
    renew = "Have the certificate renewed and registered."
    if left < timedelta(0):
        return Finding(subject, Verdict.FAILED, f"{remark}: expired", renew)
    if left <= SOON:
        return Finding(subject, Verdict.WARNING, f"{remark}: {left.days} days are left", renew)
    return Finding(subject, Verdict.OK, remark)


def _facilities(governed: Governed, agreement: Agreement, now: datetime) -> Iterator[Finding]:
    keys = governed.facilities(agreement, now)
    if agreement.addresses.facility_list is not None:
        yield Finding("facility list", Verdict.OK, f"{len(keys):,} keys, the list that the agreement names")


def _keys(settings: GateSettings) -> Iterator[Finding]:
    with token_processes(settings) as tokens:
        gate_keys(settings, tokens)
    yield Finding("keys", Verdict.OK, "index, history and commitment key can be read, and are three")


def _index(settings: GateSettings, now: datetime) -> Iterator[Finding]:
    """The signature, the key, and one random token that no index holds."""
    with token_processes(settings) as tokens:
        key_id = tokens.key_id()
    governed = Governed(settings, acts_on_disk(settings), NothingRemembered())
    index = open_index(governed.located(now) if settings.indexes else settings, key_id, now)
    snapshot = index.snapshot()
    if index.members(SystemEntropy().draw(ROW_KEY_SIZE), [1])[0]:
        remark = "A random token is in it: it is no set of tokens."
        yield Finding("index", Verdict.FAILED, remark, "Build the index again.")
        return
    if snapshot.data_as_of > f"{now:%Y-%m-%d}":
        remark = f"Its records are dated {snapshot.data_as_of}, in the future."
        yield Finding("index", Verdict.FAILED, remark, "Build it again with the right --as-of.")
        return
    yield Finding("index", Verdict.OK, f"data as of {snapshot.data_as_of}; a token was made and looked up")
    if settings.index_signer is not None:
        yield _certificate("index signer", load_certificates(settings.index_signer)[0], now)


def _books(settings: GateSettings, now: datetime, *, index_opens: bool) -> Iterator[Finding]:
    """Log and state belong together, what is held, what was begun and not finished, and what must go on."""
    with _opened(settings, now) as gate:
        require_common_past(gate.state, gate.log)
        yield Finding("log and state", Verdict.OK, f"{gate.log.size():,} leaves, and both belong together")
        if (begun := gate.state.package_in_progress()) is not None:
            remark = f"{begun.package_id} was begun and is not finished: no other package is decided."
            finish = "Run that package again, or end it with 'narrowgate act propose package-abandoned'."
            yield Finding("package", Verdict.WARNING, remark, finish)
        for release in gate.state.releases(ReleaseStage.WAITING):
            slot = format_time(release.slot)
            if is_late(release, now):
                remark = f"{release.package_id} is late: its slot was {slot}."
                step = "Run 'narrowgate release run', and find out why its timer did not: it takes the next slot."
                yield Finding("release", Verdict.WARNING, remark, step)
            else:
                yield Finding("release", Verdict.OK, f"{release.package_id} waits for its slot {slot}")
        yield from _each("history key and term", lambda: _history(gate))
        if index_opens:
            yield from _each("index in use", lambda: _index_in_use(gate))


def _history(gate: Gate) -> Iterator[Finding]:
    require_same_history(gate.state, gate.open_keys().history, gate.agreement)
    yield Finding("history key and term", Verdict.OK, "the budgets go on where they were")


def _index_in_use(gate: Gate) -> Iterator[Finding]:
    index = gate.open_index(gate.open_keys().tokens.key_id())
    require_no_older_index(gate.state, index.snapshot())
    yield Finding("index in use", Verdict.OK, "no older than the one that was read last")


@contextmanager
def _opened(settings: GateSettings, now: datetime) -> Iterator[Gate]:
    with opened_gate(settings, FixedClock(now)) as gate:
        yield gate


def _disks(settings: GateSettings) -> Iterator[Finding]:
    """Room where packages are copied, logged and answered."""
    for name, directory in (("vault", settings.vault), ("log", settings.log), ("answers", settings.answers)):
        place = _existing(directory)
        if place is None:
            continue
        free = shutil.disk_usage(place).free
        verdict = Verdict.OK if free >= LEAST_FREE_BYTES else Verdict.WARNING
        step = "" if verdict is Verdict.OK else "Free some space before a large package comes."
        yield Finding(f"disk of {name}", verdict, f"{free / (1 << 30):,.1f} GB free", step)
    log, second = _existing(settings.log), _existing(settings.checkpoints)
    if not settings.sandbox and log is not None and second is not None and _device(log) == _device(second):
        remark = "The log and its second place lie on one disk: who can put back one can put back both."
        step = "Name a file on another disk, or on a share that only allows appending, as 'checkpoints'."
        yield Finding("second place", Verdict.WARNING, remark, step)


def _device(place: Path) -> int:
    return place.stat().st_dev


def _existing(directory: Path) -> Path | None:
    return next((place for place in (directory, *directory.parents) if place.exists()), None)
