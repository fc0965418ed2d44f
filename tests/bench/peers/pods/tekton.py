"""Tekton Pipelines: one PipelineRun with as many tasks as pods, each of one step."""

from __future__ import annotations

from contextlib import AsyncExitStack

from activities.supervisor.service import free_port
from domain.core.documents import Manifest, Node
from tests.bench.peers.pods.argo import ended
from tests.bench.peers.pods.world import NAMESPACE, World
from tests.bench.peers.world import until

API, CONTROLLERS = "tekton.dev/v1", "tekton-pipelines"
PROGRAM, KINDS, CONFIG = "tekton-controller", "tekton-crds", "tekton-config"
IMAGES = ("entrypoint", "nop", "sidecarlogresults", "workingdirinit", "shell", "shell")
NAMES = {
    "CONFIG_LEADERELECTION_NAME": "config-leader-election-controller",
    "CONFIG_FEATURE_FLAGS_NAME": "feature-flags",
    "CONFIG_OBSERVABILITY_NAME": "config-observability",
    "CONFIG_LOGGING_NAME": "config-logging",
}
NEEDS = (PROGRAM, KINDS, CONFIG)
UNLIMITED = ("-kube-api-qps=1000", "-kube-api-burst=1000")


class Tekton:
    """`limits`: of its requests, as its command has them. Without its webhook, which checks what is written."""

    def __init__(self, world: World, limits: tuple[str, ...] = ()) -> None:
        self._world, self._limits = world, limits

    async def install(self, end: AsyncExitStack) -> None:
        """Its kinds, its configuration as it is published, and its controller."""
        world = self._world
        for folder in (KINDS, CONFIG):
            world.apply_all(world.peers / folder)
        name = {"name": "default", "namespace": NAMESPACE}
        world.kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": name})
        command = [str(world.peers / PROGRAM), "-disable-ha"]
        command += [f"-{one}-image={one}:1" for one in IMAGES[:-1]] + [f"-{IMAGES[-1]}-image-win=shell:1"]
        env = {"SYSTEM_NAMESPACE": CONTROLLERS, "PROBES_PORT": str(free_port()), **NAMES}
        world.start([*command, *self._limits], env, end)

    async def run(self, name: str, pods: int) -> None:
        """Returns when its PipelineRun has succeeded."""
        self._world.kube.create(pipeline_run(name, pods))
        await until(lambda: self._ended(name))

    async def _ended(self, name: str) -> bool:
        found = Node(self._world.kube.get(API, "PipelineRun", name, NAMESPACE) or {})
        said = next((one for one in found.at("status", "conditions") if one["type"].text() == "Succeeded"), Node())
        return ended(said["status"].text(), "True", ("False",))


def pipeline_run(name: str, pods: int) -> Manifest:
    """Tasks that need nothing of each other."""
    step: Manifest = {"name": "job", "image": "job:1", "command": ["true"]}
    step["computeResources"] = {"requests": {"cpu": "10m"}}
    tasks: list[Manifest] = [{"name": f"job-{number}", "taskSpec": {"steps": [step]}} for number in range(pods)]
    notes = {"bench.sluiceway.dev/plays": "ends-when-told-to-begin"}
    meta: Manifest = {"name": name, "namespace": NAMESPACE, "annotations": notes}
    return {"apiVersion": API, "kind": "PipelineRun", "metadata": meta, "spec": {"pipelineSpec": {"tasks": tasks}}}
