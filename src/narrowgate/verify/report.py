"""What a verification established, for people as text and for programs field by field."""

from __future__ import annotations

from dataclasses import dataclass

from narrowgate.verify.contents import LogContents


@dataclass(frozen=True, slots=True)
class LogReport:
    """A log whose every byte follows from its leaves and its signed checkpoint.

    Args:
        directory: the log.
        origin: the log's name.
        size: number of leaves.
        root: root hash, hexadecimal.
        key: the verifier key, in text form.
        key_given: whether the caller gave the key; otherwise the log vouches for itself.
        tiles: hash tiles and entry bundles compared, older partial ones among them.
        leaf_bytes: size of all leaves together.
        unfinished: files beyond the checkpoint, which are not part of the log.
        set_aside: files that a gate found beyond the checkpoint and moved to ``aside/``.
        findings: what an inspector must look into, a sentence each.
        unknown_signatures: signatures on the checkpoint by keys not given, which were not verified.
        continues: size of the earlier checkpoint that the log was proved to continue.
    """

    directory: str
    origin: str
    size: int
    root: str
    key: str
    key_given: bool
    tiles: int
    leaf_bytes: int
    unfinished: int
    set_aside: int
    findings: tuple[str, ...]
    unknown_signatures: int
    continues: int | None

    def __str__(self) -> str:
        source = "given" if self.key_given else "found beside the log: compare it with the published one"
        lines = [
            f"Log {self.origin} in {self.directory}",
            f"  {self.size:,} leaves ({self.leaf_bytes:,} bytes) re-hashed, {self.tiles:,} tiles compared",
            f"  root {self.root}",
            f"  signed by {self.key} ({source})",
        ]
        if self.continues is not None:
            lines.append(f"  continues the earlier checkpoint of {self.continues:,} leaves")
        if self.unknown_signatures:
            lines.append(f"  {self.unknown_signatures} further signatures not verified (no key given)")
        lines += [f"  FINDING: {finding}" for finding in self.findings]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class OpeningsReport:
    """Opened parts whose every answer is the decision that the log holds.

    Args:
        parts: opened parts compared.
        answers: answers in them.
    """

    parts: int
    answers: int

    def __str__(self) -> str:
        return f"{self.answers:,} answers in {self.parts:,} opened parts are the decisions that the log holds"


@dataclass(frozen=True, slots=True)
class PackageReport:
    """A package whose leaves add up, and its answers where they are at hand.

    Args:
        package_id: id of the package.
        rows: rows received.
        answered: items answered so far.
        refused: items refused so far.
        decided: whether every item is.
        abandoned: whether the custodian ended it for good, without answers.
        released: whether its answers were put in place.
        expired: whether they were taken away at their expiry, or never left.
        slot: at which they were released, or are to be.
        parts: sealed parts that match the logged digest; none where no answers are at hand.
    """

    package_id: str
    rows: int
    answered: int
    refused: int
    decided: bool
    abandoned: bool
    released: bool
    expired: bool
    slot: str
    parts: int | None

    def __str__(self) -> str:
        state = "abandoned" if self.abandoned else "decided" if self.decided else "not finished"
        if self.decided and not self.abandoned:
            state += f", {'released for' if self.released else 'waiting for'} the slot {self.slot}"
            state += ", expired" if self.expired else ""
        answers = (
            "no answers at hand" if self.parts is None else f"answers in {self.parts} sealed parts verified"
        )
        return (
            f"Package {self.package_id}: {self.rows:,} rows in, {self.answered:,} answered, "
            f"{self.refused:,} refused, {state}; {answers}"
        )


@dataclass(frozen=True, slots=True)
class WorldReport:
    """A log and the answers given under it, which agree.

    Args:
        log: the log.
        packages: in the order in which they were received.
        packages_refused: leaves that refuse a package whole.
        contents: what the leaves hold, counted.
        holds_placed: how many holds were ever placed.
        holds: scopes of those in force at the end.
    """

    log: LogReport
    packages: tuple[PackageReport, ...]
    packages_refused: int
    contents: LogContents
    holds_placed: int
    holds: tuple[str, ...]

    def __str__(self) -> str:
        lines = [str(self.log), str(self.contents), *map(str, self.packages)]
        if self.packages:
            abandoned = sum(package.abandoned for package in self.packages)
            decided = sum(package.decided and not package.abandoned for package in self.packages)
            lines.append(
                f"{len(self.packages)} packages received = {decided} decided + {abandoned} abandoned"
                f" + {len(self.packages) - decided - abandoned} in progress"
            )
        if self.packages_refused:
            lines.append(f"{self.packages_refused} packages refused whole")
        if self.holds_placed:
            in_force = f"in force now: {', '.join(self.holds)}" if self.holds else "none in force now"
            lines.append(f"{self.holds_placed} holds placed; {in_force}")
        return "\n".join(lines)
