"""A custodian makes a bundle; an inspector needs nothing else, and finds whatever is done to it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from narrowgate.adapters.clock import SystemClock
from narrowgate.core.base.canonical_json import canonical_bytes
from narrowgate.core.log.checkpoint import parse_checkpoint_text, sign_checkpoint
from narrowgate.core.log.merkle import leaf_hash, root
from narrowgate.core.log.note import NoteSigner, parse_note
from narrowgate.core.log.tiles import decode_bundle, encode_bundle
from narrowgate.verify.commands import COMMANDS
from support.command_line import CommandLine
from support.sandbox_files import GATE

BUNDLE = ("inspector", "bundle")


@pytest.fixture
def bundle(narrowgate: CommandLine, home: Path) -> Path:
    assert narrowgate(*BUNDLE, "bundle", "--config", "world").code == 0
    return home / "bundle"


def inspected(narrowgate: CommandLine, source: Path | str, *options: object) -> tuple[int, dict[str, Any]]:
    found = narrowgate("inspector", "verify", source, *options, "--json")
    return found.code, json.loads(found.out)


def _unshared() -> tuple[str, ...]:
    """What puts a command where there is no network; nothing where the machine does not allow it."""
    command = ("unshare", "--user", "--net", "--map-root-user")
    try:
        allowed = subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        allowed = False
    return command if allowed else ()


WITHOUT_NETWORK = _unshared()


def alone(bundle: Path, *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """The verifier of the bundle, run by a Python that knows no other package, without network."""
    (wheel,) = bundle.glob("verifier/*.whl")
    python = [sys.executable, "-I", "-S", str(wheel)]
    return subprocess.run(
        [*WITHOUT_NETWORK, *python, *map(str, arguments)], capture_output=True, check=False, env={}
    )


def test_a_bundle_is_valid_and_says_the_same_on_a_machine_with_python_only(
    narrowgate: CommandLine, bundle: Path
) -> None:
    (package,) = (path.name for path in Path("world/answers").iterdir())
    options = {
        "trace": (package,),
        "accounting": ("--full", "--through", f"{SystemClock().now():%Y-%m}"),
        "incidents": ("--at", "2100-01-01T00:00:00Z"),
        "in-force": ("--at", "2100-01-01T00:00:00Z"),
        "verify": ("--earlier", "world/log/checkpoint"),
        "check-trace": ("trace.json",),
        "subject": ("--tin", "number.txt", "--openings", "opened.ndjson"),
    }
    with Path("cases.csv").open(encoding="utf-8", newline="") as file:
        Path("number.txt").write_text(next(row["tin"] for row in csv.DictReader(file) if row["tin"]))
    about = ("--tin", "number.txt", "--what", "row", "--what", "outcome", "--order", "cases.csv")
    assert narrowgate("custodian", "open", "--config", "world", *about, "--out", "opened.ndjson").code == 0
    Path("trace.json").write_text(narrowgate("inspector", "trace", bundle, package, "--json").out)
    assert inspected(narrowgate, bundle, "--key", "world/log/log.vkey")[0] == 0
    told = 0
    for name in COMMANDS.keys() - {"recall-find"}:  # which has a command of its own
        call = (name, bundle, *options.get(name, ()), "--key", "world/log/log.vkey", "--json")
        # A trace is checked with the key alone; the verifier takes a source in every call.
        without_source = tuple(each for each in call if each != bundle)
        full = narrowgate("inspector", *(without_source if name == "check-trace" else call))
        bare = alone(bundle, *call)
        assert bare.returncode == full.code, name
        if full.out:
            assert json.loads(bare.stdout) == json.loads(full.out), name
        if full.code:
            assert json.loads(bare.stderr)["id"] == json.loads(full.err.splitlines()[-1])["id"], name
        told += full.code == 0
    assert told >= 5
    if not WITHOUT_NETWORK:
        pytest.skip("NETWORK NOT OFF: this machine does not allow 'unshare'; all else held")


def test_answers_to_recall_are_found_with_python_only(narrowgate: CommandLine, bundle: Path) -> None:
    start = "2000-01-01T00:00:00Z"
    assert narrowgate("recall", "find", bundle, "--from", start, "--out", "recall.json").code == 0
    bare = alone(bundle, "recall-find", bundle, "--start", start, "--json")
    assert json.loads(bare.stdout) == json.loads(Path("recall.json").read_bytes())


def test_the_verifier_imports_no_other_package(bundle: Path) -> None:
    (wheel,) = bundle.glob("verifier/*.whl")
    code = (
        f"import sys; sys.path.insert(0, {str(wheel)!r}); import narrowgate.verify.command_line;"
        "print({m.split('.')[0] for m in sys.modules} - set(sys.stdlib_module_names) - set(sys.builtin_module_names))"
    )
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, check=True, text=True
    )
    assert eval(found.stdout) <= {"narrowgate", "__main__", "__mp_main__"}  # noqa: S307 - a set that we printed


def test_the_verifier_installs_without_network_and_without_anything_else(
    bundle: Path, tmp_path: Path
) -> None:
    (wheel,) = bundle.glob("verifier/*.whl")
    target = tmp_path / "installed"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "--target", target, wheel], check=True, env={**os.environ, "PIP_CONFIG_FILE": os.devnull}
    )
    program = [sys.executable, "-S", target / "bin" / "narrowgate-verifier", "verify", bundle]
    found = subprocess.run(program, capture_output=True, check=False, env={"PYTHONPATH": str(target)})
    assert (found.returncode, found.stdout[:5]) == (0, b"VALID")


def test_no_person_is_named_in_a_bundle(bundle: Path) -> None:
    names = set()
    for certificate in (*Path("world/keys").glob("*.pem"), *Path("world/officers").glob("*.pem")):
        data = certificate.read_bytes()
        if b"BEGIN CERTIFICATE" in data:
            subject = x509.load_pem_x509_certificate(data).subject
            names |= {str(each.value) for each in subject if "root" not in str(each.value)}
    names |= {line.split(",")[0] for line in Path("world/officers/officers.csv").read_text().splitlines()[1:]}
    assert len(names) > 5
    for path in bundle.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [name for name in names if name.encode() in data], path
    shown = (Path("world/governance/acts/000001.json.1.p7s")).read_bytes()
    assert any(name.encode() in shown for name in names)


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def test_the_same_gate_gives_the_same_bytes_as_directory_tar_and_zip(
    narrowgate: CommandLine, bundle: Path, tmp_path: Path
) -> None:
    for name in ("again", "one.tar", "two.tar", "one.zip", "two.zip"):
        assert narrowgate(*BUNDLE, name, "--config", "world/gate.toml").code == 0
    assert contents(Path("again")) == contents(bundle)
    assert Path("one.tar").read_bytes() == Path("two.tar").read_bytes()
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    with tarfile.open("one.tar") as tar:
        tar.extractall(tmp_path / "tar", filter="data")
    with zipfile.ZipFile("one.zip") as archive:
        unpacked = {name: archive.read(name) for name in archive.namelist()}
    assert contents(tmp_path / "tar") == unpacked == contents(bundle)
    assert narrowgate(*BUNDLE, "again", "--config", "world").code == 2
    assert narrowgate(*BUNDLE, "world/log/inside", "--config", "world").code == 2


def test_a_monthly_bundle_continues_the_last(narrowgate: CommandLine, bundle: Path) -> None:
    assert narrowgate(*GATE.split()).code == 0
    made = json.loads(narrowgate(*BUNDLE, "next", "--config", "world", "--since", bundle, "--json").out)
    first = json.loads((bundle / "manifest.json").read_bytes())
    assert (made["from"], made["to"] > made["from"]) == (first["to"], True)
    new = json.loads(Path("next/manifest.json").read_bytes())
    assert new["previous"] == sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    assert made["earlier"] > 10
    assert not Path("next/governance/charter.toml").exists()
    code, told = inspected(narrowgate, "next")
    assert (code, told["verdict"]) == (17, "INDETERMINATE")
    assert "copy this bundle over it" in told["missing"][0]
    for command in ("inspector in-force", "inspector holds", "log list", "log count", "log verify"):
        lone = narrowgate(*command.split(), "next")
        told = "continues an earlier bundle" in lone.err, "Copy this bundle over a copy of the" in lone.err
        assert (lone.code, told) == (17, (True, True)), command
    shutil.copytree("next", bundle, dirs_exist_ok=True)
    code, told = inspected(narrowgate, bundle)
    assert (code, told["verdict"], told["log"]["size"]) == (0, "VALID", made["to"])
    verified = narrowgate("log", "verify", bundle)
    assert (verified.code, "'narrowgate inspector verify' does that" in verified.err) == (0, True)


def test_a_bundle_that_is_not_continued_is_refused(narrowgate: CommandLine, bundle: Path) -> None:
    shutil.copytree("world", "older")
    assert narrowgate(*GATE.split()).code == 0
    assert narrowgate(*BUNDLE, "newer", "--config", "world").code == 0
    refused = narrowgate(*BUNDLE, "back", "--config", "older", "--since", "newer")
    assert (refused.code, "rolled back" in refused.err) == (14, True)
    assert not Path("back").exists()
    assert narrowgate(*BUNDLE, "none", "--config", "world", "--since", "world").code == 2


Attack = Callable[[Path], None]


def relisted(bundle: Path, **changes: object) -> None:
    """What an attacker does who can write the bundle: its manifest, which nobody signs, says what lies there now."""
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    files = [
        {"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        for name, data in sorted(contents(bundle).items())
        if name != "manifest.json"
    ]
    (bundle / "manifest.json").write_bytes(canonical_bytes(manifest | {"files": files} | changes))


def exchange_a_file(bundle: Path) -> None:
    (bundle / "README.md").write_text("Trust us.")


def remove_an_act(bundle: Path) -> None:
    for path in bundle.glob("governance/acts/000003.json*"):
        path.unlink()
    relisted(bundle)


def remove_an_officers_signature(bundle: Path) -> None:
    (bundle / "governance/acts/000003.json.2.p7s").unlink()
    relisted(bundle)


def bring_another_charter(bundle: Path) -> None:
    charter = bundle / "governance/charter.toml"
    charter.write_text(charter.read_text().replace("custody-1", "custody-9"))
    relisted(bundle)


def exchange_a_signers_key(bundle: Path) -> None:
    first, second, *_ = sorted(bundle.glob("keys/signers/*.der"))
    first.write_bytes(second.read_bytes())
    relisted(bundle)


def reorder_and_sign_with_another_key(bundle: Path) -> None:
    log = bundle / "log"
    text = (log / "checkpoint").read_text()
    size = parse_checkpoint_text(parse_note(text).text).size
    (entries,) = log.glob(f"tile/entries/000.p/{size}")
    leaves = decode_bundle(entries.read_bytes(), size, "")
    leaves[-1], leaves[-3] = leaves[-3], leaves[-1]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    entries.write_bytes(encode_bundle(leaves))
    (log / f"tile/0/000.p/{size}").write_bytes(b"".join(hashes))
    signer = NoteSigner.ed25519("narrowgate.sandbox/log", Ed25519PrivateKey.generate())
    forged = parse_checkpoint_text(parse_note(text).text)
    signed = sign_checkpoint(type(forged)(forged.origin, size, root(hashes)), signer)
    (log / "checkpoint").write_text(signed)
    relisted(bundle, root=root(hashes).hex())


def list_a_path_outside(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    secret = bundle.parent / "secret"
    secret.write_bytes(b"x")
    listed = {"path": "../secret", "bytes": 1, "sha256": sha256(b"x").hexdigest()}
    manifest["files"].append(listed)
    (bundle / "manifest.json").write_bytes(canonical_bytes(manifest))


def link_a_file(bundle: Path) -> None:
    (bundle / "README.md").rename(bundle.parent / "README.md")
    (bundle / "README.md").symlink_to(bundle.parent / "README.md")


def link_a_directory(bundle: Path) -> None:
    (bundle / "governance").rename(bundle.parent / "elsewhere")
    (bundle / "governance").symlink_to(bundle.parent / "elsewhere")


def name_a_key_twice(bundle: Path) -> None:
    path = bundle / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'{"earlier":[]', b'{"earlier":[],"earlier":[]', 1))


def claim_a_huge_size(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"][0]["bytes"] = 2**53 - 1
    manifest["to"] = 2**53 - 1
    (bundle / "manifest.json").write_bytes(canonical_bytes(manifest))


def bring_a_huge_charter(bundle: Path) -> None:
    with (bundle / "governance/charter.toml").open("ab") as file:
        file.truncate(1 << 40)  # sparse: nobody can read it into memory


def nest_a_manifest(bundle: Path) -> None:
    (bundle / "manifest.json").write_bytes(b"[" * 100_000)


def hide_a_file(bundle: Path) -> None:
    (bundle / "log/tile/entries/999").write_bytes(b"more")


ATTACKS = [
    value
    for name, value in list(globals().items())
    if callable(value)
    and name.split("_")[0]
    in {"exchange", "remove", "bring", "reorder", "list", "link", "name", "claim", "nest", "hide"}
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_whatever_is_done_to_a_bundle_makes_it_invalid(
    narrowgate: CommandLine, bundle: Path, attack: Attack
) -> None:
    attack(bundle)
    code, told = inspected(narrowgate, bundle, "--key", "world/log/log.vkey")
    assert (code, told["verdict"]) == (14, "INVALID"), told
    assert told["reasons"]
    if attack in {remove_an_act, bring_another_charter, link_a_file}:
        assert alone(bundle, "verify", bundle, "--key", "world/log/log.vkey").returncode == 14


def test_a_world_is_not_read_where_a_link_leads(narrowgate: CommandLine, bundle: Path) -> None:
    assert len(ATTACKS) >= 12
    link_a_directory(bundle)
    _, told = inspected(narrowgate, bundle)
    assert any("Neither a file nor a directory" in each["what"] for each in told["reasons"])
