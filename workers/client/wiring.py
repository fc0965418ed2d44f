"""The clients of one home, in this process: the server asks for its callers, the command line for the owner."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from domain.access.principal import Caller
from domain.core.errors import UnreachableError
from workers.client.client import Engine, connect
from workers.client.ports.client import Client
from workers.core.records import Records, open_records
from workers.core.settings import Settings


class Missing:
    """A feature that is not wired yet."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, verb: str) -> Any:
        raise UnreachableError("SLW902", f"{self._name} cannot be asked here yet")


@dataclass
class Home:
    """One engine's records and its connection, which is made when it is first needed."""

    settings: Settings
    records: Records
    _engine: Engine | None = None
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def engine(self) -> Engine:
        """The same connection for all callers of this process; another attempt after one that failed.

        Raises:
            UnreachableError: SLW901, this home has no engine; SLW902, it does not answer.
        """
        async with self._connecting:
            if self._engine is None:
                self._engine = await connect(self.settings)
        return self._engine

    async def client(self, caller: Caller) -> Client:
        """All features, as this caller may use them."""
        names = ("runs", "approvals", "releases", "findings", "definitions", "access", "audit")
        return Client(**{name: Missing(name) for name in names})


def open_home(settings: Settings) -> Home:
    """Opens the records. Raises like `open_records`."""
    return Home(settings, open_records(settings))
