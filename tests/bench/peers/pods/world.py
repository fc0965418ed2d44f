"""The one cluster of all tools: a real API server, nodes and pods played by kwok."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from activities.clusters.providers.local import kwok
from activities.kubernetes.client import Kube
from activities.supervisor.service import answers, free_port
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.errors import SluicewayError
from tests.bench.clusters import made
from tests.bench.clusters import world as engines
from tests.bench.peers.world import started
from tests.bench.processors import spent_s
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.core.settings import Settings
from workers.engine import embedded

NODES, NAMESPACE = 20, "beside"
LIMIT_S = 600.0
LEFT = (("argoproj.io/v1alpha1", "Workflow"), ("tekton.dev/v1", "PipelineRun"), ("v1", "Pod"))
STAGES = Path(__file__).with_name("stages.yaml")


@dataclass(frozen=True)
class World:
    """The cluster, our engine, and the folder with the peers' programs and kinds."""

    engine: Engine
    settings: Settings
    spec: ClusterSpec
    reference: str
    kube: Kube
    peers: Path

    def apply_all(self, folder: Path) -> None:
        """Every object of the YAML files of a folder."""
        for file in sorted(folder.glob("*.yaml")):
            for found in yaml.safe_load_all(file.read_text()):
                if isinstance(found, Mapping):
                    self.kube.apply(found)

    def start(self, command: Sequence[str], env: Mapping[str, str], end: AsyncExitStack) -> None:
        """A program of a peer, until the end."""
        kubeconfig = self.reference.removeprefix("file:")
        name = Path(command[0]).name
        started(command, self.settings.home / name / "log", {"KUBECONFIG": kubeconfig, **env}, end)

    def empty(self) -> None:
        """Removes what a tool has left: the next one finds the cluster as this one did."""
        for version, kind in LEFT:
            with contextlib.suppress(SluicewayError):  # its kinds are not there
                for one in self.kube.items(version, kind, NAMESPACE):
                    self.kube.delete(version, kind, metadata.name(one), NAMESPACE, grace_s=0)

    def processor_s(self) -> float:
        """Processor seconds so far of this process, of what it has started, and of the cluster's programs."""
        return spent_s((str(self.settings.home.parent), str(self.peers)))


@asynccontextmanager
async def world(peers: Path) -> AsyncIterator[World]:
    """Makes the cluster, and takes it down again."""
    async with AsyncExitStack() as end:
        folder = Path(end.enter_context(tempfile.TemporaryDirectory()))
        port = _temporal(folder, end)
        engine, settings = await end.enter_async_context(engines(f"127.0.0.1:{port}", folder, _played))
        pool = NodePool("web", NODES, cpu=64, memory_mb=64_000)
        spec = ClusterSpec(f"beside-{secrets.token_hex(3)}", "kwok", pools=(pool,))
        end.push_async_callback(_gone, engine, spec)
        reference = await made(engine, spec)
        kube = Kube(Access(reference), folder / "discovery.json")
        end.callback(kube.close)
        kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield World(engine, settings, spec, reference, kube, peers)


def _played(settings: Settings) -> Settings:
    """With a kwok that plays the pods that are compared."""
    built = settings.home.parent / "built"
    for one in settings.built.iterdir():
        (built / one.name).parent.mkdir(exist_ok=True)
        if one.name != (name := f"kwok-v{kwok.VERSION}"):
            (built / one.name).symlink_to(one)
            continue
        (built / name).mkdir()
        (built / name / "kwok").symlink_to(one / "kwok")
        (built / name / "stages.yaml").write_text(f"{(one / 'stages.yaml').read_text()}\n---\n{STAGES.read_text()}")
    return replace(settings, built=built)


def _temporal(folder: Path, end: AsyncExitStack) -> int:
    port = free_port()
    started(embedded.server_command(port, free_port(), str(folder / "temporal.db")), folder / "temporal.log", {}, end)
    while not answers(port, ""):
        time.sleep(0.02)
    return port


async def _gone(engine: Engine, spec: ClusterSpec) -> None:
    await Clusters(engine).delete(spec.name)
    await engine.client.get_workflow_handle(f"cluster/{spec.name}").result()
