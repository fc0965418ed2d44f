"""One watch for all pods of a namespace: it tells each pod's workflow what it has to hear."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.kubernetes.port import GoneError, ObjectApi
from activities.pods.port import NamespaceWatch
from domain.core.errors import SluicewayError
from domain.pods import status as pod
from domain.pods.manifest import OURS, WORKFLOW
from domain.pods.status import Nodes, PodPhase, PodStatus

IDLE_S = 30.0
NODES_S = 5.0
WATCH_S = 60
TOGETHER_S = 0.1
"""What a watch sees within that time is told at once."""
AT_ONCE = 32
"""Workflows that are told something at the same time."""
GIVE_UP = 20
"""Tries, a few seconds apart."""
POLL_S = 0.5
"""Before a stream is tried again."""


class PodApi(ObjectApi, Protocol):
    """What pods need besides."""

    def watch_pods(self, namespace: str, labels: str, version: str, timeout_s: int) -> Iterable[Any]:
        """Pairs of event type and pod from a resource version on; ends after `timeout_s` seconds."""
        ...

    def logs(self, namespace: str, pod: str, container: str) -> str:
        """All that a container wrote, each line with its time."""
        ...


async def watch(client: Client, what: NamespaceWatch, queue: str) -> None:
    """Starts the watch of a namespace, or finds it."""
    await client.start_workflow(
        "PodWatch",
        what,
        id=f"pods/{what.cluster}/{what.namespace}",
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=f"watches the pods of {what.namespace} in {what.cluster}",
    )


def nodes(api: PodApi) -> Nodes:
    """One list of the cluster's nodes, as the domain sees them."""
    return pod.nodes_of(api.items("v1", "Node"))


class _OverError(Exception):
    """The cluster has been away for long: workflows that wait for its pods begin another watch."""


@dataclass
class Watcher:
    """One stream for all pods of a namespace, and one look at the nodes every few seconds."""

    api: PodApi
    namespace: str
    client: Client
    version: str = ""
    """Up to which the stream was read; then up to which it was understood; then up to which all of it was told."""
    heard_to: str = ""
    told_to: str = ""
    nodes: Nodes = Nodes()
    told: int = 0
    due: dict[str, list[PodStatus]] = field(default_factory=dict)
    """By the ids of workflows."""
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, PodStatus] = field(default_factory=dict)
    _quiet_since: float = 0.0

    async def run(self, version: str) -> int:
        """Tells what happens from a resource version on; empty: from a fresh list. How much it told."""
        self.heard_to = self.told_to = version
        events: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        ended = False

        def say(kind: str, what: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the worker has ended
                loop.call_soon_threadsafe(events.put_nowait, (kind, what))

        def read() -> None:
            self.version = version
            while not ended:
                try:
                    self._stream(say)
                except SluicewayError as broken:
                    self.version = ""  # too old, or the server was away: what is there is listed again
                    say("TROUBLE", broken)
                    time.sleep(POLL_S)

        # a thread of its own: it lasts for days, and the pool's few are for what is short
        threading.Thread(target=read, name=f"watch-{self.namespace}", daemon=True).start()
        try:
            return await self._tell(events)
        except _OverError:
            return self.told
        finally:
            ended = True

    def _stream(self, say: Callable[[str, Any], None]) -> None:
        if not self.version:
            found, self.version = self.api.items_at("v1", "Pod", self.namespace, labels=OURS)
            say("LIST", (found, self.version))
        elif not self.pods:
            say("KNOWN", self.api.items_at("v1", "Pod", self.namespace, labels=OURS)[0])
        for kind, what in self.api.watch_pods(self.namespace, OURS, self.version, WATCH_S):
            if kind == "ERROR":
                raise GoneError("SLW943", "the watch ended", why=str(what.get("message", "")))
            self.version = str(what["metadata"]["resourceVersion"])
            say(kind, what)

    def wanted(self) -> None:
        """Somebody counts on it: it goes on for a while, pods or none."""
        self._quiet_since = time.monotonic()

    async def _tell(self, events: asyncio.Queue[tuple[str, Any]]) -> int:
        self.wanted()
        nodes_at = 0.0
        while time.monotonic() - self._quiet_since < IDLE_S:
            activity.heartbeat(self.told_to)
            if time.monotonic() >= nodes_at:
                await self._nodes()
                nodes_at = time.monotonic() + NODES_S
            for kind, what in await _together(events):
                await self._one(kind, what)
            await self._send()
            if self.pods:
                self.wanted()
        return self.told

    async def _one(self, kind: str, what: Any) -> None:
        if kind == "LIST":
            found, self.heard_to = what
            there = {one["metadata"]["uid"]: one for one in found}
            for uid in [uid for uid in self.pods if uid not in there]:
                self._gone(self.pods[uid])
            for one in found:
                self._now(one)
        elif kind == "KNOWN":  # what is new of them, the stream tells from the version on
            self.pods |= {one["metadata"]["uid"]: one for one in what}
        elif kind in ("ADDED", "MODIFIED"):
            self._now(what)
        elif kind == "TROUBLE":
            await self._trouble(what)
        elif kind == "DELETED":
            self._gone(what)
        if kind in ("ADDED", "MODIFIED", "DELETED", "BOOKMARK"):
            self.heard_to = str(what["metadata"]["resourceVersion"])

    async def _trouble(self, broken: SluicewayError) -> None:
        """The next try reads the kubeconfig again: it may be another cluster of that name by now.

        It goes on from what was told, so that what ended meanwhile is told as well; or lists what is there, where the
        server knows that version no more, as one that was started again.
        """
        await self._send()
        if activity.info().attempt < GIVE_UP:
            activity.heartbeat("" if isinstance(broken, GoneError) else self.told_to)
            raise ApplicationError(str(broken), type=broken.code)
        raise _OverError

    async def _nodes(self) -> None:
        try:
            found = await asyncio.to_thread(nodes, self.api)
        except SluicewayError:
            return  # the stream tells of a server that is away
        if found != self.nodes:
            self.nodes = found
            for one in list(self.pods.values()):
                self._now(one)

    def _now(self, one: dict[str, Any]) -> None:
        self.pods[one["metadata"]["uid"]] = one
        self._note(one, pod.status_of(one, self.nodes))

    def _gone(self, one: dict[str, Any]) -> None:
        uid = str(one["metadata"]["uid"])
        self._note(one, PodStatus(PodPhase.GONE, uid=uid))
        self.pods.pop(uid, None)
        self.last.pop(uid, None)

    def _note(self, one: dict[str, Any], seen: PodStatus) -> None:
        """Keeps for its workflow what it has to hear."""
        workflow_id = (one["metadata"].get("annotations") or {}).get(WORKFLOW, "")
        if workflow_id and pod.should_notify(self.last.get(seen.uid), seen):
            self.last[seen.uid] = seen
            self.due.setdefault(workflow_id, []).append(replace(seen, at=time.time()))

    async def _send(self) -> None:
        """All that is due, to many workflows at once: one message each, however much there is to tell."""
        due, self.due = list(self.due.items()), {}
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._signal(*one) for one in due[start : start + AT_ONCE]))
        self.told_to = self.heard_to

    async def _signal(self, workflow_id: str, sightings: list[PodStatus]) -> None:
        try:
            await self.client.get_workflow_handle(workflow_id).signal("sightings", sightings)
            self.told += len(sightings)
        except RPCError as ended:
            if ended.status is not RPCStatusCode.NOT_FOUND:
                raise


async def _together(events: asyncio.Queue[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """What comes within a moment of the first, if anything comes soon."""
    try:
        first = await asyncio.wait_for(events.get(), timeout=0.5)
    except TimeoutError:
        return []
    await asyncio.sleep(TOGETHER_S)
    return [first, *(events.get_nowait() for _ in range(events.qsize()))]
