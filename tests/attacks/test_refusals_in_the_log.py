"""Attack: a forged package leaves no trace, and a refusal does not say who asked (issue 9, mediums)."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.files.log_tiles import TileLog
from narrowgate.adapters.signing.certificates import load_certificates, load_key, public_key_sha256
from narrowgate.adapters.signing.cms_signer import FileSigner
from narrowgate.core.governance.kinds import Kind
from support.attacked_world import AttackedWorld
from support.sandbox_acts import commanded

OFFICE = "secretary_of_homeland_security"
OTHER_OFFICE = "acting_director_of_ice"


def refusals(world: AttackedWorld) -> list[dict[str, object]]:
    """The *package refused* leaves, as an inspector lists them."""
    listed = world.narrowgate("log", "list", "world", "--json", "--kind", "package-refused")
    return [json.loads(line) for line in listed.out.splitlines()]


def entry(package: Path, signer: str, rules: list[str]) -> dict[str, object]:
    data = (package / "manifest.json").read_bytes()
    manifest = json.loads(data)
    key = public_key_sha256(load_certificates(Path(f"world/keys/{signer}.pem"))[0]) if signer else ""
    return {
        "type": "package-refused",
        "package": manifest["package_id"],
        "manifest_sha256": sha256(data).hexdigest(),
        "office": manifest["office"],
        "signer_key_sha256": key,
        "rules": rules,
    }


def without_place(leaves: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{name: value for name, value in leaf.items() if name not in {"index", "time"}} for leaf in leaves]


def forge(package: Path) -> None:
    path = package / "manifest.json.p7s"
    signature = bytearray(path.read_bytes())
    signature[-1] ^= 1
    path.write_bytes(signature)


def test_a_forged_signature_leaves_one_entry_that_names_no_key(world: AttackedWorld) -> None:
    package = world.package("forged")
    honest = (package / "manifest.json.p7s").read_bytes()
    forge(package)
    for _ in range(3):
        assert world.gate("forged")[0] == 12
        assert without_place(refusals(world)) == [entry(package, "", ["R-10"])]
    (package / "manifest.json.p7s").write_bytes(honest)
    assert world.gate("forged")[0] == 0
    assert len(refusals(world)) == 1
    assert "1 packages refused whole" in world.verify()


def test_an_office_that_signs_for_the_other_is_named_by_its_key(world: AttackedWorld) -> None:
    package = world.package("signed")
    key, certificate = Path(f"world/keys/{OTHER_OFFICE}.key.pem"), Path(f"world/keys/{OTHER_OFFICE}.pem")
    signer = FileSigner(load_key(key), load_certificates(certificate)[0])
    signature = signer.sign((package / "manifest.json").read_bytes(), SystemClock().now())
    (package / "manifest.json.p7s").write_bytes(signature)
    for _ in range(2):
        assert world.gate("signed")[0] == 12
    assert without_place(refusals(world)) == [entry(package, OTHER_OFFICE, ["R-21"])]


def test_a_hold_names_manifest_office_and_key_once(world: AttackedWorld) -> None:
    assert world.hold().code == 0
    package = world.package("held")
    for _ in range(2):
        assert world.gate("held")[0] == 11
    assert without_place(refusals(world)) == [entry(package, OFFICE, ["R-52"])]
    assert world.lift().code == 0
    assert world.gate("held")[0] == 0


def test_a_refusal_cut_off_before_its_leaf_has_one_entry_all_the_same(
    world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = world.package("forged")
    forge(package)

    def cut_off(_: object) -> str:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(TileLog, "integrate", cut_off)
        assert world.gate("forged")[0] == 1
    assert refusals(world) == []
    for _ in range(2):
        assert world.gate("forged")[0] == 12
    assert len(refusals(world)) == 1
    world.next_honest_package_is_answered()


def test_a_forged_package_between_a_run_and_its_resumption_blocks_neither(world: AttackedWorld) -> None:
    """Its entry stands among the leaves of the package that was begun."""
    world.package("begun")
    index = world.home / "world" / "index"
    index.rename("away")
    assert world.gate("begun")[0] == 1
    Path("away").rename(index)
    forge(world.package("forged"))
    assert world.gate("forged")[0] == 12
    assert world.gate("begun") == (0, "")
    assert len(refusals(world)) == 1
    world.next_honest_package_is_answered()


def test_a_forged_package_before_the_first_leaf_of_one_that_has_begun_comes_after_it(
    world: AttackedWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.package("begun")

    def cut_off(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(TileLog, "append", cut_off)
        assert world.gate("begun")[0] == 1
    forge(world.package("forged"))
    later = SystemClock().now() + timedelta(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: later)
        assert world.gate("forged")[0] == 12
        assert world.gate("begun") == (0, "")
        world.next_honest_package_is_answered()
    listed = world.narrowgate("log", "list", "world", "--json").out.splitlines()
    kinds = [json.loads(line)["type"] for line in listed]
    begun = kinds.index("package-received", kinds.index("package-received") + 1)
    assert kinds.index("package-refused") == begun + 1


def test_an_office_that_is_switched_off_is_refused_with_its_office_and_key_in_the_log(
    world: AttackedWorld,
) -> None:
    assert commanded(world.narrowgate, Kind.OFFICE_OFF, "secretary_of_homeland_security").code == 0
    package = world.package("off")
    code, message = world.gate("off")
    assert (code, "R-22" in message) == (11, True)
    assert without_place(refusals(world)) == [entry(package, OFFICE, ["R-22"])]
