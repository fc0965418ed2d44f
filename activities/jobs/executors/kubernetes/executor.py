"""Jobs in pods: one pod for the steps and the services, in any registered cluster.

As with containers, the pod idles and steps are executed in it, so a restarted worker finds it again. It shares no disk
with the worker: the job's folder is uploaded once, and downloaded after the last step.
"""

from __future__ import annotations

import contextlib
import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from activities.authority import public_keys
from activities.jobs import agent_tokens
from activities.jobs.executors.kubernetes import files as pod_files
from activities.jobs.executors.kubernetes import pod_ref as pod_place
from activities.jobs.executors.kubernetes import step as pod_step
from activities.jobs.executors.kubernetes.agents import Agents, Secrets, spec_of
from activities.jobs.executors.kubernetes.pod_ref import FILE, Held, LeftoverError, Made
from activities.jobs.executors.kubernetes.take_up import marked, taken_up
from activities.jobs.port import Layout, ProgressCallback
from activities.kubernetes.discovery import Kubes, discovery
from activities.kubernetes.kubeconfigs import AddressBook
from activities.supervisor import shells
from domain.clusters import metadata, pending
from domain.clusters.pending import PENDING_S
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.jobs import job_pod
from domain.jobs.agent import AgentPlace, AgentSpec
from domain.jobs.isolation import OPEN, Level, Network, Reach
from domain.jobs.job_pod import PodRef, Refusal
from domain.pipelines.container import ContainerSpec, name_of
from domain.pipelines.job import Job
from domain.pipelines.steps import Step

POLL_S = 0.2
START_S = 300.0
"""For the pod and its image pull; services have their own limit."""


def whose(home: Path) -> str:
    """An installation by its path and its signer's key: several have one path, on machines of their own."""
    return f"{home} {public_keys.home(home / 'signer')}"


def hash_of(home: Path) -> str:
    """The same as objects of jobs have it in their label."""
    return hashlib.sha256(whose(home).encode()).hexdigest()[:8]


class KubernetesExecutor:
    """`clusters`: the folder of this installation's clusters."""

    limits_memory = True

    def __init__(
        self,
        home: Path,
        clusters: Path,
        book: AddressBook,
        reach: Reach = OPEN,
        agents: AgentPlace | None = None,
        secrets: Secrets = tuple,
        kubes: Kubes | None = None,
    ) -> None:
        """`agents`: how pods reach the job endpoint; None: a client on this machine executes each step in its pod.
        `secrets`: as of `Agents`. `kubes`: connections that are shared with others.
        """
        self._home, self._clusters, self._book, self._reach = home, clusters, book, reach
        self._agents = Agents(home / "keys", agents, secrets) if agents else None
        self._kubes = kubes or Kubes(clusters)

    def layout(self, folder: Path) -> Layout:
        """The pod's own volume, and the image's own PATH."""
        return Layout(job_pod.ROOT)

    def jail(self, folder: Path) -> None:
        """None: the container is what keeps the steps apart."""

    def proxy(self, key: str) -> None:
        """None: a pod is not on this machine."""

    def limited(self, level: Level, network: Network, hosts: frozenset[str] | None) -> KubernetesExecutor:
        """A pod can be kept from the network; the names of hosts mean nothing to a NetworkPolicy."""
        reach = self._reach.limited(network, hosts)
        if reach.network is Network.PROXY:
            raise RefusedError("SLW052", "a pod has no proxy: its network can be 'open' or 'none'")
        place, secrets = (self._agents.place, self._agents.secrets) if self._agents else (None, tuple)
        return KubernetesExecutor(self._home, self._clusters, self._book, reach, place, secrets, self._kubes)

    def agent(self, folder: Path) -> AgentSpec | None:
        """The agent of the job's pod, if it was given one."""
        return spec_of(folder)

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """A helper process that executes the step in the pod; the step itself, where an agent runs it."""
        command = shells.command(step.shell, step.run, f"{job_pod.ROOT}/{shells.FOLDER}")
        if self._agents:
            return command
        name = shells.file_name(step.run)
        sent = (
            ["--script", str(folder / shells.FOLDER / name), f"{job_pod.ROOT}/{shells.FOLDER}/{name}"] if name else []
        )
        return self._helper("exec", str(folder / FILE), str(folder / "cause"), *sent, *command)

    def after(self, key: str, folder: Path) -> list[str]:
        """A helper that downloads the steps' output: the pod shares no disk with the worker."""
        return self._helper("after", str(folder / FILE), str(folder))

    def _helper(self, mode: str, *rest: str) -> list[str]:
        return [sys.executable, "-I", pod_step.__file__, mode, *rest]

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Removes what an earlier attempt has left; records the pod in the job's folder."""
        spec = job.container
        assert spec is not None
        if self._reach.network is not Network.OPEN:
            spec = replace(spec, isolated=True, allow=())
        (name, home), holder = self._named(key, folder / FILE), token_hex(8)
        place = PodRef(spec.cluster, spec.namespace, name, key, home, holder)
        cache = str(discovery(self._clusters, spec.cluster))
        access = self._book.find(spec.cluster)
        held = Held(place, access, cache, self._kubes.open(access, spec.cluster))
        held.write(folder / FILE)
        if self._agents and self._took_up(spec, held, folder):
            return [f"pod {name} in {spec.cluster}/{spec.namespace} is taken up as it runs"]
        try:
            return self._opened(job, spec, held, folder, secrets, told)
        except BaseException:
            with contextlib.suppress(SluicewayError):  # report the failure; `sweep` removes the rest
                pod_place.remove(held)
            raise

    def _named(self, key: str, file: Path) -> tuple[str, str]:
        """The name of a job's pod and what tells its installation: two may have one path, on machines of their own, and
        run jobs in one cluster. An earlier attempt's are kept: an earlier version named them by the path alone.
        """
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            earlier = Held.read(file).place
            return earlier.name, earlier.home
        return name_of(whose(self._home), key), hash_of(self._home)

    def _took_up(self, spec: ContainerSpec, held: Held, folder: Path) -> bool:
        """Whether an earlier worker's pod goes on for this one."""
        assert self._agents is not None
        closed, _ = self._closed(spec, held)
        policy = job_pod.policy(spec, held.place, closed, self._agents.place)
        return taken_up(held, self._agents, folder, self._look(folder), policy)

    def _look(self, folder: Path) -> list[str]:
        return self._helper("runs", str(folder / FILE))

    def _opened(
        self,
        job: Job,
        spec: ContainerSpec,
        held: Held,
        folder: Path,
        secrets: Mapping[str, str],
        told: ProgressCallback,
    ) -> list[str]:
        closed, notes = self._closed(spec, held)
        self._admit(job, held, told)
        wanted = list(self._objects(job, spec, held.place, closed, folder, secrets))
        try:
            made = [pod_place.made(held, one) for one in wanted]
        except LeftoverError:
            pod_place.clear(held)
            made = [pod_place.made(held, one) for one in wanted]
        replace(held, made=tuple(map(Made.of, made))).write(folder / FILE)
        if self._agents:
            marked(held, self._agents, made[-1])
        began = time.monotonic()
        node = _ready(held, spec, told)
        if not self._agents:
            pod_files.send(held, folder, told)
        where = f"{spec.cluster}/{spec.namespace}"
        return [*notes, f"pod {held.name} in {where} on node {node} is ready after {time.monotonic() - began:.1f} s"]

    def _objects(
        self,
        job: Job,
        spec: ContainerSpec,
        place: PodRef,
        closed: Sequence[str],
        folder: Path,
        secrets: Mapping[str, str],
    ) -> Iterator[Manifest]:
        """In the order of their creation: the pod, whose network and secrets are there by then, is the last."""
        agents = self._agents
        yield job_pod.policy(spec, place, closed, agents.place if agents else None)
        if agents:
            yield job_pod.agent_secret(agents.given(place.key, folder, job_pod.ROOT, self._look(folder)), place)
        if names := {name for one in spec.services for name in one.secrets}:
            yield job_pod.secret({name: secrets[name] for name in names}, place)
        yield job_pod.pod(job, place, agents.place if agents else None)

    def _closed(self, spec: ContainerSpec, held: Held) -> tuple[list[str], list[str]]:
        """What the pod does not reach, and lines for the log.

        Raises:
            RefusedError: SLW038, `allow` names it.
        """
        nodes, notes = list[Object](), list[str]()
        if spec.allow:
            try:
                nodes = held.kube.items("v1", "Node")
            except SluicewayError:
                notes = ["the nodes of the cluster cannot be listed: their addresses are not kept from the pod"]
        closed = job_pod.closed_of(nodes, self._reach.opened)
        if wrong := job_pod.into(spec.allow, closed):
            raise RefusedError("SLW038", f"`allow` of the pod names {wrong}")
        return closed, notes

    def _admit(self, job: Job, held: Held, told: ProgressCallback) -> None:
        """Waits while the namespace's quota is used up; refuses what never fits."""
        wants, deadline = job_pod.demand(job), time.monotonic() + job.queue_timeout_s
        while True:
            quotas = held.kube.items("v1", "ResourceQuota", held.namespace)
            if never := job_pod.too_much(wants, quotas):
                raise SluicewayError("SLW954", f"the job does not fit into namespace {held.namespace}", why=never)
            full = job_pod.too_much(wants, quotas, now=True)
            if not full:
                return
            if time.monotonic() > deadline:
                raise SluicewayError(
                    "SLW850", f"namespace {held.namespace} had no capacity in time", why=full, transient=True
                )
            told(f"waits for {full}")
            time.sleep(POLL_S * 5)

    def close(self, key: str) -> None:
        """Finds the pod by the file in the job's folder; without it there is nothing to remove."""
        path = self._home / "jobs" / key / FILE
        agent_tokens.end(path.parent)
        if path.exists():
            pod_place.remove(self._connected(Held.read(path)))
            path.unlink(missing_ok=True)

    def _connected(self, held: Held) -> Held:
        """By the worker's connection."""
        return replace(held, client=self._kubes.open(held.access, held.place.cluster))

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Leftovers of a killed worker, by the file beside the job. A deleted cluster has removed its own."""
        found = []
        for path in (self._home / "jobs").glob(f"*/{FILE}"):
            key = path.parent.name
            if unfinished(key):
                continue
            agent_tokens.end(path.parent)
            held = Held.read(path)
            if held.place.cluster in self._book.known():
                pod_place.remove(self._connected(held))
            path.unlink(missing_ok=True)
            found.append(key)
        return found


def _ready(held: Held, spec: ContainerSpec, told: ProgressCallback) -> str:
    """The node, once every container is ready.

    Raises:
        SluicewayError: SLW849, one exited, cannot start, or was not ready in time.
    """
    services = [one.name for one in spec.services]
    began, asked = time.monotonic(), 0.0
    limit = START_S + max((one.ready_timeout_s for one in spec.services), default=0)
    limits = {f"service {one.name}": one.ready_timeout_s for one in spec.services}
    started = 0.0
    while True:
        seen = held.kube.get("v1", "Pod", held.name, held.namespace)
        if seen is None:
            raise SluicewayError("SLW849", f"pod {held.name} was deleted by another client")
        if refusal := job_pod.refused(seen, services):
            raise SluicewayError("SLW849", f"pod {held.name} cannot be used", why=_with_words(held, refusal))
        waits = job_pod.waits_for(seen, services)
        if not waits:
            return Node(seen).at("spec", "nodeName").text()
        age = time.monotonic() - began
        started = started or (time.monotonic() if Node(seen).at("status", "phase").text() == "Running" else 0.0)
        late = started and waits in limits and time.monotonic() - started > limits[waits]
        if late or age > limit:
            raise SluicewayError("SLW849", f"{waits} was not ready in time", why=_why(held, seen))
        if age - asked > PENDING_S and not started:
            asked = age
            told(f"waits for {waits}: {_why(held, seen)}"[:300])
        else:
            told(f"waits for {waits}")
        time.sleep(POLL_S)


def _why(held: Held, seen: Object) -> str:
    events, _ = held.kube.items_at("v1", "Event", held.namespace, fields=f"involvedObject.name={held.name}")
    return pending.cause(seen, sorted(events, key=metadata.event_time))


def _with_words(held: Held, refusal: Refusal) -> str:
    """Adds the container's last output, if it ran at all."""
    if refusal.exited:
        with contextlib.suppress(SluicewayError):
            path = f"/api/v1/namespaces/{held.namespace}/pods/{held.name}/log"
            words = held.kube.raw(path, {"container": refusal.exited, "tailLines": "5"})
            return f"{refusal.why}: {words.strip()[-400:] or 'no log output'}"
    return refusal.why
