"""The holder of the index key in this process: the same promises as the processes of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from narrowgate.core.matching.token import IndexKey
from narrowgate.gate.step_08_tokens import ask_batch
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms


@dataclass(frozen=True)
class SimulatedTokens:
    """Implements ``gate.token_ports.TokenMaker``."""

    key: IndexKey

    def key_id(self) -> str:
        return self.key.key_id

    def begin(self) -> None:
        """Nothing: there is no process to start."""

    def ask(self, askings: Iterable[Asking], terms: QuestionTerms) -> Iterator[AskedBatch]:
        for asking in askings:
            yield ask_batch(self.key, terms, asking)
