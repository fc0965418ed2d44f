"""Pods in memory: planned as on an engine, against a server that knows a few of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind, cluster_resource
from domain.clusters.access import Access
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.object_action import KINDS, ObjectAction
from domain.secrets.rules import SecretUse
from tests.support.memory_client.world import NOW, World, listed
from workers.client.guard import Guard
from workers.client.on_engine.pods.pod_names import missing, named_in, where_of, why_not
from workers.client.on_engine.pods.pod_plans import Planned, plan
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import ObjectAt, PodDetails, PodLogs, PodPlan, PodRequest, PodRow, PodStep
from workers.client.ports.runs import LogLine, LogPart

ODD = '"><img src=x onerror=alert(1)>'
TAKEN = "taken"
"""Name of a pod that is there already, and is not ours."""
REFUSED = "refused.example/x:1"
"""An image that the API server refuses."""


class MemoryServer:
    """An API server that knows one pod and one quota."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """Only the pod that has its name already."""
        if (kind, name) != ("Pod", TAKEN):
            return None
        container: Manifest = {"name": "main", "image": f"old/{ODD}", "command": ["serve", "--password=hunter2"]}
        container["env"] = [{"name": "GREETING", "value": "hunter2"}]
        meta: Manifest = {"name": name, "namespace": namespace, "uid": "u1"}
        return {"kind": "Pod", "metadata": meta, "spec": {"containers": [container]}}

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """A quota of four cores, of which little is left."""
        status: Manifest = {
            "hard": {"requests.cpu": "4", "pods": "50"},
            "used": {"requests.cpu": "3500m", "pods": "12"},
        }
        return [{"metadata": {"name": "tenant"}, "status": status}] if kind == "ResourceQuota" else []

    def apply(self, manifest: Object, dry_run: bool = False) -> Object:
        """Raises SLW943 for one image."""
        if Node(manifest).at("spec", "containers").first()["image"].text() == REFUSED:
            why = f'422: Pod "dry-run" is invalid: spec.containers[0].image: Invalid value: "{ODD}"'
            raise SluicewayError("SLW943", "the API server refused it", why=why, transient=True, status=422)
        return manifest

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """Nothing is."""
        return ""

    def log(self, namespace: str, pod: str, container: str, since: str = "", *, previous: bool = False) -> str:
        """Nothing: the client has lines of its own."""
        return ""


class MemoryPods:
    """Implements `Pods`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    def _planned(self, asked: PodRequest) -> Planned:
        return plan(asked, Access("file:/k"), MemoryServer(self._world), SecretUse(by_hand=True))

    async def plan(self, asked: PodRequest) -> PodPlan:
        """See `Pods`."""
        self._guard.need(Action.CLUSTERS_CHANGE, cluster_resource(asked.cluster))
        return self._planned(asked).plan

    async def apply(self, asked: PodRequest, digest: str, key: str = "") -> str:
        """See `Pods`."""
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(asked.cluster)):
            for secret in asked.form.secrets.values():
                self._guard.need(Action.EFFECT_SECRET, Resource(kind=ResourceKind.SECRET, name=secret))
            planned = self._planned(asked)
            if planned.input is None:
                raise DefinitionError("SLW466", "no pod can be made of this", why=why_not(planned.plan))
            if planned.plan.digest != digest:
                raise RefusedError("SLW467", "the pod would not be what was planned")
            return self._world.once(key, (asked, digest), lambda: self._made(planned.plan.id))

    def _made(self, id_: str) -> str:
        row = row_of(id_, "Pending")
        self._world.pods.setdefault(
            id_, PodDetails(row=row, object=row.name, steps=(PodStep(at=NOW, phase="Pending"),))
        )
        return id_

    async def list(self, cluster: str, namespace: str, page: PageOf, *, running: bool = False) -> Page[PodRow]:
        """See `Pods`."""
        may = self._guard.readable(Action.CLUSTERS_READ, ResourceKind.CLUSTER)
        rows = [one.row for one in self._world.pods.values() if may.keep([cluster_resource(one.row.cluster)])[0]]
        rows = [one for one in rows if cluster in ("", one.cluster) and namespace in ("", one.namespace)]
        rows = [one for one in rows if not running or one.ended_at is None]
        of = ("pods", cluster, namespace, str(running))
        return listed(rows, lambda row: (row.started_at, row.id), page, *of, newest_first=True)

    async def show(self, id_: str) -> PodDetails:
        """See `Pods`."""
        self._guard.need(Action.CLUSTERS_READ, cluster_resource(named_in(id_)[0]))
        if id_ not in self._world.pods:
            raise missing(id_, "nobody has started it")
        return self._world.pods[id_]

    async def end(self, id_: str, reason: str, key: str = "") -> None:
        """See `Pods`."""
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(named_in(id_)[0]), {"reason": reason}):
            known = self._world.pods.get(id_)
            if known is None or known.row.ended_at is not None:
                raise missing(id_, "it has ended")
            row = replace(known.row, phase="cancelled", ended_at=NOW)
            steps = (*known.steps, PodStep(at=NOW, phase="gone", reason="cancelled"))
            self._world.pods[id_] = replace(known, row=row, steps=steps, logs="ab" * 32)

    async def restart(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """See `Pods`."""
        return await self._acted(ObjectAction.RESTART, what, reason)

    async def remove(self, what: ObjectAt, reason: str, key: str = "") -> str:
        """See `Pods`."""
        return await self._acted(ObjectAction.DELETE, what, reason)

    async def _acted(self, action: ObjectAction, what: ObjectAt, reason: str) -> str:
        async with self._guard.use(Action.CLUSTERS_CHANGE, cluster_resource(what.cluster), {"reason": reason}):
            key = (what.cluster, what.kind, what.namespace, what.name)
            found = self._world.objects.get(key)
            if found is None:
                raise missing(where_of(what), "nothing of that name is there")
            kind, _, name = found.owner.partition("/")
            if action is ObjectAction.RESTART and what.kind == "Pod" and kind in KINDS[action]:
                return f"object/{what.cluster}/{what.namespace}/{kind}/{name}"
            if what.kind not in KINDS[action]:
                raise RefusedError("SLW468", f"{where_of(what)} was not changed", why="its kind does not allow it")
            if action is ObjectAction.DELETE:
                del self._world.objects[key]
            return f"object/{what.cluster}/{what.namespace}/{what.kind}/{what.name}"

    async def log(self, which: PodLogs, *, first: int = 0, limit: int = 500) -> LogPart:
        """See `Pods`."""
        lines = self._lines(which)
        begin = first - 1 if first > 0 else max(len(lines) - limit, 0)
        found = tuple(lines[begin : begin + limit])
        at_end = not found or found[-1].number >= len(lines)
        return LogPart(lines=found, first=found[0].number if found else 0, total=len(lines), ended=at_end)

    async def search(self, which: PodLogs, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """See `Pods`."""
        return tuple(one.number for one in self._lines(which) if text.lower() in one.text.lower())[:limit]

    async def containers(self, cluster: str, namespace: str, pod: str) -> tuple[str, ...]:
        """See `Pods`."""
        self._guard.need(Action.CLUSTERS_READ, cluster_resource(cluster))
        return ("app", "proxy") if (cluster, "Pod", namespace, pod) in self._world.objects else ()

    def _lines(self, which: PodLogs) -> Sequence[LogLine]:
        self._guard.need(Action.LOGS_READ, cluster_resource(which.cluster))
        if (which.cluster, "Pod", which.namespace, which.pod) not in self._world.objects:
            raise missing(f"{which.cluster}/{which.namespace}/{which.pod}", "nothing of that name is there")
        return self._world.pod_lines


def row_of(id_: str, phase: str, **more: float | str | None) -> PodRow:
    """A pod that has just begun."""
    cluster, namespace, name, attempt = named_in(id_)
    row = PodRow(id=id_, cluster=cluster, namespace=namespace, name=name, attempt=attempt, phase=phase, started_at=NOW)
    return PodRow(**{**vars(row), **more})


def add_pods(world: World) -> None:
    """One that waits with an odd reason, one that runs, one that has ended, and lines of all of them."""
    waits = row_of("pod/eu-1/shop/waits/1", "Pending", reason=ODD, started_at=NOW - 60)
    runs = row_of("pod/eu-1/shop/hello/1", "Running", node=ODD, started_at=NOW - 600)
    ended = row_of("pod/us-1/shop/hello/2", "Failed", reason=f"Error: {ODD}", started_at=NOW - 900, ended_at=NOW - 800)
    for row in (waits, runs, ended):
        steps = (PodStep(at=row.started_at, phase="requested"), PodStep(at=row.started_at + 2, phase=row.phase))
        world.pods[row.id] = PodDetails(row=row, object=row.name, steps=steps, temporal="/temporal/x")
    world.pods[ended.id] = replace(world.pods[ended.id], exit_code=7, logs="cd" * 32, gap=ODD)
    texts = ("listening on :8080", f"GET /{ODD} 404", "\x1b[31merror\x1b[0m: no such file", "\x07\u202eodd", "done")
    world.pod_lines = [LogLine(at, NOW - 500 + at, "out", f"[app] {texts[at % len(texts)]}") for at in range(1, 301)]
