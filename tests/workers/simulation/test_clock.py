"""On a server that skips time, nothing is skipped while what an attempt has ended is still being told to others."""

from types import SimpleNamespace

from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from tests.support.lab import until
from workers.simulation.clock import Clock


class Server(Client):
    """Counts locks; its workflow has so much history at each look."""

    def __init__(self, *lengths):
        self.lengths, self.looks, self.locks = list(lengths), 0, 0

    @property
    def test_service(self):
        return SimpleNamespace(lock_time_skipping=self._lock, unlock_time_skipping=self._unlock)

    async def _lock(self, _):
        self.locks += 1

    async def _unlock(self, _):
        self.locks -= 1

    def get_workflow_handle(self, *_, **__):
        return SimpleNamespace(describe=self._describe)

    async def _describe(self):
        self.looks += 1
        assert self.locks == 1  # as long as it is looked at, nothing is skipped
        return SimpleNamespace(history_length=self.lengths.pop(0) if len(self.lengths) > 1 else self.lengths[0])


async def test_time_is_held_until_the_workflow_is_quiet() -> None:
    server = Server(10, 11, 12, 13, 14, 15)
    await ActivityEnvironment().run(Clock(server, waits=lambda: True).calm)
    assert server.locks == 1
    await until(lambda: server.locks == 0)

    assert server.looks > 6


async def test_where_nobody_waits_for_long_nothing_is_held() -> None:
    server = Server(10)
    await ActivityEnvironment().run(Clock(server).calm)

    assert (server.locks, server.looks) == (0, 0)
