"""No word of a person is left anywhere: canaries looked for in every file of a gate that was killed."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from hashlib import md5, sha1, sha256
from random import Random

from narrowgate.entrypoints.assure.check import Size, Tried, every
from narrowgate.entrypoints.assure.copies import Copies
from narrowgate.entrypoints.assure.killing import SAID, STEPS, UNMET, Dying, run_and_kill
from narrowgate.entrypoints.assure.stage import Stage, TriedGate

_MOST_KILLED = 1_000
"""Items of the gate that is killed in the search for canaries."""

_SHORTEST = 8
"""Bytes of a canary; what is shorter is in any file."""


def canaries(stage: Stage, size: Size, planted: bool) -> Tried:
    """No name, number, address or reason is in a file of a gate, in what it says or in its temporary files.

    The words are those of the case file and of the records of everybody in it; they are looked for at every moment at
    which a gate was killed, and at the end.
    """
    chance = Random(stage.seed)  # noqa: S311 - where to kill, nothing secret
    wanted = canary_words(stage)
    words = Words(wanted)
    broken: list[str] = []
    files = 0
    gate = stage.gate("canaries", stage.agreement())
    package_id = gate.package("kept", list(stage.items[: min(size.items, _MOST_KILLED)]))
    (gate.home / SAID).touch()
    died = 0
    with Copies() as copies:
        for number in range(size.rounds):
            told = gate.home / "debug.txt" if planted else None
            dying = Dying(
                chance.choice(STEPS), chance.uniform(0, 0.05), told, stage.confirmed[0].address_line_1
            )
            died += run_and_kill(copies, gate, "kept", dying)
            files += search(gate, words, broken, f"after kill {number + 1}")
    gate.run("kept")
    gate.answers(package_id)
    files += search(gate, words, broken, "at the end")
    if not _finds(wanted, words):
        broken.append("The positive control failed: a word put into a file on purpose was not found.")
    if size.rounds > 1 and not died:
        broken.append(UNMET)
    figures = {
        "words and forms of words": len(wanted),
        "files searched": files,
        "kills": size.rounds,
        "of which met a gate at work": died,
        "bytes on stdout and stderr": (gate.home / SAID).stat().st_size,
    }
    return Tried(files, sorted(set(broken)), figures)


def canary_words(stage: Stage) -> Mapping[bytes, str]:
    """What would give a person away, in the forms in which a program would write it, and what it is."""
    found: dict[bytes, str] = {}
    for what, text in set(_told_of_people(stage)):
        plain = text.replace("-", "")
        for form in {text, text.upper(), text.lower(), plain} - {""}:
            found.setdefault(form.encode(), what)
        for form in {text, plain} - {""}:
            found.update((data, what) for data in _encoded(form))
            if what.endswith("number"):
                found.update((data, f"an unkeyed digest of {what}") for data in _digests(form))
    return {data: what for data, what in found.items() if len(data) >= _SHORTEST}


def _told_of_people(stage: Stage) -> Iterator[tuple[str, str]]:
    """What is told of a person, and what it is, of the items and of the records of the people in them."""
    homes = {item.item for item in stage.confirmed}  # other texts may be words of an agreement
    for item in stage.items:
        yield "a taxpayer number", item.tin
        yield "an alien number", item.alien_number
        yield "an address", item.address_line_1 if item.item in homes else ""
        yield "a reason", item.reason if len(item.reason) > 20 else ""
        yield "a name", f"{item.given_names} {item.surnames}"
        yield "a name", f"{item.surnames}, {item.given_names}"
    numbers = {item.tin.replace("-", "") for item in stage.items if item.tin}
    for row in stage.records():
        if row["TIN"].replace("-", "") in numbers:
            yield "an address in the tax file", row["STREET"] if row["STREET"][:1].isdigit() else ""
            yield "a name in the tax file", f"{row['FIRST_NAMES']} {row['LAST_NAMES']}"


def _encoded(text: str) -> Iterator[bytes]:
    """The text as a program writes it that does not write text."""
    data = text.encode()
    yield data.hex().encode()
    yield text.encode("utf-16-le")
    for before in range(3):
        # Whatever stands before it, these letters are of the text alone.
        whole = data[(3 - before) % 3 :]
        if len(whole) >= _SHORTEST:
            yield base64.b64encode(whole[: len(whole) // 3 * 3])


def _digests(number: str) -> Iterator[bytes]:
    """What leads back to a number, because all numbers can be tried."""
    data = number.encode()
    for digest in (sha256(data), sha1(data, usedforsecurity=False), md5(data, usedforsecurity=False)):
        yield digest.digest()
        yield digest.hexdigest().encode()


def _finds(wanted: Mapping[bytes, str], words: Words) -> bool:
    """Whether words put into other bytes on purpose are found there."""
    chosen = list(wanted)[:: every(list(wanted), 100)]
    return all(wanted[word] in words.in_data(b"{\x00" + word + b"\xff}") for word in chosen)


class Words:
    """Words by how they begin, so that a file is gone through once, however many there are."""

    def __init__(self, words: Mapping[bytes, str]) -> None:
        self._found: dict[bytes, list[tuple[bytes, str]]] = {}
        for word, what in words.items():
            self._found.setdefault(word[:_SHORTEST], []).append((word, what))

        self._known: dict[bytes, tuple[str, ...]] = {}

    def in_data(self, data: bytes) -> tuple[str, ...]:
        """What stands in the data; the same data are gone through once."""
        key = sha256(data).digest()
        if key not in self._known:
            self._known[key] = tuple(self._looked_up(data))
        return self._known[key]

    def _looked_up(self, data: bytes) -> Iterator[str]:
        for position in range(len(data) - _SHORTEST + 1):
            for word, what in self._found.get(data[position : position + _SHORTEST], ()):
                if data.startswith(word, position):
                    yield what


def search(gate: TriedGate, words: Words, broken: list[str], when: str) -> int:
    """Looks for every word in every file of the gate but the requester's own package."""
    searched = 0
    for path in sorted(gate.home.rglob("*")):
        if not path.is_file() or path.relative_to(gate.home).parts[0].startswith("package-"):
            continue
        searched += 1
        place = path.relative_to(gate.home).parts[0]
        broken += [f"{when}: {what} in {place}" for what in words.in_data(path.read_bytes())]
    return searched
