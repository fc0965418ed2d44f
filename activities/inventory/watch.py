"""Watches one cluster: every kind is listed and followed, its API server is asked how it is, and what is lost is told.

A session is a time in which the server answers. It ends as soon as one request finds it away; the next one goes on from
the versions that were heard. Until then the rows stay, and the cluster grows stale.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any

import msgspec

from activities.inventory.certificates import certificates
from activities.inventory.connection import AwayError, BusyError, Connection, RefusedKindError, TooLargeError
from activities.inventory.decoding import Decoder, decoder_of
from activities.inventory.following import PAGE, Following, jittered
from activities.inventory.gathered import TOGETHER_S, Gathered
from activities.inventory.port import InventoryWriter
from activities.inventory.sinks import ObjectSink, Surroundings, WarningSink
from activities.kubernetes.client import Kube
from activities.kubernetes.port import GoneError
from domain.core.errors import SluicewayError
from domain.inventory.model import Certificate, WatchRow
from domain.inventory.rows import READERS
from domain.inventory.scene import Scene
from domain.inventory.shapes import Event
from domain.inventory.texts import clean, sentence

PULSE_S = 10.0
"""How often the server is asked how it is; a row older than `FRESH_S` of the model is stale."""
ANSWER_S = 10.0
"""What its version may take: longer, and nobody knows how it is."""
FIRST_S, LONGEST_S = 1.0, 30.0
"""Before the server is asked again after it was away: twice as long each time."""
STEADY_S = 20.0
"""After a session that lasted so long, the first failure is not told yet, and the pauses begin at the first."""
EVENTS = "/api/v1/events"


class _Version(msgspec.Struct, gc=False):
    git_version: str = msgspec.field(default="", name="gitVersion")


class _RenewedError(AwayError):
    """Its kubeconfig was written again: another session begins."""


class ClusterWatch:
    """Of one cluster, in one event loop."""

    def __init__(
        self,
        cluster: str,
        open: Callable[[], Kube],
        writer: InventoryWriter,
        turn: Callable[[], AbstractAsyncContextManager[object]] = nullcontext,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`open` gives the client of the registered access, the same while its kubeconfig is as it was; it raises where
        the cluster is not known any more. `turn` is entered for each page of a list.
        """
        self.cluster, self._open, self._writer, self._sleep = cluster, open, writer, sleep
        self._turn = turn
        self._gathered = Gathered(cluster, writer)
        self._around = Surroundings(self._gathered, Scene(cluster=cluster), unlisted=set(READERS))
        sinks = {kind: ObjectSink(reader, self._around) for kind, reader in READERS.items()}
        self._following = {kind: self._of(sink) for kind, sink in sinks.items()}
        self._pods = sinks["Pod"]
        self._row = WatchRow(cluster=cluster)
        self._certificates: tuple[Certificate, ...] = ()
        self._seen: tuple[bytes, str] = (b"", "")

    def _of(self, sink: ObjectSink) -> Following[Any]:
        decoder: Decoder[Any] = decoder_of(sink.reader.shape)
        made = Following(sink.reader.path, decoder, sink, lambda one: one.metadata)
        made.turn, made.sleep = self._turn, self._sleep
        return made

    async def run(self) -> None:
        """Until it is cancelled.

        Raises:
            NoClusterError: the cluster is not known any more.
            SluicewayError: the records refuse what is written.
        """
        self._gathered.warnings.known(await asyncio.to_thread(self._writer.going, self.cluster))
        await first_of(self._gathered.keep(), self._sessions(), self._telling())

    async def _sessions(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                kube = await asyncio.to_thread(self._opened)
                async with Connection(kube) as api:
                    await self._greet(api)
                    await self._session(api, kube)
            except _RenewedError:
                failures = 0
            except AwayError as broken:
                failures = 1 if time.monotonic() - began > STEADY_S else failures + 1
                if failures > 1:
                    await self._away(broken)
                await self._sleep(jittered(min(FIRST_S * 2.0 ** min(failures - 2, 10), LONGEST_S)))

    def _opened(self) -> Kube:
        try:
            return self._open()
        except OSError as broken:
            raise AwayError("SLW943", "its kubeconfig cannot be read", why=str(broken)[:300]) from broken

    async def _session(self, api: Connection, kube: Kube) -> None:
        """While the server answers.

        Raises:
            AwayError: it does not any more.
        """
        events = Following(EVENTS, decoder_of(Event), WarningSink(self._around), lambda one: one.metadata)
        events.selector, events.sleep = "type!=Normal", self._sleep
        following = [one.follow(api) for kind, one in self._following.items() if kind != "Pod"]
        await first_of(
            *following,
            # who is lost decides how pods are, and a warning is told of what is known
            _after(self._around.nodes_known, self._following["Pod"], api),
            _after(self._around.all_known, events, api),
            self._pulse(api, kube),
            self._look_again(api),
        )

    async def _pulse(self, api: Connection, kube: Kube) -> None:
        while True:
            await self._sleep(PULSE_S)
            self._gathered.look(time.time())
            if await asyncio.to_thread(self._opened) is not kube:
                raise _RenewedError("SLW943", "its kubeconfig was written again")
            await self._greet(api)

    async def _greet(self, api: Connection) -> None:
        """It answers, so it is heard of.

        Raises:
            AwayError: it does not.
        """
        try:
            body = await api.get("/version", most=100_000, silent_s=ANSWER_S)
            version = clean(msgspec.json.decode(body, type=_Version).git_version, 40)
        except RefusedKindError:
            version = self._row.version  # whoever may not read it, is answered
        except (BusyError, GoneError, TooLargeError, msgspec.DecodeError) as broken:
            raise AwayError("SLW943", "the API server does not say its version", why=str(broken)[:300]) from broken
        certified = self._certificates
        seen = (api.served, api.client_certificate)
        if seen != self._seen:
            certified = await asyncio.to_thread(certificates, *seen)
            self._seen, self._certificates = seen, certified
        self._row = replace(
            self._row, heard_at=time.time(), trouble="", trouble_since=0, version=version, certificates=certified
        )
        await self._write()

    async def _away(self, broken: AwayError) -> None:
        since = self._row.trouble_since or time.time()
        why = f"{broken.what}: {broken.why}".removesuffix(": ")
        self._row = replace(self._row, trouble=sentence(why), trouble_since=since)
        await self._write()

    async def _telling(self) -> None:
        """Tells what is watched, once what was listed is written."""
        while True:
            await self._around.changed.wait()
            self._around.changed.clear()
            await self._gathered.written()
            if self._around.all_known.is_set() and not self._row.synced_at:
                self._row = replace(self._row, synced_at=time.time())
            self._row = replace(self._row, unwatched=dict(self._around.unwatched))
            await self._write()
            await self._sleep(TOGETHER_S)

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(self._writer.heard, self._row)
        except SluicewayError as broken:
            if not broken.transient:  # else the next look writes it
                raise

    async def _look_again(self, api: Connection) -> None:
        """Pods of a node that was lost, or is back, look different although nothing was told of them."""
        while True:
            node = await self._around.again.get()
            try:
                await self._pods_of(node, api)
            except (BusyError, GoneError, TooLargeError):
                self._around.again.put_nowait(node)
                await self._sleep(FIRST_S)
            except RefusedKindError:
                continue

    async def _pods_of(self, node: str, api: Connection) -> None:
        following, sink, go_on = self._following["Pod"], self._pods, ""
        while True:
            query = {"limit": str(PAGE), "fieldSelector": f"spec.nodeName={node}"}
            sink.newer = set()
            try:
                page = await following.page(api, {**query, "continue": go_on} if go_on else query)
                sink.here_as_of(page.items)
            finally:
                sink.newer = None
            go_on = page.go_on
            if not go_on:
                return
            await sink.room()


async def _after(gate: asyncio.Event, one: Following[Any], api: Connection) -> None:
    await gate.wait()
    await one.follow(api)


async def first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Until the first of them ends or fails, which then speaks for all: the others are cancelled, and awaited."""
    tasks = [asyncio.ensure_future(one) for one in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for one in done:
        one.result()
