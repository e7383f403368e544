"""A package whose agreement asks for a trusted time: of OpenSSL's authority, of a stranger's, of nobody's."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from narrowgate.adapters.signing.certificates import load_certificates
from support.command_line import CommandLine
from support.sandbox_acts import put_in_force
from support.sandbox_files import BUILD, GATE, SANDBOX, SIGN, base_files

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="NOT CHECKED: the openssl command is not installed")

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[tsa]
default_tsa = authority
[authority]
serial = serial
default_policy = 2.999.2
digests = sha1, sha256
signer_digest = sha256
ess_cert_id_alg = sha256
"""


def openssl(directory: Path, *command: str) -> None:
    subprocess.run([str(OPENSSL), *command], cwd=directory, check=True, capture_output=True)


def make_authority(directory: Path, use: str = "critical,timeStamping") -> str:
    """An authority in its own directory; the digest that an agreement names it by."""
    directory.mkdir()
    (directory / "serial").write_text("01\n")
    (directory / "tsa.cnf").write_text(CONFIGURATION)
    extensions = ["-addext", f"extendedKeyUsage={use}", "-addext", "keyUsage=critical,digitalSignature"]
    openssl(
        directory,
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-keyout", "key.pem", "-out", "certificate.pem", "-subj", "/CN=Authority", "-days", "30"),
        *("-config", "tsa.cnf", *extensions),
    )
    certificate = load_certificates(directory / "certificate.pem")[0]
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def answer(authority: Path, query: Path, reply: Path) -> Path:
    openssl(
        authority,
        *("ts", "-reply", "-config", "tsa.cnf", "-queryfile", str(query), "-out", str(reply)),
        *("-signer", "certificate.pem", "-inkey", "key.pem"),
    )
    return reply


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities, a world whose agreement names the first, and a signed package."""
    home = tmp_path_factory.mktemp("timestamp")
    base_files(home)
    digest = make_authority(home / "authority")
    make_authority(home / "stranger")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        narrowgate = CommandLine(patch, None)
        assert narrowgate(*SANDBOX.split()).code == 0
        agreement = home / "world" / "agreement.toml"
        text = agreement.read_text()
        assert "[trust]\n" in text
        agreement.write_text(text.replace("[trust]\n", f'[trust]\ntimestamp_authority = "{digest}"\n'))
        put_in_force(home / "world", "agreement")
        for command in (BUILD, SIGN):
            assert narrowgate(*command.split()).code == 0
        assert narrowgate("package", "timestamp", "package-2", "--query", "package.tsq").code == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "home"
    shutil.copytree(made, copy)
    monkeypatch.chdir(copy)
    return copy


REPLY = "package timestamp package-2 --reply package.tsr --agreement world/agreement.toml"


def test_a_package_with_the_agreed_authoritys_time_stamp_is_answered(
    home: Path, narrowgate: CommandLine
) -> None:
    answer(home / "authority", home / "package.tsq", home / "package.tsr")
    stamped = narrowgate(*REPLY.split())
    assert stamped.code == 0, stamped.err
    signature = home / "package-2" / "manifest.json.p7s"
    openssl(
        home,
        *("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(signature), "-purpose", "any"),
        *("-content", "package-2/manifest.json", "-CAfile", "world/keys/root.pem", "-out", "verified"),
    )
    assert narrowgate(*GATE.split()).code == 0


def test_a_package_without_one_is_refused(home: Path, narrowgate: CommandLine) -> None:
    result = narrowgate(*GATE.split())
    assert result.code == 12
    assert "does not carry exactly one trusted time stamp" in result.err
    assert "(timestamp, rule R-21)" in result.err


def test_a_strangers_reply_is_not_put_in_and_not_accepted_by_the_gate(
    home: Path, narrowgate: CommandLine
) -> None:
    answer(home / "stranger", home / "package.tsq", home / "package.tsr")
    before = (home / "package-2" / "manifest.json.p7s").read_bytes()
    refused = narrowgate(*REPLY.split())
    assert refused.code == 12
    assert "not one of the authority that was agreed on" in refused.err
    assert (home / "package-2" / "manifest.json.p7s").read_bytes() == before
    agreement = home / "world" / "agreement.toml"
    stranger = load_certificates(home / "stranger" / "certificate.pem")[0]
    own = hashlib.sha256(stranger.public_bytes(Encoding.DER)).hexdigest()
    lines = agreement.read_text().splitlines()
    changed = [f'timestamp_authority = "{own}"' if "timestamp_authority" in line else line for line in lines]
    (home / "other.toml").write_text("\n".join(changed))
    assert narrowgate(*REPLY.replace("world/agreement", "other").split()).code == 0
    result = narrowgate(*GATE.split())
    assert result.code == 12
    assert "not one of the authority that was agreed on" in result.err


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (("-data", "cases.csv", "-sha256", "-cert"), "time stamp of something else"),
        (("-data", "cases.csv", "-sha1", "-cert"), "digest is too weak"),
        (("-data", "cases.csv", "-sha256"), "lacks that authority's certificate"),
    ],
)
def test_a_reply_about_something_else_is_refused(
    home: Path, narrowgate: CommandLine, query: tuple[str, ...], said: str
) -> None:
    openssl(home, "ts", "-query", *query, "-out", "other.tsq")
    answer(home / "authority", home / "other.tsq", home / "package.tsr")
    result = narrowgate(*REPLY.split())
    assert result.code == 12
    assert said in result.err


def test_no_flipped_bit_of_a_reply_is_accepted(home: Path, narrowgate: CommandLine) -> None:
    reply = answer(home / "authority", home / "package.tsq", home / "package.tsr").read_bytes()
    refused = 0
    positions = range(20, len(reply), 97)
    for position in positions:
        changed = bytearray(reply)
        changed[position] ^= 1
        (home / "package.tsr").write_bytes(changed)
        refused += narrowgate(*REPLY.split()).code == 12
    assert refused >= len(positions) - 2  # the advisory list of digests and the like carry nothing


def test_the_two_steps_are_told_apart(home: Path, narrowgate: CommandLine) -> None:
    assert narrowgate("package", "timestamp", "package-2").code == 2
    assert narrowgate("package", "timestamp", "package-2", "--query", "package.tsq").code == 2  # exists


def test_a_checkpoint_is_stamped_and_the_log_proved_to_continue_it(
    home: Path, narrowgate: CommandLine
) -> None:
    shutil.copy(home / "world" / "log" / "checkpoint", home / "kept")
    assert narrowgate("log", "timestamp", "kept", "--query", "kept.tsq").code == 0
    answer(home / "authority", home / "kept.tsq", home / "kept.tsr")
    verify = ("log", "timestamp", "kept", "--reply", "kept.tsr", "--authority")
    result = narrowgate(*verify, "authority/certificate.pem")
    assert result.code == 0, result.err
    assert "The authority saw this checkpoint at 20" in result.out
    assert narrowgate(*verify, "stranger/certificate.pem").code == 12
    assert narrowgate("log", "verify", "world", "--earlier", "kept").code == 0
    (home / "kept").write_bytes((home / "kept").read_bytes() + b"\n")
    assert narrowgate(*verify, "authority/certificate.pem").code == 12
    assert narrowgate("log", "timestamp", "kept").code == 2
