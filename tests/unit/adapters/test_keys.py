import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.entropy import SeededEntropy, SystemEntropy
from narrowgate.adapters.keys import _decode, generate_key_file, load_secret_key
from narrowgate.core.base.errors import ConfigurationError, OperationalError
from support.softhsm import PIN, drawer, require_softhsm

KEY = SeededEntropy(b"test_keys").draw(32)


def secret_file(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    path.chmod(0o600)
    return f"file:{path}"


def test_a_generated_key_file_can_be_read_back_by_its_owner_alone(tmp_path: Path) -> None:
    generate_key_file(tmp_path / "index.key", SeededEntropy(b"test_keys"))
    assert stat.S_IMODE((tmp_path / "index.key").stat().st_mode) == 0o600
    assert load_secret_key(f"file:{tmp_path / 'index.key'}") == KEY


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    generate_key_file(tmp_path / "index.key", SystemEntropy())
    before = load_secret_key(f"file:{tmp_path / 'index.key'}")
    with pytest.raises(OperationalError, match="exists already"):
        generate_key_file(tmp_path / "index.key", SystemEntropy())
    assert load_secret_key(f"file:{tmp_path / 'index.key'}") == before


@given(key=st.binary(min_size=32, max_size=32).filter(any), before=st.sampled_from(["", " ", "\n"]))
def test_hexadecimal_digits_of_either_case_and_white_space_around_them_are_read(
    key: bytes, before: str
) -> None:
    for digits in (key.hex(), key.hex().upper()):
        assert _decode(f"{before}{digits}\r\n".encode(), "file:x") == key


def test_a_raw_key_is_taken_as_it_is(tmp_path: Path) -> None:
    assert load_secret_key(secret_file(tmp_path / "raw", KEY)) == KEY


def test_an_environment_variable_holds_hexadecimal_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_INDEX_KEY", KEY.hex())
    assert load_secret_key("env:TEST_INDEX_KEY") == KEY
    monkeypatch.setenv("TEST_INDEX_KEY", "x" * 32)
    with pytest.raises(ConfigurationError, match="32 bytes"):
        load_secret_key("env:TEST_INDEX_KEY")


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(
        ConfigurationError, match="NARROWGATE_ABSENT_KEY: The environment variable is not set"
    ):
        load_secret_key("env:NARROWGATE_ABSENT_KEY")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        KEY[:31],
        KEY + b"\0",
        KEY.hex().encode()[:-1],
        KEY.hex().encode() + b"0",
        b"0123456789abcdef0123456789abcdef",  # 16 bytes in hexadecimal, not 32 raw ones
        b"g" * 64,
    ],
)
def test_a_key_of_another_size_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes") as caught:
        load_secret_key(secret_file(tmp_path / "key", content))
    shown = str(caught.value) + repr(caught.value)
    assert content == b"" or content.hex() not in shown
    assert content == b"" or content.decode("latin-1") not in shown


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="absent"):
        load_secret_key(f"file:{tmp_path / 'absent'}")


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644, 0o640, 0o620, 0o610])
def test_a_key_file_open_to_group_or_others_is_refused(tmp_path: Path, mode: int) -> None:
    uri = secret_file(tmp_path / "key", KEY)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ConfigurationError, match="Others than its owner"):
        load_secret_key(uri)


@pytest.mark.parametrize("uri", ["", "file", "file:", "https://example.org/key", KEY.hex(), "FILE:/x"])
def test_a_uri_of_no_known_kind_is_refused_and_not_repeated(uri: str) -> None:
    """Somebody may have pasted the key itself."""
    with pytest.raises(ConfigurationError, match="no known kind") as caught:
        load_secret_key(uri)
    assert KEY.hex() not in str(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:token=t",
        "pkcs11:token=t;object=o",
        "pkcs11:token=t;object=o?module-path=/m",
        "pkcs11:token=t;object=o?module-path=/m&pin-value=1234",
        "pkcs11:token=t;object=o;object=o?module-path=/m&pin-source=env:P",
        "pkcs11:token=t;object=o;colour=1?module-path=/m&pin-source=env:P",
    ],
)
def test_an_incomplete_or_strange_pkcs11_uri_is_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="PKCS#11 URI") as caught:
        load_secret_key(uri)
    assert PIN not in str(caught.value)


def test_without_the_extra_the_reader_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'narrowgate\[pkcs11\]'"):
        load_secret_key("pkcs11:token=t;object=o?module-path=/m&pin-source=env:P")


@pytest.fixture(scope="module")
def token_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SoftHSM2 token with one readable and one sensitive secret key; its PIN in TEST_PIN."""
    require_softhsm()
    import pkcs11

    with drawer(tmp_path_factory.mktemp("softhsm")) as cards:
        with cards.card("test token").session() as session:
            for label, value, sensitive in (
                ("key", KEY, False),
                ("sealed", KEY, True),
                ("short", KEY[:16], False),
            ):
                session.create_object(
                    {
                        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
                        pkcs11.Attribute.KEY_TYPE: pkcs11.KeyType.GENERIC_SECRET,
                        pkcs11.Attribute.TOKEN: True,
                        pkcs11.Attribute.PRIVATE: True,
                        pkcs11.Attribute.SENSITIVE: sensitive,
                        pkcs11.Attribute.EXTRACTABLE: not sensitive,
                        pkcs11.Attribute.LABEL: label,
                        pkcs11.Attribute.VALUE: value,
                    }
                )
        yield f"pkcs11:token=test%20token;object=OBJECT?module-path={cards.module}&pin-source=env:TEST_PIN"


def test_a_readable_token_object_gives_the_key(token_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PIN", PIN)
    assert load_secret_key(token_uri.replace("OBJECT", "key")) == KEY


def test_the_pin_may_stand_in_a_file(token_uri: str, tmp_path: Path) -> None:
    source = secret_file(tmp_path / "pin", PIN.encode())
    assert load_secret_key(token_uri.replace("OBJECT", "key").replace("env:TEST_PIN", source)) == KEY


@pytest.mark.parametrize(
    ("name", "pin", "why"),
    [
        ("absent", PIN, "NoSuchKey"),
        ("sealed", PIN, "AttributeSensitive"),
        ("key", "9999", "PinIncorrect"),
        ("short", PIN, "32 bytes"),
    ],
)
def test_a_missing_sensitive_short_or_locked_object_is_refused(
    token_uri: str, monkeypatch: pytest.MonkeyPatch, name: str, pin: str, why: str
) -> None:
    monkeypatch.setenv("TEST_PIN", pin)
    with pytest.raises(ConfigurationError, match=why) as caught:
        load_secret_key(token_uri.replace("OBJECT", name))
    assert pin not in str(caught.value)
    assert KEY.hex() not in str(caught.value)


def test_a_module_that_is_no_pkcs11_library_is_refused(
    token_uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEST_PIN", PIN)
    (tmp_path / "module.so").write_bytes(b"not a library")
    uri = f"pkcs11:token=t;object=o?module-path={tmp_path / 'module.so'}&pin-source=env:TEST_PIN"
    with pytest.raises(ConfigurationError, match="no PKCS#11 module"):
        load_secret_key(uri)


def test_a_pin_source_of_no_known_kind_is_refused(token_uri: str) -> None:
    with pytest.raises(ConfigurationError, match="PIN source"):
        load_secret_key(token_uri.replace("env:TEST_PIN", "1234"))
