"""Pods of any cluster: created once, watched per namespace, explained while they wait, removed with their logs kept."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.access import Access
from activities.kube_port import ObjectApi
from activities.stopping import in_thread
from activities.store import Store
from domain import pod
from domain.errors import SluicewayError
from domain.pod import Nodes, PodPhase, PodSeen

IDLE_S = 30.0
NODES_S = 5.0
WATCH_S = 60
GONE_S = 60.0
POLL_S = 0.1
TOGETHER_S = 0.1
"""What a watch sees within that time is told at once."""
AT_ONCE = 32
"""Workflows that are told something at the same time."""
GIVE_UP = 20
"""Tries, a few seconds apart."""
NOT_YET = "error looking up service account"
"""Said of a namespace that was made a moment ago."""
MAX_LOG_BYTES = 64_000_000


class PodApi(ObjectApi, Protocol):
    """What pods need besides."""

    def watch_pods(self, namespace: str, labels: str, version: str, timeout_s: int) -> Iterable[Any]: ...
    def logs(self, namespace: str, pod: str, container: str) -> str: ...


@dataclass(frozen=True)
class PodAt:
    """One pod of one cluster."""

    access: Access
    cluster: str
    namespace: str
    name: str
    workflow: str
    """The id of its workflow."""


@dataclass(frozen=True)
class NewPod:
    at: PodAt
    manifest: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Watched:
    access: Access
    cluster: str
    namespace: str


@dataclass(frozen=True)
class Refused:
    """`reason` empty: the pod is there."""

    reason: str = ""
    uid: str = ""


@dataclass(frozen=True)
class Removed:
    """`logs`: digest in the store; empty when there were none, or they are lost: then `gap` says why."""

    logs: str = ""
    gap: str = ""


@dataclass
class PodActivities:
    open: Callable[[Access, str], PodApi]
    """Access and the cluster's name to its API."""
    store: Store
    _watches: dict[Watched, _Watcher] = field(default_factory=dict)
    """Those of this worker."""

    @activity.defn(name="create-pod")
    async def create(self, new: NewPod) -> Refused:
        """Creates the pod or finds it, and sees to it that its namespace is watched. A refusal is a result."""
        at = new.at
        try:
            made = await in_thread(partial(self._create, new))
        except SluicewayError as broken:
            if broken.why[:3] in ("400", "403", "404", "422") and NOT_YET not in broken.why:
                return Refused(pod.refused(broken.why))
            raise ApplicationError(str(broken), type=broken.code) from broken
        if (made["metadata"].get("annotations") or {}).get(pod.WORKFLOW) != at.workflow:
            return Refused(f"there is a pod {at.namespace}/{at.name} already, which is somebody else's")
        await self._see_to_watch(at)
        return Refused(uid=str(made["metadata"]["uid"]))

    def _create(self, new: NewPod) -> dict[str, Any]:
        at, api = new.at, self.open(new.at.access, new.at.cluster)
        made = api.create(pod.owned(new.manifest, at.name, at.namespace, at.workflow))
        if new.files:
            owner = {"apiVersion": "v1", "kind": "Pod", "name": at.name, "uid": made["metadata"]["uid"]}
            meta = {"name": f"{at.name}-files", "namespace": at.namespace, "ownerReferences": [owner]}
            data = pod.file_data(new.files)
            api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data})
        return made

    @activity.defn(name="explain-pod")
    async def explain(self, at: PodAt) -> str:
        """Why it is pending. Also sees to it that somebody watches."""
        await self._see_to_watch(at)
        return await in_thread(partial(self._explain, at))

    def _explain(self, at: PodAt) -> str:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        if found and pod.seen(found).phase is not PodPhase.PENDING:
            return ""
        about = f"involvedObject.name={at.name}"
        events, _ = api.items_at("v1", "Event", at.namespace, fields=about)
        return pod.cause(found, sorted(events, key=_time))

    @activity.defn(name="look-at-pod")
    async def look(self, at: PodAt) -> PodSeen:
        """What it is now. Whoever has to look was told nothing for long: it is seen to that somebody watches."""
        await self._see_to_watch(at)
        return await in_thread(partial(self._look, at))

    def _look(self, at: PodAt) -> PodSeen:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        return pod.seen(found, nodes(api)) if found else PodSeen(PodPhase.GONE)

    @activity.defn(name="node-exists")
    async def node_exists(self, at: PodAt, node: str) -> bool:
        """Whether the node is there that the pod was placed on: another one of that name is another one."""
        return await in_thread(partial(self._node_exists, at, node))

    def _node_exists(self, at: PodAt, node: str) -> bool:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace) or {"metadata": {}}
        known = nodes(api)
        placed = str(found["metadata"].get("creationTimestamp") or "")
        return node in known.born and not (placed and known.born[node] > placed)

    @activity.defn(name="end-pod")
    async def end(self, at: PodAt) -> None:
        """Asks for its end, politely; its logs stay until they are kept."""
        await in_thread(lambda: self.open(at.access, at.cluster).delete("v1", "Pod", at.name, at.namespace))

    @activity.defn(name="remove-pod")
    async def remove(self, at: PodAt, is_lost: bool) -> Removed:
        """Keeps all logs, then lets the pod go, and waits until it is gone. From a lost node there are none to keep."""
        return await in_thread(partial(self._remove, at, is_lost))

    def _remove(self, at: PodAt, is_lost: bool) -> Removed:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        if found is None:
            return Removed(gap="the pod was removed by somebody else")
        kept = Removed(gap="its node was lost with its logs") if is_lost else self._logs(api, at, found)
        left = [one for one in found["metadata"].get("finalizers") or [] if one != pod.FINALIZER]
        if is_lost or not pod.seen(found).ending:
            api.delete("v1", "Pod", at.name, at.namespace, grace_s=0 if is_lost else None)
        if pod.is_gone(api.patch("v1", "Pod", at.name, {"metadata": {"finalizers": left or None}}, at.namespace)):
            return kept
        deadline = time.monotonic() + GONE_S
        while time.monotonic() < deadline:
            again = api.get("v1", "Pod", at.name, at.namespace)
            if again is None or again["metadata"]["uid"] != found["metadata"]["uid"]:
                return kept
            time.sleep(POLL_S)
        raise SluicewayError("SLW951", f"pod {at.namespace}/{at.name} does not go", why="a finalizer holds it")

    def _logs(self, api: PodApi, at: PodAt, found: dict[str, Any]) -> Removed:
        """Of every container, one after the other, each line with its time."""
        parts: list[str] = []
        gaps: list[str] = []
        spec = found["spec"]
        for one in [*(spec.get("initContainers") or []), *spec["containers"]]:
            try:
                text = api.logs(at.namespace, at.name, one["name"])
            except SluicewayError as broken:
                gaps.append(f"{one['name']}: {broken.why or broken.what}")
                continue
            parts.append(f"== {one['name']}\n{text}" if len(spec["containers"]) > 1 else text)
        data = "".join(parts).encode()[:MAX_LOG_BYTES]
        return Removed(self.store.put(data) if data else "", "; ".join(gaps)[:500])

    @activity.defn(name="watch-pods")
    async def watch(self, what: Watched) -> int:
        """Tells the workflow of each pod of the namespace what changes; ends when there were none for a while.

        Returns how much it told. What it has seen last is in its heartbeats: the next try goes on from there.
        """
        details = activity.info().heartbeat_details
        watcher = _Watcher(self.open(what.access, what.cluster), what.namespace, activity.client())
        self._watches[what] = watcher
        try:
            return await watcher.run(str(details[0]) if details else "")
        finally:
            if self._watches.get(what) is watcher:
                del self._watches[what]

    async def _see_to_watch(self, at: PodAt) -> None:
        """That the pod's namespace is watched. Whether this worker does, Temporal need not be asked."""
        what = Watched(at.access, at.cluster, at.namespace)
        if what in self._watches:
            self._watches[what].wanted()
        else:
            await watch(activity.client(), what, activity.info().task_queue)


async def watch(client: Client, what: Watched, queue: str) -> None:
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
    return pod.nodes_of(api.items("v1", "Node"))


def _time(event: Mapping[str, Any]) -> str:
    return str(event.get("lastTimestamp") or event.get("eventTime") or event["metadata"].get("creationTimestamp") or "")


class _OverError(Exception):
    """The cluster has been away for long: workflows that wait for its pods begin another watch."""


@dataclass
class _Watcher:
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
    due: dict[str, list[PodSeen]] = field(default_factory=dict)
    """By the ids of workflows."""
    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, PodSeen] = field(default_factory=dict)
    _quiet_since: float = 0.0

    async def run(self, version: str) -> int:
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
                    time.sleep(POLL_S * 5)

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
            found, self.version = self.api.items_at("v1", "Pod", self.namespace, labels=pod.OURS)
            say("LIST", (found, self.version))
        elif not self.pods:
            say("KNOWN", self.api.items_at("v1", "Pod", self.namespace, labels=pod.OURS)[0])
        for kind, what in self.api.watch_pods(self.namespace, pod.OURS, self.version, WATCH_S):
            if kind == "ERROR":
                raise SluicewayError("SLW943", "the watch ended", why=str(what.get("message", "")))
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
        """The next try reads the kubeconfig anew: it may be another cluster of that name by now."""
        await self._send()
        if activity.info().attempt < GIVE_UP:
            activity.heartbeat(self.told_to)
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
        self._note(one, pod.seen(one, self.nodes))

    def _gone(self, one: dict[str, Any]) -> None:
        uid = str(one["metadata"]["uid"])
        self._note(one, PodSeen(PodPhase.GONE, uid=uid))
        self.pods.pop(uid, None)
        self.last.pop(uid, None)

    def _note(self, one: dict[str, Any], seen: PodSeen) -> None:
        """Keeps for its workflow what it has to hear."""
        workflow_id = (one["metadata"].get("annotations") or {}).get(pod.WORKFLOW, "")
        if workflow_id and pod.tells(self.last.get(seen.uid), seen):
            self.last[seen.uid] = seen
            self.due.setdefault(workflow_id, []).append(replace(seen, at=time.time()))

    async def _send(self) -> None:
        """All that is due, to many workflows at once: one message each, however much there is to tell."""
        due, self.due = list(self.due.items()), {}
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._signal(*one) for one in due[start : start + AT_ONCE]))
        self.told_to = self.heard_to

    async def _signal(self, workflow_id: str, sightings: list[PodSeen]) -> None:
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
