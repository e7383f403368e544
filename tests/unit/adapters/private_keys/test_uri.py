"""PKCS#11 URIs: what is printed is read again, and what is not safe or not known is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrowgate.adapters.private_keys.uri import TokenUri, is_token_uri, parse_token_uri
from narrowgate.core.base.errors import ConfigurationError

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
uris = st.builds(
    TokenUri,
    token=texts,
    serial=texts,
    manufacturer=texts,
    model=texts,
    slot=st.none() | st.integers(0, 2**63),
    label=texts,
    identifier=st.none() | st.binary(min_size=1),
    kind=st.sampled_from([None, "private", "cert"]),
    module=st.sampled_from([None, "/usr/lib/a module.so"]),
)


@given(uris)
def test_a_uri_that_is_printed_names_the_same_object_when_it_is_read(uri: TokenUri) -> None:
    assert parse_token_uri(str(uri)) == uri


@given(st.text())
def test_any_text_is_read_or_refused_in_our_own_words(text: str) -> None:
    with contextlib.suppress(ConfigurationError):
        assert is_token_uri(str(parse_token_uri("pkcs11:" + text)))


def test_what_p11tool_prints_is_understood() -> None:
    uri = parse_token_uri(
        "pkcs11:model=PKCS%2315%20emulated;manufacturer=piv_II;serial=0123;token=A.%20CARD;id=%02;object=SIGN%20key;"
        "type=private"
    )
    assert (uri.token, uri.label, uri.identifier) == ("A. CARD", "SIGN key", b"\x02")


def test_the_place_of_a_pin_is_not_printed() -> None:
    assert "secret" not in str(parse_token_uri("pkcs11:token=a?pin-source=file:/secret"))


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:token=a;token=b",
        "pkcs11:colour=red",
        "pkcs11:token",
        "pkcs11:token=%ff",
        "pkcs11:token=a%00b",
        "pkcs11:type=data",
        "pkcs11:slot-id=one",
        "pkcs11:token=a?module-name=opensc",
        "pkcs11:token=a?module-path=relative.so",
        "pkcs11:token=a#part",
    ],
)
def test_what_is_not_known_or_not_safe_is_refused(uri: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_token_uri(uri)


def test_a_path_is_no_uri() -> None:
    assert not is_token_uri("keys/pkcs11.pem")
    assert is_token_uri("PKCS11:token=a")
