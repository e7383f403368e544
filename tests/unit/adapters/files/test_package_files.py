"""A package appears whole or not at all, and any change of its rows is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from narrowgate.adapters.files.package_files import (
    MANIFEST_FILE,
    MAX_SIGNATURE_BYTES,
    ROWS_FILE,
    SIGNATURE_FILE,
    PackageDirectory,
    PackageTerms,
    add_signature,
    build_package,
)
from narrowgate.core.base.errors import EnvelopeError, NothingToProcessError, OperationalError, UsageError
from narrowgate.core.log.merkle import leaf_hash, node_hash
from narrowgate.core.request.item import Item, item_row, parse_item
from narrowgate.core.request.manifest import ATTESTATIONS, Manifest, parse_manifest
from narrowgate.core.request.office import Office
from support.requests import NOW, eligible_item, example_agreement

TERMS = PackageTerms(
    package_id="package-0001",
    nonce="0f" * 16,
    agreement_sha256=example_agreement().digest,
    office=Office.SECRETARY_OF_HOMELAND_SECURITY,
    created=NOW,
    expires=NOW + timedelta(days=7),
    attestations=tuple(ATTESTATIONS),
)
ITEMS = [eligible_item(item=f"case-{number}") for number in range(2)]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    build_package(ITEMS, tmp_path / "package", TERMS)
    return tmp_path / "package"


def manifest_of(package: Path) -> Manifest:
    return parse_manifest(PackageDirectory(package).manifest(), MANIFEST_FILE)


def test_a_package_holds_its_items_in_order_and_a_manifest_that_commits_to_them(package: Path) -> None:
    rows = list(PackageDirectory(package).rows())
    data = (package / ROWS_FILE).read_bytes()
    committed = manifest_of(package).rows
    assert [parse_item(row, ROWS_FILE) for row in rows] == ITEMS
    assert rows == [item_row(item) for item in ITEMS]
    assert (committed.count, committed.bytes) == (2, len(data))
    assert committed.sha256 == sha256(data).hexdigest()
    assert committed.merkle_root == node_hash(leaf_hash(rows[0]), leaf_hash(rows[1])).hex()
    PackageDirectory(package).check_rows(manifest_of(package))


def test_the_same_items_and_terms_make_the_same_bytes(package: Path, tmp_path: Path) -> None:
    build_package(iter(ITEMS), tmp_path / "again", TERMS)
    for name in (MANIFEST_FILE, ROWS_FILE):
        assert (tmp_path / "again" / name).read_bytes() == (package / name).read_bytes()


def test_an_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    def cut_off() -> Iterator[Item]:
        yield ITEMS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_package(cut_off(), tmp_path / "package", TERMS)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_is_an_operational_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OperationalError, match="make the directory"):
        build_package(ITEMS, tmp_path / "file" / "package", TERMS)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_build_without_items_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NothingToProcessError):
        build_package([], tmp_path / "package", TERMS)
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_never_written_over_another(package: Path) -> None:
    before = (package / ROWS_FILE).read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        build_package(ITEMS[:1], package, TERMS)
    assert (package / ROWS_FILE).read_bytes() == before


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut": (lambda data: data[:-1], "R-27"),
    "longer": (lambda data: data + b"\n", "R-27"),
    "two rows in one": (lambda data: data.replace(b"\n", b"x", 1), "R-27"),
    "another address": (lambda data: data.replace(b"Houston", b"Hoosten", 1), "R-21"),
    "another order": (lambda data: b"".join(data.splitlines(keepends=True)[::-1]), "R-21"),
    "one endless row": (lambda data: (item_row(ITEMS[0]) * 9)[: len(data)], "R-10"),
}


@pytest.mark.parametrize(("change", "rule"), CHANGES.values(), ids=CHANGES)
def test_any_change_of_the_rows_is_found(tmp_path: Path, change: Callable[[bytes], bytes], rule: str) -> None:
    package = tmp_path / "package"
    build_package([*ITEMS, *(eligible_item(item=f"more-{n}") for n in range(5))], package, TERMS)
    rows = package / ROWS_FILE
    rows.write_bytes(change(rows.read_bytes()))
    with pytest.raises(EnvelopeError) as caught:
        PackageDirectory(package).check_rows(manifest_of(package))
    assert caught.value.rule == rule


def test_a_count_that_is_not_the_declared_one_is_refused(package: Path) -> None:
    manifest = manifest_of(package)
    declared = replace(manifest, rows=replace(manifest.rows, count=3))
    with pytest.raises(EnvelopeError) as caught:
        PackageDirectory(package).check_rows(declared)
    assert caught.value.rule == "R-27"


def test_an_unsigned_package_has_no_signature_to_read(package: Path) -> None:
    with pytest.raises(EnvelopeError, match=SIGNATURE_FILE) as caught:
        PackageDirectory(package).signature()
    assert caught.value.rule == "R-21"
    add_signature(package, b"signed")
    assert PackageDirectory(package).signature() == b"signed"


def test_a_directory_in_the_place_of_a_file_is_no_file(package: Path) -> None:
    (package / SIGNATURE_FILE).mkdir()
    with pytest.raises(EnvelopeError, match="not a regular file"):
        PackageDirectory(package).signature()


def test_rows_that_grow_while_they_are_read_are_taken_no_further_than_declared(package: Path) -> None:
    manifest = manifest_of(package)
    taken = PackageDirectory(package).signed_rows(replace(manifest.rows, count=1, bytes=1))
    with pytest.raises(EnvelopeError) as caught:
        next(taken)
    assert caught.value.rule == "R-27"


def test_files_over_their_bounds_are_not_read(package: Path) -> None:
    (package / SIGNATURE_FILE).write_bytes(b"0" * (MAX_SIGNATURE_BYTES + 1))
    (package / MANIFEST_FILE).write_bytes(b"0" * 20_000)
    for read in (PackageDirectory(package).signature, PackageDirectory(package).manifest):
        with pytest.raises(EnvelopeError, match="longer than"):
            read()


def test_a_package_without_rows_is_refused(package: Path) -> None:
    manifest = manifest_of(package)
    (package / ROWS_FILE).unlink()
    with pytest.raises(EnvelopeError, match=ROWS_FILE):
        PackageDirectory(package).check_rows(manifest)
