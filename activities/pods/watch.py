"""One watch for all pods of a namespace, which reports changes to each pod's workflow."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Protocol, TypeAlias

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.core.cancellation import Heartbeat
from activities.kubernetes.port import GoneError, ObjectApi
from activities.pods.port import NamespaceWatch
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.pods import status as pod
from domain.pods.manifest import OURS, WORKFLOW
from domain.pods.status import Nodes, PodPhase, PodStatus

IDLE_S = 30.0
NODES_S = 5.0
WATCH_S = 60
TOGETHER_S = 0.1
"""Changes within this time are reported together."""
AT_ONCE = 32
"""Limit of parallel reports."""
GIVE_UP = 20
"""Tries, a few seconds apart."""
POLL_S = 0.5
"""Pause before a stream is retried."""


class PodApi(ObjectApi, Protocol):
    """The additional API calls for pods."""

    def watch_pods(self, namespace: str, labels: str, version: str, timeout_s: int) -> Iterable[tuple[str, Object]]:
        """Pairs of event type and pod from a resource version on; ends after `timeout_s` seconds."""
        ...

    def logs(self, namespace: str, pod: str, container: str) -> str:
        """All output of a container, each line with its time."""
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
    """The cluster's nodes, as the domain needs them."""
    return pod.nodes_of(api.items("v1", "Node"))


@dataclass(frozen=True)
class Listed:
    """All pods there are, and the version from which the stream goes on."""

    pods: Sequence[Object]
    version: str


@dataclass(frozen=True)
class Known:
    """Pods that were told about before; what is new of them, the stream tells from the version on."""

    pods: Sequence[Object]


@dataclass(frozen=True)
class Change:
    """`kind`: ADDED, MODIFIED, DELETED or BOOKMARK."""

    kind: str
    pod: Object


@dataclass(frozen=True)
class Kept:
    """An end that was held until its logs were kept."""

    workflow: str
    seen: PodStatus


class EndsPort(Protocol):
    """Holds ends of pods back while their logs are kept; implemented in ends.py."""

    def holds(self, found: Object, seen: PodStatus, tell: Callable[[PodStatus], None]) -> bool:
        """Whether `tell` is called later with this end."""
        ...

    def told(self, uid: str) -> None:
        """Its workflow knows."""
        ...


Event: TypeAlias = Listed | Known | Change | Kept | SluicewayError
"""What the stream's thread says; an error: it is tried again."""


class _OverError(Exception):
    """The cluster has been away for long: workflows that wait for its pods start another watch."""


@dataclass
class Watcher:
    """One stream for all pods of a namespace, and a check of the nodes every few seconds."""

    api: PodApi
    namespace: str
    client: Client
    _: KW_ONLY
    ends: EndsPort | None = None
    version: str = ""
    """Resource versions: read, then processed, then fully reported."""
    heard_to: str = ""
    told_to: str = ""
    nodes: Nodes = Nodes()
    told: int = 0
    due: dict[str, list[PodStatus]] = field(default_factory=dict)
    """By workflow id."""
    pods: dict[str, Object] = field(default_factory=dict)
    last: dict[str, PodStatus] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    """UIDs of pods whose ends are not told yet: a retry goes on from before them."""
    _events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    _quiet_since: float = 0.0

    async def run(self, version: str) -> int:
        """Reports events from a resource version on; empty: from a fresh list. Returns the number of reports."""
        self.heard_to = self.told_to = version
        events = self._events
        loop = asyncio.get_running_loop()
        ended = False

        def say(event: Event) -> None:
            with contextlib.suppress(RuntimeError):  # the worker stops
                loop.call_soon_threadsafe(events.put_nowait, event)

        def read() -> None:
            self.version = version
            while not ended:
                try:
                    self._stream(say)
                except SluicewayError as broken:
                    self.version = ""  # too old, or the server was away: list again
                    say(broken)
                    time.sleep(POLL_S)

        # a separate thread: it runs for days, and the pool is small
        threading.Thread(target=read, name=f"watch-{self.namespace}", daemon=True).start()
        try:
            async with Heartbeat(lambda: self.told_to):
                return await self._tell(events)
        except _OverError:
            return self.told
        finally:
            ended = True

    def _stream(self, say: Callable[[Event], None]) -> None:
        if not self.version:
            found, self.version = self.api.items_at("v1", "Pod", self.namespace, labels=OURS)
            say(Listed(found, self.version))
        elif not self.pods:
            say(Known(self.api.items_at("v1", "Pod", self.namespace, labels=OURS)[0]))
        for kind, what in self.api.watch_pods(self.namespace, OURS, self.version, WATCH_S):
            if kind == "ERROR":
                raise GoneError("SLW943", "the watch ended", why=Node(what)["message"].text())
            self.version = _version(what)
            say(Change(kind, what))

    def wanted(self) -> None:
        """A pod needs the watch: it continues for a while, even without pods."""
        self._quiet_since = time.monotonic()

    async def _tell(self, events: asyncio.Queue[Event]) -> int:
        self.wanted()
        nodes_at = 0.0
        while time.monotonic() - self._quiet_since < IDLE_S:
            if time.monotonic() >= nodes_at:
                await self._nodes()
                nodes_at = time.monotonic() + NODES_S
            for event in await _together(events):
                await self._one(event)
            await self._send()
            if self.pods:
                self.wanted()
        return self.told

    async def _one(self, event: Event) -> None:
        match event:
            case Listed(found, version):
                self.heard_to = version
                there = {metadata.uid(one) for one in found}
                for uid in [uid for uid in self.pods if uid not in there]:
                    self._gone(self.pods[uid])
                for one in found:
                    self._now(one)
            case Known(found):
                self.pods |= {metadata.uid(one): one for one in found}
            case Change(kind, one):
                if kind in ("ADDED", "MODIFIED"):
                    self._now(one)
                elif kind == "DELETED":
                    self._gone(one)
                self.heard_to = _version(one)
            case Kept(workflow, seen):
                self.due.setdefault(workflow, []).append(seen)
            case SluicewayError():
                await self._trouble(event)

    async def _trouble(self, broken: SluicewayError) -> None:
        """A retry reads the kubeconfig again: the name may belong to another cluster by now.

        It continues from the last report, so nothing is missed; or lists again, when the server no longer has that
        resource version.
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
            return  # the stream handles an unreachable server
        if found != self.nodes:
            self.nodes = found
            for one in list(self.pods.values()):
                self._now(one)

    def _now(self, one: Object) -> None:
        self.pods[metadata.uid(one)] = one
        self._note(one, pod.status_of(one, self.nodes))

    def _gone(self, one: Object) -> None:
        uid = metadata.uid(one)
        self._note(one, PodStatus(PodPhase.GONE, uid=uid))
        self.pods.pop(uid, None)
        self.last.pop(uid, None)

    def _note(self, one: Object, seen: PodStatus) -> None:
        """Queues what its workflow must hear."""
        workflow_id = metadata.annotations(one).get(WORKFLOW, "")
        if workflow_id and pod.should_notify(self.last.get(seen.uid), seen):
            self.last[seen.uid] = seen
            seen = replace(seen, at=time.time())
            if self.ends and self.ends.holds(one, seen, lambda kept: self._events.put_nowait(Kept(workflow_id, kept))):
                self.held.add(seen.uid)
            else:
                self.due.setdefault(workflow_id, []).append(seen)

    async def _send(self) -> None:
        """Sends all queued reports in parallel, one message per workflow."""
        due, self.due = list(self.due.items()), {}
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._signal(*one) for one in due[start : start + AT_ONCE]))
        if not self.held:
            self.told_to = self.heard_to

    async def _signal(self, workflow_id: str, sightings: list[PodStatus]) -> None:
        try:
            await self.client.get_workflow_handle(workflow_id).signal("sightings", sightings)
            self.told += len(sightings)
            self._heard_out(sightings)
        except RPCError as ended:
            if ended.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._heard_out(sightings)

    def _heard_out(self, sightings: Sequence[PodStatus]) -> None:
        for one in sightings:
            if self.ends and one.phase in pod.ENDED:
                self.held.discard(one.uid)
                self.ends.told(one.uid)


def _version(one: Object) -> str:
    return Node(one).at("metadata", "resourceVersion").text()


async def _together(events: asyncio.Queue[Event]) -> list[Event]:
    """Collects what arrives shortly after the first event."""
    try:
        first = await asyncio.wait_for(events.get(), timeout=0.5)
    except TimeoutError:
        return []
    await asyncio.sleep(TOGETHER_S)
    return [first, *(events.get_nowait() for _ in range(events.qsize()))]
