"""The fence of a state on a server (``adapters.files.fence.Fence``): an epoch that every transaction looks at.

PostgreSQL gives an advisory lock away when the session that held it is lost, and the holder learns of it when it next
uses that session. So the lock alone stops nobody who is asleep; the row that names the epoch does: whoever takes over
changes it, and whoever commits holds it still meanwhile.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Connection, Engine, cast, event, func, insert, select, text, update

from narrowgate.adapters.files.fence import overtaken
from narrowgate.adapters.state.connection import failing_closed
from narrowgate.adapters.state.tables import WRITER

_PATIENCE: Final = "10s"
"""How long a new holder waits for the last commit of the one before."""

_MILLISECONDS: Final = cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
"""The server's clock: an epoch grows also where the server was put back to a back-up, or a new one takes its place."""


class ServerFence:
    """Made by ``take``, over the connection that holds the lock.

    Args:
        holding: the connection.
        epoch: greater than that of every holder before.
    """

    def __init__(self, holding: Connection, epoch: int) -> None:
        self._holding = holding
        self._epoch = epoch

    @classmethod
    def take(cls, engine: Engine, holding: Connection) -> ServerFence:
        """The fence of whoever holds the lock now; no transaction of any holder before is committed from here on.

        Args:
            engine: of the state; none of its transactions is committed once the lock is lost.
            holding: the connection that holds the lock.

        Raises:
            UnavailableError: the server cannot be reached, or the last holder is still committing.
        """
        with failing_closed("taking the state over"):
            holding.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
            # The lock keeps two from doing this at once.
            greater = func.greatest(WRITER.c.epoch + 1, _MILLISECONDS)
            changed = update(WRITER).values(epoch=greater).returning(WRITER.c.epoch)
            epoch = holding.execute(changed).scalar_one_or_none()
            if epoch is None:
                first = insert(WRITER).values(only_row=1, epoch=_MILLISECONDS).returning(WRITER.c.epoch)
                epoch = holding.execute(first).scalar_one()
            holding.commit()
        fence = cls(holding, int(epoch))
        event.listen(engine, "commit", fence._look)
        return fence

    @property
    def epoch(self) -> int:
        """See ``Fence.epoch``."""
        return self._epoch

    def authorized(self) -> str | None:
        """See ``Fence.authorized``."""
        with failing_closed("reading the last checkpoint"):
            found = self._holding.execute(select(WRITER.c.checkpoint)).scalar_one()
            self._holding.commit()
        return None if found is None else str(found)

    def authorize(self, checkpoint: str) -> None:
        """See ``Fence.authorize``."""
        change = update(WRITER).where(WRITER.c.epoch == self._epoch).values(checkpoint=checkpoint)
        with failing_closed("allowing a checkpoint"):
            changed = self._holding.execute(change).rowcount
            self._holding.commit()
        if changed != 1:
            raise overtaken()

    def _look(self, committing: Connection) -> None:
        if committing is self._holding:
            return
        self._holding.execute(select(1))
        self._holding.rollback()
        # Held until the commit is done: whoever takes over waits for it, or comes before it and is seen.
        epoch = committing.execute(select(WRITER.c.epoch).with_for_update(read=True)).scalar_one_or_none()
        if epoch != self._epoch:
            raise overtaken()
