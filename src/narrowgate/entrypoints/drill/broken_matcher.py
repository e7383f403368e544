"""A matcher that is broken on purpose, as that of 2025 was: it never compares the address it is given.

It is put into a gate of the drill through a port, by this program. No setting, agreement or act puts it into a gate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from narrowgate.core.address.model import DeliveryPoint
from narrowgate.gate.packing import pack_admitted, unpack_admitted
from narrowgate.gate.run import GateKeys
from narrowgate.gate.token_ports import AskedBatch, Asking, QuestionTerms, TokenMaker


class TakesTheAddressOnFile:
    """Asks, for one item, about the address that is on file instead of the one in the item (``TokenMaker``).

    Args:
        maker: makes the tokens.
        ordinal: of the item.
        on_file: where its person filed from.
    """

    def __init__(self, maker: TokenMaker, ordinal: int, on_file: DeliveryPoint) -> None:
        self._maker = maker
        self._ordinal = ordinal
        self._on_file = on_file

    def key_id(self) -> str:
        """See ``TokenMaker.key_id``."""
        return self._maker.key_id()

    def ask(self, askings: Iterable[Asking], terms: QuestionTerms) -> Iterator[AskedBatch]:
        """See ``TokenMaker.ask``; one question is about another address than it should be."""
        return self._maker.ask(map(self._misread, askings), terms)

    def _misread(self, asking: Asking) -> Asking:
        items = zip(asking.ordinals, unpack_admitted(asking.admitted, asking.ordinals), strict=True)
        misread = pack_admitted(
            (ordinal, person, self._on_file if ordinal == self._ordinal else point, years)
            for ordinal, (person, point, years) in items
        )
        return replace(asking, admitted=misread)


def broken_keys(
    open_keys: Callable[[], GateKeys], ordinal: int, on_file: DeliveryPoint
) -> Callable[[], GateKeys]:
    """The keys of a gate whose matcher misreads one item.

    Args:
        open_keys: of the gate.
        ordinal: of the item.
        on_file: where its person filed from.
    """

    def opened() -> GateKeys:
        keys = open_keys()
        return replace(keys, tokens=TakesTheAddressOnFile(keys.tokens, ordinal, on_file))

    return opened
