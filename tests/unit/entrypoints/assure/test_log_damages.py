"""What the check of the log damages, a verifier of the log finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.core.base.errors import NarrowgateError
from narrowgate.core.log.file_names import KEY_FILE
from narrowgate.core.log.note import NoteSigner
from narrowgate.entrypoints.assure.logs import damages
from narrowgate.verify.log_directory import verify_log

FULL_TILE = 256


@pytest.mark.parametrize("size", [20, FULL_TILE, FULL_TILE + 20])
def test_every_damage_of_a_log_that_grew_in_steps_is_found_however_many_tiles_are_full(
    tmp_path: Path, size: int
) -> None:
    directory = tmp_path / "log"
    signer = NoteSigner.ed25519("narrowgate.sandbox/test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with TileLog.create(directory, signer) as log:
        for begin, end in ((0, 6), (6, 7), (7, size)):
            log.append([b"leaf %d" % number for number in range(begin, end)])
            log.integrate()
    verify_log(directory, str(signer.key))
    older = {directory / "tile" / level / "000.p" / width for level in ("0", "entries") for width in "67"}
    assert all(path.is_file() for path in older)

    lost = set()
    for what, path in damages(directory, 200):
        with pytest.raises(NarrowgateError):
            verify_log(directory, str(signer.key))
        lost |= {path} if what == "the loss" else set()

    verify_log(directory, str(signer.key))
    assert lost == {path for path in directory.rglob("*") if path.is_file()} - older - {directory / KEY_FILE}
