"""The gate's own copies give back what was taken in, to the holder of the commitment key, or nothing at all."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrowgate.adapters.entropy import SeededEntropy
from narrowgate.adapters.files import vault as vault_module
from narrowgate.adapters.files.vault import DirectoryVault, KeptPackage
from narrowgate.core.base.errors import ConfigurationError, EnvelopeError, OperationalError

KEY = bytes(range(32))
MANIFEST = b"the manifest of a package"
NAME = sha256(MANIFEST).digest()
ROWS = [f"row {number} of someone".encode() for number in range(9)]


def vault(home: Path, seed: bytes = b"vault") -> DirectoryVault:
    return DirectoryVault(home / "vault", SeededEntropy(seed))


def lines(rows: list[bytes] = ROWS) -> Iterator[bytes]:
    return iter([row + b"\n" for row in rows])


def taken_in(home: Path) -> KeptPackage:
    return vault(home).take_in(NAME, MANIFEST, b"signature", lines(), KEY)


def files(home: Path) -> list[Path]:
    return sorted(path for path in (home / "vault").rglob("*") if path.is_file())


def test_a_copy_gives_back_manifest_signature_and_rows_at_once_and_later(tmp_path: Path) -> None:
    for kept in (taken_in(tmp_path), vault(tmp_path).kept(NAME, KEY)):
        assert (kept.manifest(), kept.signature(), list(kept.rows())) == (MANIFEST, b"signature", ROWS)


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.binary(max_size=40).filter(lambda row: b"\n" not in row), max_size=20),
    chunk=st.integers(1, 64),
)
def test_rows_come_back_whole_wherever_the_chunks_are_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[bytes], chunk: int
) -> None:
    home = tmp_path_factory.mktemp("vault")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vault_module, "CHUNK_BYTES", chunk)
        kept = vault(home).take_in(NAME, MANIFEST, b"signature", lines(rows), KEY)
        assert list(kept.rows()) == rows


def test_only_the_gates_user_can_enter_and_nothing_in_it_is_readable(tmp_path: Path) -> None:
    taken_in(tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "vault").rglob("*")}
    assert modes == {0o700, 0o600}
    stored = b"".join(path.read_bytes() for path in files(tmp_path))
    assert not any(word in stored for word in (MANIFEST, b"signature", b"someone", KEY))


def test_a_vault_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir(mode=0o750)
    with pytest.raises(ConfigurationError, match="can enter its vault"):
        vault(tmp_path)


def test_every_changed_byte_and_every_cut_of_a_copy_is_found(tmp_path: Path) -> None:
    taken_in(tmp_path)
    for path in files(tmp_path):
        kept = path.read_bytes()
        for damaged in (
            *(kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :] for at in range(len(kept))),
            kept[:-1],
            b"",
        ):
            path.write_bytes(damaged)
            with pytest.raises(OperationalError):
                everything(vault(tmp_path).kept(NAME, KEY))
        path.write_bytes(kept)
    everything(vault(tmp_path).kept(NAME, KEY))


def test_chunks_cannot_be_left_out_moved_or_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "CHUNK_BYTES", 16)
    taken_in(tmp_path)
    path = tmp_path / "vault" / NAME.hex() / "rows"
    data = path.read_bytes()
    chunks = [data[start : start + 32] for start in range(0, len(data), 32)]
    assert len(chunks) > 4
    for damaged in (chunks[:-1], chunks[1:], [chunks[1], chunks[0], *chunks[2:]], [*chunks, chunks[-1]]):
        path.write_bytes(b"".join(damaged))
        with pytest.raises(OperationalError, match="was changed"):
            list(vault(tmp_path).kept(NAME, KEY).rows())


def test_the_copy_of_one_package_does_not_open_under_the_name_of_another_or_another_key(
    tmp_path: Path,
) -> None:
    taken_in(tmp_path)
    with pytest.raises(OperationalError, match="cannot be opened"):
        vault(tmp_path).kept(NAME, bytes(32))
    other = sha256(b"another manifest").digest()
    (tmp_path / "vault" / NAME.hex()).rename(tmp_path / "vault" / other.hex())
    with pytest.raises(OperationalError, match="cannot be opened"):
        vault(tmp_path).kept(other, KEY)
    with pytest.raises(OperationalError, match="missing"):
        vault(tmp_path).kept(NAME, KEY)


def test_rows_that_turn_out_to_be_others_leave_nothing_behind(tmp_path: Path) -> None:
    def changed() -> Iterator[bytes]:
        yield b"row\n"
        raise EnvelopeError("The rows are not the ones that were signed.")

    with pytest.raises(EnvelopeError):
        vault(tmp_path).take_in(NAME, MANIFEST, b"signature", changed(), KEY)
    assert files(tmp_path) == []


def test_two_copies_of_one_package_share_no_key(tmp_path: Path) -> None:
    first = taken_in(tmp_path).secret("salts")
    second = vault(tmp_path, b"later").take_in(NAME, MANIFEST, b"signature", lines(), KEY).secret("salts")
    assert first != second
    assert vault(tmp_path).kept(NAME, KEY).secret("salts") == second
    assert vault(tmp_path).kept(NAME, KEY).secret("seals") != second


def test_without_its_data_key_nothing_of_a_package_can_be_computed_from_the_commitment_key(
    tmp_path: Path,
) -> None:
    taken_in(tmp_path)
    (tmp_path / "vault" / NAME.hex() / "data-key").unlink()
    with pytest.raises(OperationalError, match="missing"):
        vault(tmp_path).kept(NAME, KEY)


def everything(kept: KeptPackage) -> None:
    kept.manifest(), kept.signature(), list(kept.rows())
