"""`make demo-cluster`: two clusters from templates, pods, failures and recoveries, and a clean removal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.source.mirrors import Mirrors
from activities.supervisor import launch
from domain.clusters.access import Access
from domain.clusters.lifecycle import Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase
from pipeline_defs.clusters import compile as clusters
from workers.client import deliveries as trigger
from workers.client import runs, triggers
from workers.client.client import Engine, connect, new_delivery_id
from workers.client.clusters import Clusters
from workers.client.for_owner import owner_client
from workers.core.settings import Settings
from workers.demo import cluster_faults, visitor
from workers.demo.cluster_faults import LOSE
from workers.demo.cluster_releases import ClusterReleases
from workers.engine import embedded as engine
from workers.views.output import out, styled
from workers.worker.client_wiring import command_parts
from workers.worker.local_wiring import cluster_providers, secret_broker
from workflows.clusters.messages import ClusterState
from workflows.pods.messages import PodInput, PodResult

EXAMPLES = Path(__file__).parents[2] / "pipeline_defs" / "examples" / "clusters"
IMAGE = "sluiceway.local/busybox:1"
P = ParamSpec("P")
T = TypeVar("T")
PODS = 100
LIMIT_S = 120.0
LOOKING_S = 1_800.0
SEEN_S = 12.0
"""A pod watch checks the nodes every five seconds: a lost node stays lost for so long."""


class DemoError(Exception):
    """An expectation of the demo does not hold."""


@dataclass
class ClusterDemo:
    """Creates clusters, breaks them, and deletes them; `facts` are the words of the summary."""

    settings: Settings
    waits: bool = False
    """For whoever looks at the console, before everything is deleted."""
    facts: list[str] = field(default_factory=list)
    clusters: list[ClusterSpec] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Of clusters that were deleted meanwhile."""

    async def all(self) -> bool:
        """Whether all expectations held; the last line is the summary."""
        engine.up(self.settings)
        visitor.invite(self.settings, "follow the clusters in the console")
        connected = await connect(self.settings)
        calls = Clusters(connected)
        began, fine = time.monotonic(), True
        try:
            if os.geteuid() == 0:
                await self._real(connected)
                await self._released(connected)
            else:
                self.facts.append("no real node (that needs root)")
            await self._simulated(calls)
            await self._faults(calls)
        except (DemoError, TimeoutError) as broken:
            fine = False
            out(styled(f"  {broken or 'it took too long'}", "red"))
        left = await self._take_down(calls)
        seconds = time.monotonic() - began
        word = "all of it held" if fine and not left else "NOT all of it held"
        out(f"{word}: {', '.join(self.facts)}; {len(left)} orphans; {seconds:.0f} s")
        return fine and not left

    async def _real(self, connected: Engine) -> None:
        calls = Clusters(connected)
        state = await self._make(calls, "one-machine.yaml", "demo-real", {"nodes": 2})
        hello = await self._pod(calls, state, "hello", "sh", "-c", "id; echo hello from a pod")
        _must(hello.phase is PodPhase.SUCCEEDED, f"the pod ended {hello.phase}: {hello.reason}")
        _must(bool(hello.logs), f"its logs are missing: {hello.gap}")
        fails = await self._pod(calls, state, "fails", "sh", "-c", "exit 3")
        _must(fails.exit_code == 3, f"the exit code is {fails.exit_code}, not 3")
        self.facts.append("2 pods on real nodes")
        await self._pipeline(connected, state)
        for part in ("kubelet-1", "kube-apiserver", "etcd"):
            await self._kill(calls, state, part)
        again = await self._pod(calls, state, "again", "true")
        _must(again.phase is PodPhase.SUCCEEDED, f"after that a pod ended {again.phase}: {again.reason}")
        second = HostNode(
            ControlPlane(self.settings.clusters / state.spec.name, self.settings.built, state.spec.name), 2
        )
        wish = self._input(state, "moved", "sh", "-c", "trap exit TERM; sleep 600 & wait")
        wish = replace(wish, manifest=_preferring(wish.manifest, f"{state.spec.name}-default-1"))
        policy = RepairPolicy(max_unready=0.5, node_grace_s=SEEN_S)
        await self._heals(calls, wish, policy, lambda node: machine.ip("link", "set", second.cable, "down"))

    async def _pipeline(self, connected: Engine, state: ClusterState) -> None:
        """Jobs as pods: an artifact passes from one to the next, and a step has a service."""
        file = self.settings.home / "demo" / "sluiceway.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((EXAMPLES / "job-in-a-cluster.yaml").read_bytes())
        began = time.monotonic()
        params: dict[str, str | int | float | bool] = {"cluster": state.spec.name}
        delivery = trigger.by_hand(file, Mirrors(self.settings.mirrors), params, new_delivery_id("demo"))
        answer = await triggers.deliver(connected, delivery)
        _must(bool(answer.run), answer.reason)
        result = await runs.result(connected, answer.run)
        _must(result.status == "passed", f"{answer.run} {result.status}: {result.reason}")
        out(f"  {answer.run}: its two jobs passed in pods after {_since(began)}")
        self.facts.append("a pipeline's jobs in pods")

    async def _heals(self, calls: Clusters, wish: PodInput, policy: RepairPolicy, lose: Callable[[str], None]) -> None:
        """A node with a pod is lost: the node is replaced, and the pod rescheduled."""
        name, began = wish.cluster, time.monotonic()
        moved = await calls.start_pod(replace(wish, idempotent=True))
        await _until(_running, calls, moved)
        node = (await calls.pod(moved)).node
        await calls.guard(name, policy)
        lose(node)

        async def healed() -> bool:
            done = {one.target for one in (await calls.healing(name)).done}
            view = await calls.pod(moved)
            was_lost = any(one.phase is PodPhase.UNKNOWN for one in view.transitions)
            return node in done and was_lost and view.phase is PodPhase.RUNNING

        await _until(healed)
        out(f"  node {node} was lost: it is replaced, and its pod runs elsewhere, after {_since(began)}")
        self.facts.append(f"{node} lost and replaced, its pod rescheduled")
        await calls.guard(name, None)
        await calls.end_pod(moved)
        await calls.pod_result(moved)
        await self._settled(calls, name)

    async def _released(self, connected: Engine) -> None:
        """Two clusters that releases can use, in place of the one before."""
        calls, kubes = Clusters(connected), {}
        self.left += await self._delete(calls, self.clusters.pop())
        for number, name in enumerate(("shops-1", "shops-2")):
            state = await self._make(calls, "for-releases.yaml", name, {"namespace": "shops", "number": number})
            kubes[name] = Kube(Access(state.reference), discovery(self.settings.clusters, name))
        shop = ClusterReleases(self.settings, connected, kubes)
        await shop.all()
        _must(not shop.wrong, "; ".join(shop.wrong))
        self.facts += shop.facts

    async def _simulated(self, calls: Clusters) -> None:
        state = await self._make(calls, "simulated.yaml", "demo-simulated", {"nodes": 50})
        await calls.update(state.spec.name, lambda old: _sized(old, 60), "scale")
        grown = await self._settled(calls, state.spec.name)
        _must(grown.health.ready == 60, f"{grown.health.ready} nodes are ready, not 60")
        self.facts.append("50 nodes grown to 60")
        kube = Kube(Access(state.reference), discovery(self.settings.clusters, state.spec.name))
        lost = {"metadata": {"annotations": {LOSE: "lost"}}}

        def lose(node: str) -> None:
            kube.patch("v1", "Node", node, lost)

        policy, wish = RepairPolicy(node_grace_s=1), self._input(grown, "moved")
        await self._heals(calls, wish, policy, lose)
        began = time.monotonic()
        inputs = [self._input(state, f"p{number}") for number in range(PODS)]
        ids = [await calls.start_pod(one) for one in inputs]
        for id_ in ids:
            await _until(_running, calls, id_)
        out(f"  {PODS} pods run after {time.monotonic() - began:.1f} s, told about in one stream")
        for id_ in ids:
            await calls.end_pod(id_)
        for id_ in ids:
            await calls.pod_result(id_)
        self.facts.append(f"{PODS} simulated pods")

    async def _faults(self, calls: Clusters) -> None:
        """Several things go wrong at once, each in another cluster; the console tells each."""
        await self._make(calls, "simulated.yaml", "demo-cut-off", {"nodes": 3})
        kubes = {one.name: await self._kube(calls, one.name) for one in self.clusters}
        simulated, cut = self.clusters[-2:]
        faults = [
            cluster_faults.lost_node(simulated.name, kubes[simulated.name], f"{simulated.name}-web-7"),
            cluster_faults.cut_off(cut, self.settings),
        ]
        if "shops-1" in kubes:
            faults.append(cluster_faults.unpullable("shops-1", kubes["shops-1"], "shops"))
            faults.append(cluster_faults.over_quota("shops-2", kubes["shops-2"], "shops", IMAGE, 40))
        await calls.guard(simulated.name, None)  # it would repair the node while somebody looks
        try:
            missing = await cluster_faults.all_told(owner_client(command_parts(self.settings)).fleets, faults)
            _must(not missing, "; ".join(missing))
            await self._looked_at()
        finally:
            for fault in faults:
                await asyncio.to_thread(fault.ends)
        self.facts.append(f"{len(faults)} faults in {len(faults)} clusters told by the console")

    async def _kube(self, calls: Clusters, name: str) -> Kube:
        state = await calls.view(name)
        return Kube(Access(state.reference, state.spec.context), discovery(self.settings.clusters, name))

    async def _looked_at(self) -> None:
        """At a terminal, whoever runs the demo looks at the console before everything is deleted."""
        if not (self.waits and self.settings.serves and sys.stdin.isatty()):
            return
        out(f"  look at {self.settings.engine()['server']}/fleet, then press Enter: everything is deleted")
        pressed = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin, pressed.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pressed.wait(), LOOKING_S)
        asyncio.get_running_loop().remove_reader(sys.stdin)

    async def _make(self, calls: Clusters, file: str, name: str, given: Manifest) -> ClusterState:
        spec = clusters.read((EXAMPLES / file).read_bytes(), file, lambda path: None, given, name)
        self.clusters.append(spec)
        began = time.monotonic()
        await calls.ask(spec, "demo")
        state = await self._settled(calls, name)
        _must(state.status is Status.READY, f"{name} is {state.status}: {state.blocker and state.blocker.reason}")
        out(f"  cluster {name} ({spec.provider}, {spec.nodes} nodes) is ready after {_since(began)}")
        return state

    async def _settled(self, calls: Clusters, name: str) -> ClusterState:
        async def there() -> ClusterState | None:
            state = await calls.view(name)
            ended = state.status in (Status.READY, Status.FAILED, Status.DEGRADED)
            return state if ended and state.wanted is None else None

        return await _until(there)

    def _input(self, state: ClusterState, name: str, *command: str) -> PodInput:
        manifest = pod_manifest.manifest(PodSpec(IMAGE, command))
        return PodInput(Access(state.reference), state.spec.name, "default", name, manifest, timeout_s=LIMIT_S)

    async def _pod(self, calls: Clusters, state: ClusterState, name: str, *command: str) -> PodResult:
        began = time.monotonic()
        result = await calls.pod_result(await calls.start_pod(self._input(state, name, *command)))
        out(f"  pod {name}: {result.phase} {result.reason} (exit code {result.exit_code}) after {_since(began)}")
        return result

    async def _kill(self, calls: Clusters, state: ClusterState, part: str) -> None:
        """kill -9; returns the seconds until the cluster is healthy again."""
        folder = self.settings.clusters / state.spec.name / "run" / part
        before = _instance(folder)
        _must(before["pid"].whole() > 0, f"{part} is not running")
        began = time.monotonic()
        os.kill(before["pid"].whole(), signal.SIGKILL)

        async def back() -> bool:
            now = _instance(folder)
            return now["pid"].whole() not in (0, before["pid"].whole()) and bool(now["ready"])

        await _until(back)
        await calls.heal(state.spec.name)
        healed = await self._settled(calls, state.spec.name)
        _must(healed.status is Status.READY, f"the cluster is {healed.status} after the death of {part}")
        out(f"  {part} was killed, and the cluster is whole again after {_since(began)}")
        self.facts.append(f"{part} killed and healed")

    async def _take_down(self, calls: Clusters) -> list[str]:
        return self.left + [thing for spec in self.clusters for thing in await self._delete(calls, spec)]

    async def _delete(self, calls: Clusters, spec: ClusterSpec) -> list[str]:
        """What is left of it."""
        began = time.monotonic()
        with contextlib.suppress(SluicewayError):  # one that could not be created is closed already
            await calls.delete(spec.name, "demo")
        await _until(_deleted, calls, spec.name)
        found = cluster_providers(self.settings, secret_broker(self.settings))[spec.provider].leftovers(spec)
        out(f"  cluster {spec.name} is gone after {_since(began)}; {len(found)} things are left of it")
        return found


def _preferring(manifest: Object, node: str) -> Manifest:
    """Prefers that node while it is available."""
    named: Manifest = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    choice: Manifest = {"weight": 100, "preference": {"matchExpressions": [named]}}
    affinity: Manifest = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [choice]}}
    return {**manifest, "spec": {**Node(manifest)["spec"].object(), "affinity": affinity}}


def _sized(spec: ClusterSpec, count: int) -> ClusterSpec:
    return replace(spec, pools=(replace(spec.pools[0], count=count),))


async def _running(calls: Clusters, id_: str) -> bool:
    view = await calls.pod(id_)
    return view.phase is PodPhase.RUNNING


async def _deleted(calls: Clusters, name: str) -> bool:
    state = await calls.view(name)
    return state.status in (Status.DELETED, Status.FAILED)


async def _until(condition: Callable[P, Awaitable[T | None]], *given: P.args, **named: P.kwargs) -> T:
    async with asyncio.timeout(LIMIT_S):
        while True:
            if value := await condition(*given, **named):
                return value
            await asyncio.sleep(0.05)


def _instance(folder: Path) -> Node:
    return Node(launch.read_json(folder / "state.json"))["instances"].first()


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DemoError(otherwise)


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"
