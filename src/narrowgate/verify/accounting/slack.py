"""How far a reader can move one withheld number of a table without touching what is published: a flow in a network.

A table whose rows form a tree and whose columns are summed once is a network (Cox, *Network models for complementary
cell suppression*, Journal of the American Statistical Association 90, 1995): each cell is an arc, each equation between
cells a node. A number can rise by ``t`` exactly if ``t`` can flow from the end of its arc back to its beginning over
arcs of other withheld numbers; and what can flow, can flow in whole numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Final

from narrowgate.verify.accounting.table import YEAR, Cell, Place, YearTable

Node = tuple[str, Place, str]
_TOP: Final[Node] = ("top", Place(), "")
_ENDLESS: Final = 1 << 60


class Slack:
    """What of one count is withheld, and how far it can move.

    Args:
        table: of the year.
        count: name of the count.
        withheld: every cell whose numbers are not published; those of the year's column are among them as long as no
            sum of the year is published.
    """

    def __init__(self, table: YearTable, count: str, withheld: Collection[Cell]) -> None:
        self._arcs: dict[Cell, tuple[Node, Node]] = {}
        self._room: dict[Cell, tuple[int, int]] = {}
        self._at: dict[Node, list[tuple[Cell, bool]]] = {}
        for cell in withheld:
            tail, head = _ends(cell)
            value = table.value(count, cell)
            # A line that is withheld is not empty, and stays so if its positive counts stay positive.
            kept = 0 if value is None else max(value - (1 if cell.place.statute else 0), 0)
            self._arcs[cell] = (tail, head)
            self._room[cell] = (kept, _ENDLESS)
            self._at.setdefault(tail, []).append((cell, True))
            self._at.setdefault(head, []).append((cell, False))

    def can_rise(self, cell: Cell, by: int) -> bool:
        """Whether everything published fits a table in which the number of the withheld cell is larger by ``by``."""
        tail, head = self._arcs[cell]
        return self._flow(cell, head, tail, by) >= by

    def can_fall(self, cell: Cell, by: int) -> bool:
        """Whether everything published fits a table in which it is smaller by ``by``."""
        tail, head = self._arcs[cell]
        return self._room[cell][0] >= by and self._flow(cell, tail, head, by) >= by

    def _flow(self, without: Cell, start: Node, end: Node, enough: int) -> int:
        """How much can flow from ``start`` to ``end``, at most ``enough``, in whole numbers."""
        moved: dict[Cell, int] = {}
        total = 0
        while total < enough:
            path = self._path(without, start, end, moved)
            if not path:
                break
            amount = min(enough - total, *(self._left(cell, up, moved) for cell, up in path))
            for cell, up in path:
                moved[cell] = moved.get(cell, 0) + (amount if up else -amount)
            total += amount
        return total

    def _left(self, cell: Cell, up: bool, moved: dict[Cell, int]) -> int:
        down, rise = self._room[cell]
        return rise - moved.get(cell, 0) if up else down + moved.get(cell, 0)

    def _path(self, without: Cell, start: Node, end: Node, moved: dict[Cell, int]) -> list[tuple[Cell, bool]]:
        """A shortest way on which something can flow; empty where there is none."""
        came: dict[Node, tuple[Node, Cell, bool]] = {}
        waiting = deque([start])
        seen = {start}
        while waiting and end not in seen:
            node = waiting.popleft()
            for cell, leaves in self._at.get(node, ()):
                tail, head = self._arcs[cell]
                following = head if leaves else tail
                if cell != without and following not in seen and self._left(cell, leaves, moved) > 0:
                    seen.add(following)
                    came[following] = (node, cell, leaves)
                    waiting.append(following)
        path: list[tuple[Cell, bool]] = []
        node = end
        while node != start and node in came:
            node, cell, leaves = came[node]
            path.append((cell, leaves))
        return path


def _ends(cell: Cell) -> tuple[Node, Node]:
    """From which equation to which the arc of a cell leads: up the tree in a month, down it in the year's column."""
    below: Node = ("row", cell.place, "") if cell.place.statute else ("sum", cell.place, cell.column)
    parent = cell.place.parent
    above: Node = _TOP if parent is None else ("sum", parent, cell.column)
    return (above, below) if cell.column == YEAR else (below, above)
