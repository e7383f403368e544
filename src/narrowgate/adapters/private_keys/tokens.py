"""Tokens behind PKCS#11 modules: found by URI, opened for one operation, and their errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from narrowgate.adapters.private_keys.uri import TokenUri
from narrowgate.core.base.errors import ConfigurationError, NarrowgateError, OperationalError

if TYPE_CHECKING:
    from narrowgate.adapters.private_keys.port import AskSecret

_USUAL_MODULES = (
    *("p11-kit-proxy.so", "opensc-pkcs11.so"),
    *("pkcs11/opensc-pkcs11.so", "x86_64-linux-gnu/p11-kit-proxy.so", "x86_64-linux-gnu/opensc-pkcs11.so"),
    *("aarch64-linux-gnu/p11-kit-proxy.so", "aarch64-linux-gnu/opensc-pkcs11.so"),
)
"""Below /usr/lib64 and /usr/lib: where Debian and Red Hat put p11-kit (every module of the machine) and OpenSC."""

_GONE = (
    *("DeviceError", "DeviceRemoved", "SessionClosed", "SessionHandleInvalid"),
    *("TokenNotPresent", "TokenNotRecognised"),
)
_HOLD_STILL = "Put it back, leave it in until the command has ended, and run the same command again."


@contextmanager
def token_errors(where: str, doing: str) -> Iterator[None]:
    """What PKCS#11 reports inside becomes one of our errors.

    Args:
        where: the URI, for messages.
        doing: what was not done, such as ``signed``.

    Raises:
        ConfigurationError: the key, the PIN or the token cannot be used as it is.
        OperationalError: the token was taken out, or failed.
    """
    import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load

    try:
        yield
    except pkcs11.PKCS11Error as error:
        raise translated(type(error).__name__, where, doing) from error


def translated(name: str, where: str, doing: str) -> NarrowgateError:
    """The error for what PKCS#11 calls ``name``; nothing the token holds is in it."""
    if name in _GONE:
        return OperationalError(
            "The token was taken out, or its reader lost it.",
            why=f"Nothing was {doing}. PKCS#11 says: {name}.",
            next_step=_HOLD_STILL,
            where=where,
        )
    if name == "PinLocked":
        return locked(where)
    if name in ("PinExpired", "UserPinNotInitialized"):
        return ConfigurationError(
            "The token has no PIN that holds.",
            why="It was never set, or it has expired.",
            next_step="Have it set at the office that issued the card.",
            where=where,
        )
    if name in ("MechanismInvalid", "MechanismParamInvalid", "KeyTypeInconsistent", "KeySizeRange"):
        return ConfigurationError(
            "The token cannot use the key in this way.",
            why=f"PKCS#11 says: {name}.",
            next_step="Use a card with an RSA key of 2,048 bits or more, or one on P-256 or P-384.",
            where=where,
        )
    return OperationalError(
        "The token failed.",
        why=f"Nothing was {doing}. PKCS#11 says: {name}.",
        next_step="Take the card out, put it in again, and run the same command again; "
        "then look at the module with 'pkcs11-tool --list-objects'.",
        where=where,
    )


def locked(where: str) -> ConfigurationError:
    """The error for a token that takes no PIN any more."""
    return ConfigurationError(
        "The PIN of the token is locked.",
        why="It was typed wrong too often.",
        next_step="Have it unblocked (PUK) at the office that issued the card; another card needs an amendment.",
        where=where,
    )


def load_module(uri: TokenUri) -> Any:
    """The PKCS#11 module that the URI names, or the first of the usual ones that this machine has.

    Raises:
        ConfigurationError: python-pkcs11 or the module is missing, or the file is no PKCS#11 module.
    """
    try:
        import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load
    except ImportError as error:
        raise ConfigurationError(
            "PKCS#11 support is not installed.",
            next_step="Install it with: pip install 'narrowgate[pkcs11]'",
            where=str(uri),
        ) from error
    path = uri.module or _usual_module(uri)
    if not Path(path).is_file():
        raise ConfigurationError(
            "The PKCS#11 module is missing.",
            why="There is no such file on this machine.",
            next_step="Install OpenSC (or the module of the card's maker) and name its path: 'narrowgate docs piv'.",
            where=path,
        )
    try:
        return pkcs11.lib(path)
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise ConfigurationError(
            "The file is no PKCS#11 module that works here.",
            why=f"Loading it failed ({type(error).__name__}).",
            next_step="Name the module of the card as module-path; 'pkcs11-tool --module PATH -L' must list tokens.",
            where=path,
        ) from error


def _usual_module(uri: TokenUri) -> str:
    for directory in ("/usr/lib64", "/usr/lib", "/usr/local/lib"):
        for name in _USUAL_MODULES:
            if (path := Path(directory) / name).is_file():
                return str(path)
    raise ConfigurationError(
        "No PKCS#11 module is named, and none is where OpenSC and p11-kit usually are.",
        next_step="Install OpenSC, or name the module: ?module-path=PATH in the URI, --module PATH of 'key list'.",
        where="" if uri == TokenUri() else str(uri),
    )


def present_tokens(module: Any) -> list[Any]:
    """The initialised tokens that are in a reader now."""
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an optional extra, and slow to load

    return [each for each in module.get_tokens() if each.flags & TokenFlag.TOKEN_INITIALIZED]


def find_token(uri: TokenUri) -> Any:
    """The one token that the URI names.

    Raises:
        ConfigurationError: there is none, or there are several; or the module cannot be used.
        OperationalError: the module failed.
    """
    module = load_module(uri)
    where = str(uri)
    with token_errors(where, "opened"):
        tokens = present_tokens(module)
    found = [each for each in tokens if _is_named(each, uri)]
    if len(found) == 1:
        return found[0]
    labels = ", ".join(sorted(f"'{each.label}'" for each in tokens))
    if found:
        raise ConfigurationError(
            "Several tokens fit the PKCS#11 URI.",
            why=f"{len(found)} of those in the readers do: {labels}.",
            next_step="Add serial=... as 'narrowgate key list' prints it, or take the other cards out.",
            where=where,
        )
    raise ConfigurationError(
        "No token fits the PKCS#11 URI." if tokens else "There is no token.",
        why=f"In the readers are: {labels}." if tokens else "No reader of this module has a card in it.",
        next_step="Put the card in, or take the URI that 'narrowgate key list' prints.",
        where=where,
    )


def _is_named(token: Any, uri: TokenUri) -> bool:
    pairs: tuple[tuple[object, object], ...] = (
        (uri.token, token.label.strip()),
        (uri.serial, serial_of(token)),
        (uri.manufacturer, token.manufacturer_id.strip()),
        (uri.model, token.model.strip()),
        (uri.slot, token.slot.slot_id),
    )
    return all(wanted is None or wanted == actual for wanted, actual in pairs)


def serial_of(token: Any) -> str:
    """The serial number of a token; empty where it has none."""
    return str(token.serial.decode("utf-8", "replace").strip("\0 ")) if token.serial else ""


@contextmanager
def public_session(token: Any, where: str) -> Iterator[Any]:
    """A session without a PIN: certificates and public keys can be seen, private keys not."""
    with token_errors(where, "read"), token.open() as session:
        yield session


@contextmanager
def logged_in(token: Any, pin: str, where: str, doing: str) -> Iterator[Any]:
    """A session of the token's user, which ends with the block; the next needs the PIN again.

    Raises:
        ConfigurationError: the PIN is wrong or locked; how many tries are left is said where the token tells.
        OperationalError: the token was taken out, or failed.
    """
    import pkcs11  # noqa: PLC0415 - an optional extra, and slow to load

    with token_errors(where, doing):
        try:
            with token.open(user_pin=pin) as session:
                yield session
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
            raise wrong_pin(token.slot.get_token().flags, where, doing) from error


def wrong_pin(flags: int, where: str, doing: str) -> ConfigurationError:
    """The error for a wrong PIN, with the tries that are left as far as the token tells.

    Source: PKCS#11 v3.1 section 3.2, token information flags: a token tells that one try is left or that a wrong PIN
    was typed, never a number.
    """
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an optional extra, and slow to load

    if flags & TokenFlag.USER_PIN_LOCKED:
        return locked(where)
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        left = "One try is left before the token locks itself."
    elif flags & TokenFlag.USER_PIN_COUNT_LOW:
        left = "After a few wrong ones in a row (PIV cards: often three) the token locks itself."
    else:
        left = "The token does not say how many tries are left."
    return ConfigurationError(
        "The PIN is wrong.",
        why=f"Nothing was {doing}. {left}",
        next_step="Make sure that it is the PIN of this card, and run the same command again.",
        where=where,
    )


def pin_for(
    token: Any, uri: TokenUri, doing: str, ask: AskSecret | None, read: Callable[[str, str], str] | None
) -> str:
    """The PIN for one operation: out of the file that the URI names, or typed by a person.

    Args:
        token: whose PIN it is.
        uri: names the source, or none.
        doing: what the PIN is for, such as ``sign``.
        ask: asks a person; None where nobody can be asked.
        read: reads a secret from ``file:PATH``, which the second argument names; None where a person is asked.

    Raises:
        ConfigurationError: the PIN is locked, its source cannot be used, nobody can be asked, or nothing was typed.
    """
    from pkcs11 import TokenFlag  # noqa: PLC0415 - an optional extra, and slow to load

    where = str(uri)
    with token_errors(where, "opened"):
        flags = token.slot.get_token().flags
    if flags & TokenFlag.USER_PIN_LOCKED:
        raise locked(where)
    if uri.pin_source is not None and read is not None:
        if not uri.pin_source.startswith("file:"):
            raise ConfigurationError(
                "The PIN of a person's token comes from a file or from the keyboard.",
                why="An environment variable can be read by every process of the same user, and is handed on.",
                next_step="Leave pin-source out and type the PIN, or write pin-source=file:PATH.",
                where=where,
            )
        return read(uri.pin_source, "PIN source")
    if ask is None:
        raise ConfigurationError(
            "The token needs a PIN, and nobody can be asked for it here.",
            next_step="Run the command in a terminal, or add pin-source=file:PATH to the URI.",
            where=where,
        )
    last = " (one try is left before it locks)" if flags & TokenFlag.USER_PIN_FINAL_TRY else ""
    pin = ask(f"PIN of the token '{token.label.strip()}', to {doing}{last}")
    if not pin:
        raise ConfigurationError(
            "No PIN was typed.",
            why="The token was not told anything, so no try is lost.",
            next_step="Run the same command again and type the PIN.",
            where=where,
        )
    return pin
