"""What a reader of answers demands of witnesses: keys and a number known beforehand, never taken from the proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from narrowgate.core.base.errors import ConfigurationError, ProofError
from narrowgate.core.base.times import format_time
from narrowgate.core.log.note import COSIGNATURE_V1, VerifierKey, parse_note
from narrowgate.core.log.witness import Cosigner, cosigners_of


@dataclass(frozen=True, slots=True)
class WitnessQuorum:
    """Whose cosignatures count, and how many of them it takes.

    Args:
        witnesses: verifier keys, from another source than what is verified; may be none.
        quorum: from 1 to their number; 0 where there are none.

    Raises:
        ConfigurationError: a key is a log's, two are one witness's, or no quorum of them could be met.
    """

    witnesses: tuple[VerifierKey, ...]
    quorum: int

    def __post_init__(self) -> None:
        if any(each.kind != COSIGNATURE_V1 for each in self.witnesses):
            raise ConfigurationError(
                "A key named as a witness's is a log's.",
                next_step="Name the file witness.vkey that the witness published.",
            )
        if len({each.public_key for each in self.witnesses}) < len(self.witnesses):
            raise ConfigurationError(
                "One witness is named twice.",
                why="It would count as two, and a quorum would be met that is none.",
                next_step="Name each witness once.",
            )
        if not min(1, len(self.witnesses)) <= self.quorum <= len(self.witnesses):
            raise ConfigurationError(
                f"A quorum of {self.quorum} of {len(self.witnesses)} witnesses cannot be.",
                next_step="Name a quorum from 1 to the number of the witnesses.",
            )

    def require(self, checkpoint: str, where: str = "") -> tuple[Cosigner, ...]:
        """The witnesses who cosigned the checkpoint: a quorum, each counted once.

        Args:
            checkpoint: signed note.
            where: what to call it in messages.

        Raises:
            ProofError: too few cosigned it, or a line that claims to be a witness's does not verify.
        """
        cosigners = cosigners_of(checkpoint, self.witnesses, where)
        if len(cosigners) < self.quorum:
            raise ProofError(
                f"The proof carries {len(cosigners)} of the {self.quorum} cosignatures that it needs.",
                why="Without them the log that it leads to may have been shown to you alone, beside the one that "
                "everybody else sees.",
                next_step="Do not rely on it. Ask the custodian for the answers with the cosigned proof; if there is "
                "none, tell the inspector and the witnesses, and keep the files.",
                where=where,
                rule="R-30",
            )
        return cosigners


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What is known of the witnesses of one checkpoint.

    Args:
        demanded: who must have cosigned; ``None`` where the reader knows no witness, and nothing was compared.
        cosigners: who did, a quorum of them.
        unread: how many signature lines of the checkpoint were compared with nothing.
    """

    demanded: WitnessQuorum | None
    cosigners: tuple[Cosigner, ...]
    unread: int

    @classmethod
    def of(cls, checkpoint: str, demanded: WitnessQuorum | None, where: str = "") -> Witnessed:
        """What witnesses say of a checkpoint that the log signed.

        Raises:
            ProofError: a quorum is demanded and not met.
        """
        cosigners = () if demanded is None else demanded.require(checkpoint, where)
        known = set() if demanded is None else {(each.name, each.key_id) for each in demanded.witnesses}
        origin = parse_note(checkpoint).text.split("\n", 1)[0]
        unread = [
            line
            for line in parse_note(checkpoint).signatures
            if line.name != origin and (line.name, line.key_id) not in known
        ]
        return cls(demanded, cosigners, len(unread))

    def sentence(self) -> str:
        """What was compared with what, in words."""
        if self.demanded is None:
            return (
                "Witnesses were not compared: no key of one was given (--charter or --witness). The checkpoint carries "
                f"{self.unread} line(s) of others than the log, which prove nothing so far."
            )
        if not self.demanded.witnesses:
            return "The charter given names no witness, so that none was looked for."
        seen = ", ".join(
            f"{each.name} ({format_time(datetime.fromtimestamp(each.time, UTC))})" for each in self.cosigners
        )
        return (
            f"{len(self.cosigners)} of the {len(self.demanded.witnesses)} witnesses given cosigned the checkpoint "
            f"(quorum {self.demanded.quorum}): {seen}."
        )
