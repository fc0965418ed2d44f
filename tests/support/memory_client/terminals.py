"""Exec sessions in memory: the command is an echo."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from activities.pods.recording import Recording
from activities.pods.terminals import MemoryTerminals
from domain.access.actions import Action
from domain.access.resource import cluster_resource
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.exec_session import TICKET_S, ExecTarget, checked
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.on_engine.terminals.exec_live import ExecLive
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.terminals import LEFT, ExecRow, ExecTicket


class MemoryTerminalClient:
    """Implements `Terminals`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def ask(self, target: ExecTarget, reason: str, key: str = "") -> ExecTicket:
        """A ticket."""
        wanted = checked(target)
        if not reason.strip():
            raise DefinitionError("SLW463", "this is no command in a container", why="it needs a reason")
        async with self._guard.use(Action.CLUSTERS_EXEC, cluster_resource(target.cluster), {"reason": reason}):
            return ExecTicket(
                id=f"live-{len(self._world.execs)}",
                secret=self._world.once(key, (wanted, reason), lambda: self._ticket(wanted, reason)),
                expires_at=NOW + TICKET_S,
            )

    def _ticket(self, target: ExecTarget, reason: str) -> str:
        secret = secrets.token_urlsafe(32)
        self._world.tickets[secret] = (self._guard.caller.principal.id, target, reason)
        return secret

    @asynccontextmanager
    async def open(self, ticket: str, columns: int, rows: int) -> AsyncIterator[ExecLive]:
        """Once, for who asked."""
        whose, target, reason = self._world.tickets.pop(ticket, ("", None, ""))
        if target is None or whose != self._guard.caller.principal.id:
            raise RefusedError("SLW465", "the ticket opens no exec session")
        self._guard.need(Action.CLUSTERS_EXEC, cluster_resource(target.cluster))
        row = row_of(f"live-{len(self._world.execs)}", whose, target, reason)
        self._world.execs[row.id] = row
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "s.cast"
            with Recording(path, target.command, target.place, size=(columns, rows)) as recording:
                async with MemoryTerminals().open(target) as terminal:
                    live = ExecLive(row.id, terminal, recording)
                    self._world.lives[row.id] = live
                    terminal.said.put_nowait((1, b"$ "))
                    await live.resize(columns, rows)
                    yield live
            self._world.casts[row.id] = path.read_text()
        end = live.ended
        why, code = (end.why, end.code) if end else (LEFT, None)
        done = replace(row, ended_at=NOW, bytes_in=live.bytes_in, bytes_out=live.bytes_out, why=why, exit_code=code)
        self._world.execs[row.id] = replace(done, recording="0" * 64)

    async def clusters(self) -> tuple[str, ...]:
        """Two."""
        may = self._guard.verdict(Action.CLUSTERS_EXEC, cluster_resource("edge")).allowed
        return ("edge", "production") if may else ()

    async def list(self, page: PageOf, *, running: bool = False) -> Page[ExecRow]:
        """Newest first."""
        rows = [one for one in self._world.execs.values() if not running or one.ended_at is None]
        return listed(rows, lambda row: (row.begun_at, row.id), page, str(running), newest_first=True)

    async def show(self, id_: str) -> ExecRow:
        """Raises SLW464."""
        self._guard.need(Action.CLUSTERS_READ, cluster_resource("edge"))
        if id_ not in self._world.execs:
            raise SluicewayError("SLW464", f"there is no exec session {id_}")
        return self._world.execs[id_]

    async def end(self, id_: str, reason: str, key: str = "") -> ExecRow:
        """Raises SLW462 for one that has ended."""
        row = await self.show(id_)
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(row.cluster), {"reason": reason}):
            if row.ended_at is not None:
                raise RefusedError("SLW462", "the exec session has ended")
            if live := self._world.lives.get(id_):
                live.stop(f"{self._guard.caller.principal.id} has ended it: {reason}")
            self._world.execs[id_] = replace(row, end_by=self._guard.caller.principal.id, ended_at=NOW)
            return self._world.execs[id_]

    async def recording(self, id_: str) -> str:
        """Raises SLW464 where there is none."""
        await self.show(id_)
        if id_ not in self._world.casts:
            raise SluicewayError("SLW464", f"there is no recording of {id_}")
        return self._world.casts[id_]


def row_of(id_: str, whose: str, target: ExecTarget, reason: str) -> ExecRow:
    """One that has just begun."""
    return ExecRow(id=id_, person=whose, principal=whose, reason=reason, begun_at=NOW, **vars(target))


CAST = (
    '{"version": 2, "width": 80, "height": 20, "timestamp": 1800000000, "title": "edge", "command": "sh"}\n'
    '[0.1, "o", "$ "]\n[0.4, "i", "ls"]\n[0.5, "o", "ls\\r\\n\\u001b[32mREADME\\u001b[0m\\r\\n$ "]\n[9.0, "r", "90x20"]\n'
    '[9.5, "o", "\\u001b]0;title\\u0007\\u001b]52;c;eA==\\u0007exit\\r\\n"]\n'
)


def add_execs(world: World) -> None:
    """One that has ended, of a pod with an odd name, and one under way."""
    odd = '"><img src=x onerror=alert(1)>'
    target = ExecTarget(cluster="edge", namespace="default", pod=odd, container="main", command=("sh", "-c", odd))
    row = row_of("s1", "person:bob", target, odd)
    done = replace(row, begun_at=NOW - 600, ended_at=NOW - 500, why=odd, exit_code=0, bytes_out=90, bytes_in=5)
    world.execs["s1"], world.casts["s1"] = replace(done, recording="ab" * 32), CAST
    running = row_of("s2", "person:ann", replace(target, pod="web"), "why is it slow")
    world.execs["s2"] = replace(running, begun_at=NOW - 60)
