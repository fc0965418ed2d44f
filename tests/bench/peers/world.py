"""What all tools share: one cluster with its Gateway, one image, one load, one Prometheus."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.supervisor.service import answers, free_port
from domain.clusters.access import Access
from domain.clusters.beside import gateway, image_registry
from domain.clusters.health import why_not
from domain.clusters.lifecycle import Status
from domain.core.documents import Node, Object
from pipeline_defs.clusters import compile as clusters
from tests.bench.peers.objects import HOST, NAMESPACE
from workers.client.client import Engine, connect
from workers.client.clusters import Clusters
from workers.core import settings
from workers.core.settings import Settings
from workers.demo import faulty_service
from workers.demo.load import Load
from workers.demo.service_image import push
from workers.engine import embedded as engine

TEMPLATE = Path(__file__).parents[3] / "pipeline_defs" / "examples" / "clusters" / "for-releases.yaml"
CLUSTER, PER_S, LIMIT_S = "peers", 200, 900.0


@dataclass(frozen=True)
class World:
    """The cluster, and how to reach what is in it. `peers`: the folder with the peers' programs and kinds."""

    settings: Settings
    engine: Engine
    kube: Kube
    kubeconfig: str
    image: str
    prometheus: str
    load: Load
    peers: Path

    @property
    def gateway(self) -> str:
        """The Gateway of all routes, as NAMESPACE/NAME."""
        return f"{gateway.NAMESPACE}/{gateway.NAME}"

    def incident(self, share: float, seconds: float) -> None:
        """Every pod of the service fails for a while."""
        for pod in self.kube.items("v1", "Pod", NAMESPACE):
            if Node(pod).at("status", "phase").text() == "Running":
                name = Node(pod).at("metadata", "name").text()
                path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}:8080/proxy/incident"
                self.kube.raw(path, {"share": str(share), "seconds": str(seconds)})

    async def apply_kinds(self, path: Path) -> None:
        """A file of custom resource definitions; returns when the API serves them."""
        for found in yaml.safe_load_all(path.read_text()):
            if isinstance(found, Mapping):
                self.kube.apply(found)
                name = Node(found).at("metadata", "name").text()
                await until(partial(self._serves, name), 30)

    async def _serves(self, name: str) -> bool:
        found = self.kube.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name) or {}
        return why_not(found, "Established") == ""


@asynccontextmanager
async def world(peers: Path) -> AsyncIterator[World]:
    """Makes the cluster in the home of the environment's variable, and takes it down again."""
    chosen = settings.load()
    engine.up(chosen, path=str(Path(sys.executable).parent))
    connected = await connect(chosen)
    calls = Clusters(connected)
    spec = clusters.read(TEMPLATE.read_bytes(), TEMPLATE.name, lambda path: None, {"namespace": NAMESPACE}, CLUSTER)
    async with AsyncExitStack() as end:
        end.callback(engine.down, chosen)
        await calls.ask(spec, "bench")
        end.push_async_callback(_deleted, calls)
        await until(lambda: _status(calls, Status.READY))
        state = await calls.view(CLUSTER)
        kube = Kube(Access(state.reference), discovery(chosen.clusters, CLUSTER))
        told = kube.get("v1", "ConfigMap", image_registry.NAME, image_registry.NAMESPACE) or {}
        files = {"srv/service.py": Path(faulty_service.__file__).read_bytes()}
        env = {"PYTHONHOME": sys.base_prefix}
        image = push(f"{image_registry.host_of(told)}/shop", files, ("/srv/service.py",), env)
        address, port, metrics = _ports(kube)
        prometheus = _prometheus(chosen.home / "prometheus", f"{address}:{metrics}", end)
        load = Load(port, HOST, chosen.home / "load", address)
        end.callback(load.stop)
        kubeconfig = state.reference.removeprefix("file:")
        yield World(chosen, connected, kube, kubeconfig, image, prometheus, load, peers)


async def until(condition: Callable[[], Awaitable[bool]], limit_s: float = LIMIT_S) -> None:
    """Waits for a condition, looking four times a second.

    Raises:
        TimeoutError: it does not come.
    """
    async with asyncio.timeout(limit_s):
        while not await condition():
            await asyncio.sleep(0.25)


def started(command: Sequence[str], log: Path, env: Mapping[str, str], end: AsyncExitStack) -> None:
    """A program of a peer, until the end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **env}, cwd=log.parent)
    end.callback(process.wait)
    end.callback(process.terminate)


def _prometheus(folder: Path, target: str, end: AsyncExitStack) -> str:
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    job = {"job_name": "gateway", "static_configs": [{"targets": [target]}]}
    config = {"global": {"scrape_interval": "2s"}, "scrape_configs": [job]}
    (folder / "prometheus.yml").write_text(json.dumps(config))
    address = f"127.0.0.1:{port}"
    command = ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address={address}"]
    started(command, folder / "log", {}, end)
    until_s = time.monotonic() + 30
    while not answers(port, "/-/ready") and time.monotonic() < until_s:
        time.sleep(0.1)
    return f"http://{address}"


def _ports(kube: Kube) -> tuple[str, int, int]:
    """Address, port of requests and port of metrics of the Gateway beside the nodes."""
    slices = kube.items("discovery.k8s.io/v1", "EndpointSlice", gateway.NAMESPACE)
    found = next(Node(one) for one in slices if "metrics" in _named(one))
    address = found["endpoints"].first()["addresses"].texts()[0]
    named = _named(found.object())
    return address, named["http"], named["metrics"]


def _named(found: Object) -> dict[str, int]:
    return {port["name"].text(): port["port"].whole() for port in Node(found)["ports"]}


async def _status(calls: Clusters, *wanted: Status) -> bool:
    state = await calls.view(CLUSTER)
    if state.status is Status.FAILED and Status.FAILED not in wanted:
        raise RuntimeError(f"the cluster failed: {state.blocker and state.blocker.reason}")
    return state.status in wanted and state.wanted is None


async def _deleted(calls: Clusters) -> None:
    await calls.delete(CLUSTER, "bench")
    await until(lambda: _status(calls, Status.DELETED, Status.FAILED))
