"""The locks of ``requirements/``, and empty wheels that say of themselves what the locked ones say."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parents[2]
LOCKS = {path.stem: path for path in (PROJECT / "requirements").glob("*.txt")}


@dataclass(frozen=True)
class Pin:
    """One package of a lock.

    Args:
        requirement: name, extras, version and marker.
        hashes: of its wheels and its sdist, as ``algorithm:hex``.
    """

    requirement: Requirement
    hashes: frozenset[str]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        (specifier,) = self.requirement.specifier
        return specifier.version

    def applies(self) -> bool:
        """Whether this interpreter on this machine gets it."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def pins(lock: Path) -> list[Pin]:
    """Every package of a lock, for whatever machine."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = line.split("--hash=")
            found.append(Pin(Requirement(requirement), frozenset(text.strip() for text in hashes)))
    return found


def declared(
    *, groups: Iterable[str] = (), extras: Iterable[str] = (), run: bool = True
) -> list[Requirement]:
    """What ``pyproject.toml`` names: the dependencies at run time, and those of groups and extras."""
    document = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    texts: list[str] = list(document["project"]["dependencies"]) if run else []
    for group in groups:
        texts += document["dependency-groups"][group]
    for extra in extras:
        texts += document["project"]["optional-dependencies"][extra]
    return [Requirement(text) for text in texts]


def closure(requirements: Iterable[Requirement]) -> dict[str, Distribution]:
    """What pip would install for these, by name, as this environment has it; their own requirements included."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(requirements)
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        found[key[0]] = distribution(requirement.name)
        waiting += _required_by(found[key[0]], requirement.extras)
    return found


def _required_by(installed: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in installed.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(
            requirement.marker.evaluate({"extra": e}) for e in ("", *extras)
        ):
            yield requirement


def empty_wheel(folder: Path, like: Distribution, version: str) -> Path:
    """A wheel without code that has the name, requirements and extras of an installed package."""
    name = like.metadata["Name"]
    stem = f"{canonicalize_name(name).replace('-', '_')}-{version}"
    headers = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    for header in ("Requires-Dist", "Provides-Extra"):
        headers += [f"{header}: {value}" for value in like.metadata.get_all(header) or []]
    path = folder / f"{stem}-py3-none-any.whl"
    with ZipFile(path, "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(headers) + "\n")
        wheel.writestr(
            f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def sha256_of(path: Path) -> str:
    """As a lock writes it."""
    return "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()
