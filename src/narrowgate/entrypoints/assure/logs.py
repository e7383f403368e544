"""Checks of the log: every damage is found without the custodian, and no second history gets past a witness."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.files.witness_directory import LAST, WitnessDirectory
from narrowgate.core.base.errors import LogInconsistentError, NarrowgateError
from narrowgate.core.log.file_names import CHECKPOINT, KEY_FILE
from narrowgate.core.log.note import NoteSigner, VerifierKey
from narrowgate.entrypoints.assure.check import FULL, Figure, Size, Tried, every
from narrowgate.entrypoints.assure.stage import Stage
from narrowgate.verify.cosignatures import request_of
from narrowgate.verify.log_directory import LogWalk, all_leaves
from narrowgate.verify.world import verify_bare_log, verify_world

Verify = Callable[[], object]
_ORIGIN = "narrowgate.sandbox/assure-witnessed"


def tamper(stage: Stage, size: Size, planted: bool) -> Tried:
    """A changed byte, a cut, a lost or an exchanged file of a log, and of answers, is found by the offline verifier.

    So is a log whose leaves were changed, turned, doubled or left out, and every tile computed anew over them.

    A night tries every byte of a small log and of its answers, and a sample of one with full tiles.
    """
    if size.cases < FULL.cases:
        return _tampered(stage, min(size.items, 60), 2 * size.cases, planted)
    whole = _tampered(stage, 20, 10**9, planted)
    tiles = _tampered(stage, min(size.items, 600), 2 * size.cases, planted)
    figures: dict[str, Figure] = {f"every byte, {name}": value for name, value in whole.figures.items()}
    figures |= {f"full tiles, {name}": value for name, value in tiles.figures.items()}
    return Tried(whole.tried + tiles.tried, sorted({*whole.broken, *tiles.broken}), figures)


def _tampered(stage: Stage, items: int, most: int, planted: bool) -> Tried:
    """At most ``most`` bytes of the log of so many items are changed, and a quarter as many of its answers."""
    gate = stage.gate("tamper", stage.agreement())
    gate.ask("tampered", list(stage.items[:items]))
    world = stage.home / "tampered"
    shutil.rmtree(world, ignore_errors=True)
    world.mkdir()
    shutil.copytree(gate.settings.log, world / "log")
    shutil.copytree(gate.settings.answers, world / "answers")
    key = (world / "log" / KEY_FILE).read_text(encoding="ascii").strip()
    of_log: Verify = partial(verify_bare_log, world / "log", key)
    of_world: Verify = partial(verify_world, world, key)
    of_log()  # undamaged, both hold
    of_world()
    broken: list[str] = []
    tried, figures = 0, dict[str, Figure](items=items)
    for what in _rewritten(world / "log", key, max(1, min(most, 200) // 20)):
        tried += 1
        if not _found(of_log, world / "log" / CHECKPOINT if planted else None):
            broken.append(f"Not found: {what}, every tile computed anew")
    figures["histories rewritten"] = tried
    for part, verify, share in (
        ("log", of_log, most),
        ("answers", of_world, max(1, most // 4)),
    ):
        for number, (what, path) in enumerate(damages(world / part, share)):
            tried += 1
            if not _found(verify, path if planted else None):
                broken.append(f"Not found: {what} of {path.relative_to(world).as_posix()}")
            figures[f"{part}: damages"] = number + 1
        figures[f"{part}: bytes"] = sum(
            path.stat().st_size for path in (world / part).rglob("*") if path.is_file()
        )
    return Tried(tried, sorted(set(broken)), figures)


def _found(verify: Verify, forgiven: Path | None) -> bool:
    try:
        verify()
    except LogInconsistentError:
        # The planted verifier forgives whatever is wrong with a checkpoint.
        return forgiven is None or forgiven.name != CHECKPOINT
    except NarrowgateError:
        return True
    return False


def damages(folder: Path, most: int) -> Iterator[tuple[str, Path]]:
    """Damages the folder in one way after the other, and mends it again; yields while it is damaged.

    Args:
        folder: a log, or answers; after the last damage it is what it was.
        most: the most bytes that are changed, evenly over the folder; every file is damaged as a whole, too.

    Yields:
        What was done to which file. An older partial file is left in its place, because a fuller one holds its bytes.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    places = [(path, position) for path in files for position in range(path.stat().st_size)]
    for path, position in places[:: every(places, most)]:
        yield from _as(path, _flipped(path.read_bytes(), position), f"byte {position}")
    for path in files:
        data = path.read_bytes()
        yield from _as(path, data[:-1], "the end")
        yield from _as(path, data + b"\n", "one byte more")
        half = len(data) // 2
        yield from _as(path, data[:half], "the second half")
        yield from _as(path, data[half:] + data[:half], "the order of the halves")
        yield from _as(path, b"", "all bytes")
        if path.name != KEY_FILE:
            path.unlink()
            if not _is_older_copy(path, files):
                yield "the loss", path
            path.write_bytes(data)
    for one, other in pairwise(files):
        first, second = one.read_bytes(), other.read_bytes()
        if first != second:
            other.write_bytes(first)
            yield from _as(one, second, "an exchange")
            other.write_bytes(second)


def _rewritten(log: Path, key: str, most: int) -> Iterator[str]:
    """Puts other histories under the checkpoint, and the true one back; yields while there is another one."""
    pieces = list(LogWalk(log, key).pieces(all_leaves))
    leaves = [leaf for piece in pieces for leaf in piece.result or ()]
    true, other = log / "tile", log.with_name("other-log")
    kept = log.with_name("true-tile")
    shutil.copytree(true, kept)
    for at in range(0, len(leaves) - 1, every(leaves, most)):
        before, (one, two), after = leaves[:at], leaves[at : at + 2], leaves[at + 2 :]
        for what, history in (
            ("two leaves exchanged", [*before, two, one, *after]),
            ("a leaf changed", [*before, one[:-2] + b" " + one[-2:], two, *after]),
            ("a leaf twice", [*before, one, one, two, *after]),
            ("a leaf left out", [*before, two, *after]),
            ("the log cut off", [*before, one]),
        ):
            shutil.rmtree(other, ignore_errors=True)
            signer = NoteSigner.ed25519(_ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
            with TileLog.create(other, signer) as rewritten:
                rewritten.append(history)
                rewritten.integrate()
            shutil.rmtree(true)
            (other / "tile").rename(true)
            yield what
    shutil.rmtree(true)
    kept.rename(true)
    shutil.rmtree(other)


def _as(path: Path, data: bytes, what: str) -> Iterator[tuple[str, Path]]:
    before = path.read_bytes()
    if data != before:
        path.write_bytes(data)
        yield what, path
        path.write_bytes(before)


def _flipped(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1 << position % 8]) + data[position + 1 :]


def _is_older_copy(path: Path, files: list[Path]) -> bool:
    """Whether a fuller partial file, or the full one, holds every byte of this one: nothing is lost with it."""
    return path.parent.suffix == ".p" and any(
        other == path.parent.with_suffix("")
        or (other.parent == path.parent and int(other.name) > int(path.name))
        for other in files
    )


def forks(stage: Stage, size: Size, planted: bool) -> Tried:
    """A custodian who holds the log's key cannot have two histories of it cosigned, or an older one again."""
    chance = Random(stage.seed + 2)  # noqa: S311 - where the histories part, nothing secret
    broken: list[str] = []
    rounds = max(3, size.cases // 4)
    for number in range(rounds):
        home = stage.home / "witnessed"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        parts_at = chance.randint(1, 600)
        longer = parts_at + chance.randint(1, 400)
        seen, forked, older = (home / name for name in ("seen", "forked", "older"))
        key = _log(seen, parts_at, longer, "true")
        _log(forked, parts_at - 1, longer + chance.randint(0, 300), "false")
        _log(older, max(1, parts_at // 2), max(1, parts_at // 2), "true")
        witness = WitnessDirectory.create(
            home / "witness", "assure.example/witness", SeededEntropy(bytes([number % 256]))
        )
        witness.watch(key)
        witness.cosign(str(request_of(seen, str(key), 0)), stage.now, "seen")
        last = witness.last_checkpoint()
        if planted:
            (home / "witness" / LAST).unlink()
        for what, log in (("a fork", forked), ("a rollback", older)):
            broken += [
                f"{what} was cosigned."
                for old in (last.size if last else 0, 0)
                if _is_cosigned(witness, log, str(key), old, stage)
            ]
    return Tried(2 * rounds, sorted(set(broken)), {"histories": 3 * rounds})


def _is_cosigned(witness: WitnessDirectory, log: Path, key: str, old: int, stage: Stage) -> bool:
    try:
        witness.cosign(str(request_of(log, key, old)), stage.now, log.name)
    except NarrowgateError:
        return False
    return True


def _log(directory: Path, common: int, size: int, beyond: str) -> VerifierKey:
    """A log of the one key: the same leaves up to ``common``, and others behind them."""
    signer = NoteSigner.ed25519(_ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    with TileLog.create(directory, signer) as log:
        log.append([b"leaf %d" % number for number in range(common)])
        log.append([f"{beyond} {number}".encode() for number in range(common, size)])
        log.integrate()
    return signer.key
