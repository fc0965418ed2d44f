"""Argo Workflows: one Workflow with as many tasks as pods."""

from __future__ import annotations

from contextlib import AsyncExitStack

from domain.core.documents import Manifest, Node
from tests.bench.peers.pods.world import NAMESPACE, World
from tests.bench.peers.world import until

API, CONTROLLERS = "argoproj.io/v1alpha1", "argo"
PROGRAM, KINDS = "workflow-controller", "workflow-crds"
NEEDS = (PROGRAM, KINDS)
UNLIMITED = ("--qps=1000", "--burst=1000")


class ArgoWorkflows:
    """`limits`: of its requests, as its command has them; by default it asks 20 times a second."""

    def __init__(self, world: World, limits: tuple[str, ...] = ()) -> None:
        self._world, self._limits = world, limits

    async def install(self, end: AsyncExitStack) -> None:
        """Its kinds, an empty configuration, and its controller."""
        world = self._world
        world.apply_all(world.peers / KINDS)
        world.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": CONTROLLERS}})
        name = {"name": "workflow-controller-configmap", "namespace": CONTROLLERS}
        world.kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": name})
        command = [str(world.peers / PROGRAM), f"--namespace={CONTROLLERS}", "--executor-image=argoexec:1"]
        world.start([*command, "--loglevel=warn", *self._limits], {"LEADER_ELECTION_DISABLE": "true"}, end)

    async def run(self, name: str, pods: int) -> None:
        """Returns when its Workflow has succeeded."""
        self._world.kube.create(workflow(name, pods))
        await until(lambda: self._ended(name))

    async def _ended(self, name: str) -> bool:
        found = Node(self._world.kube.get(API, "Workflow", name, NAMESPACE) or {})
        return ended(found.at("status", "phase").text(), "Succeeded", ("Failed", "Error"))


def workflow(name: str, pods: int) -> Manifest:
    """A DAG whose tasks need nothing of each other."""
    tasks = [{"name": f"job-{number}", "template": "job"} for number in range(pods)]
    container: Manifest = {"image": "job:1", "command": ["true"], "resources": {"requests": {"cpu": "10m"}}}
    notes = {"annotations": {"bench.sluiceway.dev/plays": "ends"}}
    templates: list[Manifest] = [
        {"name": "all", "dag": {"tasks": tasks}},
        {"name": "job", "metadata": notes, "container": container},
    ]
    spec: Manifest = {"entrypoint": "all", "templates": templates}
    return {"apiVersion": API, "kind": "Workflow", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}


def ended(said: str, well: str, badly: tuple[str, ...]) -> bool:
    """Raises RuntimeError: it ended badly."""
    if said in badly:
        raise RuntimeError(f"the pipeline ended as {said}")
    return said == well
