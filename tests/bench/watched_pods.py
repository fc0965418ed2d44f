"""Reads 10,000 pods one way, in a process of its own, and says what it cost: `python -m tests.bench.watched_pods WAY`.

Pages of 500, as an API server gives them; 5.6 KB a pod, most of which nobody reads. `rows`: as the inventory does, what
it remembers is kept; `decoded`: the typed objects alone, all kept; `json`, `models`: dictionaries, and the official
client's models, all kept.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PODS, PAGE = 10_000, 500
FIELDS: dict[str, Any] = {f"f:{key}": {".": {}, "f:x": {}} for key in range(60)}
"""Who manages what, which is a third of a pod."""


def pod(number: int) -> dict[str, Any]:
    """A pod of two containers, as a kubelet tells it."""
    name = f"web-{number % 977:x}"
    return {"metadata": _meta(name, number), "spec": _spec(number), "status": _status()}


def _meta(name: str, number: int) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{name}-5d", "uid": "u", "controller": True}
    fields = {"manager": "kubelet", "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": {"f:status": FIELDS}}
    return {
        "name": f"{name}-5d-{number:05d}",
        "namespace": f"team-{number % 100}",
        "uid": f"uid-{number}",
        "resourceVersion": str(number),
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": name, "pod-template-hash": "5d"},
        "annotations": {"note": "x" * 200},
        "ownerReferences": [owner],
        "managedFields": [fields],
    }


def _spec(number: int) -> dict[str, Any]:
    mounts = [{"name": "x", "mountPath": "/x", "readOnly": True}] * 3
    one = {
        "image": "example.com/web:1.2.3",
        "env": [{"name": f"E{key}", "value": "v" * 20} for key in range(10)],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "livenessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 10},
        "volumeMounts": mounts,
    }
    tolerated = {"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    return {
        "nodeName": f"node-{number % 40}",
        "containers": [{"name": name, **one} for name in ("main", "side")],
        "volumes": [{"name": "x", "emptyDir": {}}],
        "serviceAccountName": "default",
        "tolerations": [tolerated] * 2,
    }


def _status() -> dict[str, Any]:
    at, kinds = "2026-01-01T00:00:05Z", ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    told = {
        "state": {"running": {"startedAt": at}},
        "lastState": {},
        "ready": True,
        "started": True,
        "restartCount": 0,
        "image": "example.com/web:1.2.3",
        "imageID": "sha256:" + "a" * 64,
        "containerID": "containerd://" + "b" * 64,
    }
    return {
        "phase": "Running",
        "conditions": [
            {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": at} for kind in kinds
        ],
        "podIP": "10.0.0.1",
        "podIPs": [{"ip": "10.0.0.1"}],
        "startTime": at,
        "qosClass": "Burstable",
        "containerStatuses": [{"name": name, **told} for name in ("main", "side")],
    }


def pages() -> list[bytes]:
    """What an API server sends."""
    found = []
    for start in range(0, PODS, PAGE):
        items = [pod(number) for number in range(start, start + PAGE)]
        body = {"kind": "PodList", "metadata": {"resourceVersion": "1", "continue": "x"}, "items": items}
        found.append(json.dumps(body, separators=(",", ":")).encode())
    return found


def _rows() -> Callable[[bytes], object]:
    from activities.inventory.decoding import Decoder, decoder_of
    from activities.inventory.gathered import Gathered
    from activities.inventory.sinks import ObjectSink, Surroundings
    from domain.inventory.rows import READERS
    from domain.inventory.scene import Scene
    from tests.support.played_writer import NoWriter

    gathered = Gathered("c", NoWriter())
    sink = ObjectSink(READERS["Pod"], Surroundings(gathered, Scene(cluster="c")))
    decoder: Decoder[Any] = decoder_of(READERS["Pod"].shape)
    loop = asyncio.new_event_loop()

    def read(body: bytes) -> object:
        for one in decoder.page(body).items:
            sink.here(one)
        loop.run_until_complete(gathered.write())
        return gathered

    return read


def _decoded() -> Callable[[bytes], object]:
    from activities.inventory.decoding import decoder_of
    from domain.inventory import shapes

    return decoder_of(shapes.Pod).page


def _models() -> Callable[[bytes], object]:
    from kubernetes.client import ApiClient

    client = ApiClient()
    return lambda body: client.deserialize(body.decode(), "V1PodList", "application/json")


WAYS: dict[str, Callable[[], Callable[[bytes], object]]] = {
    "rows": _rows,
    "decoded": _decoded,
    "json": lambda: json.loads,
    "models": _models,
}


def _resident_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def measured(way: str) -> dict[str, float]:
    """CPU in seconds; MB that stay, and the most that there were, without the bytes themselves."""
    bodies, read = pages(), WAYS[way]()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the most so far is what there is now
    before, begun = _resident_mb("VmRSS"), time.process_time()
    kept = [read(body) for body in bodies]
    cpu = time.process_time() - begun
    most = _resident_mb("VmHWM") - before
    gc.collect()
    return {"cpu_s": cpu, "kept_mb": _resident_mb("VmRSS") - before, "most_mb": most, "pages": len(kept)}


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1])))
