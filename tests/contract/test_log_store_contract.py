"""What every ``LogStore`` promises, told to a state machine that also crashes it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from narrowgate.adapters.files.checkpoint_file import CheckpointFile
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.log.checkpoint import verify_checkpoint
from narrowgate.core.log.merkle import leaf_hash, root, verify_inclusion
from narrowgate.core.log.multi_proof import peaks_before
from narrowgate.gate.ports import LogStore
from narrowgate.verify.log_directory import verify_log
from support.log_world import SIGNER


class LogStoreMachine(RuleBasedStateMachine):
    """A log beside a plain list: they never disagree, whenever the process dies."""

    @initialize()
    def create(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="narrowgate-log-"))
        self.keeper = CheckpointFile(self.directory / "checkpoints")
        self.log: TileLog = TileLog.create(self.directory / "log", SIGNER, self.keeper)
        self.store: LogStore = self.log
        self.integrated: list[bytes] = []
        self.appended: list[bytes] = []
        self.last = verify_checkpoint(self.store.checkpoint(), SIGNER.key)

    @rule(count=st.sampled_from([0, 1, 2, 100, 255, 256, 257, 600]), seed=st.integers(0, 99))
    def append(self, count: int, seed: int) -> None:
        leaves = [b"%d/%d" % (seed, number) for number in range(count)]
        start = len(self.integrated) + len(self.appended)
        assert self.store.append(iter(leaves)) == range(start, start + count)
        self.appended += leaves

    @rule()
    def integrate(self) -> None:
        text = self.store.integrate()
        self.integrated += self.appended
        self.appended = []
        assert text == self.store.checkpoint()

    @rule()
    def crash_and_open(self) -> None:
        self.log.close()
        self.log = TileLog.open(self.directory / "log", SIGNER, self.keeper)
        self.store = self.log
        self.appended = []

    @rule(data=st.data())
    def read_and_prove(self, data: st.DataObject) -> None:
        if self.integrated:
            index = data.draw(st.integers(0, len(self.integrated) - 1))
            assert self.store.read_leaf(index) == self.integrated[index]
            proof = self.store.proof(index)
            verify_inclusion(leaf_hash(self.integrated[index]), index, self.last.size, proof, self.last.root)
            assert self.store.peaks(index) == peaks_before(index, self.last.size, proof)

    @invariant()
    def the_checkpoint_covers_what_was_integrated(self) -> None:
        self.last = verify_checkpoint(self.store.checkpoint(), SIGNER.key)
        assert self.store.size() == self.last.size == len(self.integrated)
        assert self.last.root == root([leaf_hash(leaf) for leaf in self.integrated])

    def teardown(self) -> None:
        self.log.close()
        assert verify_log(self.directory / "log", str(SIGNER.key)).size == len(self.integrated)
        with TileLog.open(self.directory / "log", SIGNER) as log:
            assert list(log.leaves(0, log.size())) == self.integrated
        shutil.rmtree(self.directory)


TestLogStore = LogStoreMachine.TestCase
TestLogStore.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
