"""A store in memory, for tests and simulations. It can be told to be away, or to refuse."""

from __future__ import annotations

from activities.secrets.port import REFUSED, UNAVAILABLE, absent, usable
from domain.core.errors import SluicewayError


class MemorySecrets:
    """`away`, `refuses`: as a server that does not answer, or does not accept the worker."""

    where = "memory"

    def __init__(self, **values: str) -> None:
        self.values = {name.replace("_", "-"): value for name, value in values.items()}
        self.away = self.refuses = False

    def read(self, name: str) -> str:
        if self.away:
            raise SluicewayError(UNAVAILABLE, f"secret {name} cannot be read", why="the store is away", transient=True)
        if self.refuses:
            raise SluicewayError(REFUSED, f"secret {name} cannot be read", why="the store refuses the worker")
        if name not in self.values:
            raise absent(name, self.where)
        return usable(name, self.values[name].encode())

    def write(self, name: str, value: str) -> None:
        self.values[name] = usable(name, value.encode())

    def remove(self, name: str) -> None:
        self.values.pop(name, None)

    def names(self) -> list[str]:
        return sorted(self.values)
