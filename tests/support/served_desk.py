"""A desk over the files of a sandbox world, served as ``narrowgate desk`` serves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from narrowgate.adapters.clock import SystemClock
from narrowgate.adapters.entropy import SystemEntropy
from narrowgate.entrypoints.web.desk.application import desk
from narrowgate.entrypoints.web.desk.settings import DeskSettings
from narrowgate.entrypoints.web.kit.one_time_link import Link
from narrowgate.entrypoints.web.kit.serve import listening, origin_of, serving


@dataclass
class ServedDesk:
    """A desk, where it is, and what is closed with it."""

    settings: DeskSettings
    link: Link
    origin: str
    closed_at_the_end: ExitStack

    def client(self) -> httpx.Client:
        """A program that opened the link."""
        client = self.closed_at_the_end.enter_context(
            httpx.Client(base_url=self.origin, headers={"Origin": self.origin}, timeout=60)
        )
        assert client.get(self.link.url).status_code == 303
        return client

    def post(self, client: httpx.Client, path: str, **sent: Any) -> httpx.Response:
        """Send a form with the session's token."""
        data = {"form_token": self.link.form_token} | sent.pop("data", {})
        return client.post(path, data=data, **sent)


@contextmanager
def served_desk(home: Path, scratch: Path, **changed: Any) -> Iterator[ServedDesk]:
    """The desk of the requester in a world: its agreement, register, root, packages, answers and log key."""
    world = home / "world"
    scratch.mkdir()
    settings = replace(
        DeskSettings(
            agreement=world / "agreement.toml",
            packages=home / "packages",
            scratch=scratch,
            clock=SystemClock(),
            entropy=SystemEntropy(),
            officers=world / "officers" / "officers.csv",
            root=world / "governance" / "root.pem",
            log_key=world / "log" / "log.vkey",
            answers=world / "answers",
        ),
        **changed,
    )
    settings.packages.mkdir(exist_ok=True)
    with ExitStack() as stack:
        waiting = listening()
        app, link = desk(settings, origin_of(waiting))
        origin = stack.enter_context(serving(app, waiting))
        yield ServedDesk(settings, link, origin, stack)
