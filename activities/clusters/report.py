"""A cluster and each of its namespaces as self-contained HTML pages: no script, no font, no picture from elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from activities.core.templates import template
from activities.kubernetes.port import ObjectApi
from activities.volumes.activities import look
from domain.clusters import namespace_diagram as chart
from domain.clusters.health import ClusterHealth, condition, of_nodes, quantity
from domain.clusters.namespace_diagram import Chart
from domain.core.errors import SluicewayError
from domain.pods.status import PodPhase, status_of
from domain.volumes.volume import VolumeSpec

TONES = {
    PodPhase.RUNNING: "passed",
    PodPhase.SUCCEEDED: "passed",
    PodPhase.PENDING: "running",
    PodPhase.FAILED: "failed",
    PodPhase.UNKNOWN: "failed",
}
MOST_PODS = 500


def write(api: ObjectApi, state: Any, folder: Path) -> list[Path]:
    """`index.html` and a page for each namespace that has something in it. `state` is what cluster/NAME says."""
    folder.mkdir(parents=True, exist_ok=True)
    pods = api.items("v1", "Pod")
    spaces = sorted(one["metadata"]["name"] for one in api.items("v1", "Namespace"))
    pages = {f"{name}.html": _namespace(api, state.spec.name, name, pods) for name in spaces}
    pages["index.html"] = _cluster(api, state, pods, spaces)
    for name, text in pages.items():
        (folder / name).write_text(text)
    return [folder / name for name in sorted(pages, key=lambda name: (name != "index.html", name))]


def _cluster(api: ObjectApi, state: Any, pods: Sequence[dict[str, Any]], spaces: Sequence[str]) -> str:
    nodes = api.items("v1", "Node")
    on = Counter(str((one.get("spec") or {}).get("nodeName") or "") for one in pods)
    return str(
        template("clusters/cluster").render(
            state=state,
            health=_health(state.health, nodes),
            at=_now(),
            since=_ago(state.since),
            nodes=[_node(one, on) for one in sorted(nodes, key=lambda node: node["metadata"]["name"])],
            spaces=[_space(api, name, pods) for name in spaces],
            phases=_phases(pods),
            log=[
                (datetime.fromtimestamp(entry.at, UTC).strftime("%H:%M:%S"), entry.words) for entry in state.log[-30:]
            ],
        )
    )


def _health(known: ClusterHealth, nodes: Sequence[dict[str, Any]]) -> ClusterHealth:
    """Nodes as they are now; what else is known of the cluster was found at its last look."""
    return replace(of_nodes(nodes, known.version, known.capabilities), drift=known.drift)


def _node(one: dict[str, Any], on: Counter[str]) -> dict[str, Any]:
    meta, room = one["metadata"], (one.get("status") or {}).get("allocatable") or {}
    ready = condition(one, "Ready")
    labels = meta.get("labels") or {}
    return {
        "name": meta["name"],
        "ready": {"True": "ready", "False": "not ready"}.get(ready, "unknown"),
        "tone": "passed" if ready == "True" else "failed",
        "closed": bool((one.get("spec") or {}).get("unschedulable")),
        "zone": labels.get("topology.kubernetes.io/zone", ""),
        "room": f"{quantity(room.get('cpu', 0)):g} cores, {quantity(room.get('memory', 0)) / 2**20:,.0f} MB",
        "pods": on[meta["name"]],
        "most": int(quantity(room.get("pods", 0))),
    }


def _space(api: ObjectApi, name: str, pods: Sequence[dict[str, Any]]) -> dict[str, Any]:
    here = [one for one in pods if one["metadata"]["namespace"] == name]
    quotas = [line for one in api.items("v1", "ResourceQuota", name) for line in _quota(one)]
    fullest = max(quotas, key=lambda line: float(line["percent"]), default=None)
    return {"name": name, "phases": _phases(here), "fullest": fullest, "policies": len(_policies(api, name))}


def _phases(pods: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    counts = Counter(status_of(one).phase for one in pods)
    return [
        {"phase": phase, "count": counts[phase], "tone": TONES.get(phase, "")} for phase in PodPhase if counts[phase]
    ]


def _quota(one: dict[str, Any]) -> list[dict[str, Any]]:
    # What is allowed is known at once, what is used only after a controller has counted it.
    hard, used = (one.get("spec") or {}).get("hard") or {}, (one.get("status") or {}).get("used") or {}
    return [
        {
            "name": f"{one['metadata']['name']}: {key}",
            "used": str(used.get(key, "not counted yet")),
            "hard": str(value),
            "percent": min(100.0, round(100 * quantity(used.get(key, 0)) / (quantity(value) or 1), 1)),
        }
        for key, value in sorted(hard.items())
    ]


def _policies(api: ObjectApi, name: str) -> list[dict[str, Any]]:
    return api.items("networking.k8s.io/v1", "NetworkPolicy", name)


def _namespace(api: ObjectApi, cluster: str, name: str, pods: Sequence[dict[str, Any]]) -> str:
    here = [one for one in pods if one["metadata"]["namespace"] == name]
    services = [
        one for one in api.items("v1", "Service", name) if (name, one["metadata"]["name"]) != ("default", "kubernetes")
    ]
    drawn: Chart = chart.namespace_diagram(services, here, _policies(api, name))
    quotas = [line for one in api.items("v1", "ResourceQuota", name) for line in _quota(one)]
    return str(
        template("clusters/namespace").render(
            cluster=cluster,
            name=name,
            at=_now(),
            phases=_phases(here),
            pods=[_pod(one) for one in here[:MOST_PODS]],
            hidden=max(len(here) - MOST_PODS, 0),
            quotas=quotas,
            volumes=_volumes(api, name),
            chart=drawn,
            sizes=chart,
        )
    )


def _pod(one: dict[str, Any]) -> dict[str, Any]:
    now = status_of(one)
    images = ", ".join(str(c.get("image", "")) for c in (one.get("spec") or {}).get("containers") or [])
    restarts = sum(int(c.get("restartCount", 0)) for c in (one.get("status") or {}).get("containerStatuses") or [])
    tone = TONES.get(now.phase, "")
    name = one["metadata"]["name"]
    return {"name": name, "seen": now, "tone": tone, "images": images, "restarts": restarts}


def _volumes(api: ObjectApi, name: str) -> list[tuple[str, Any]]:
    found = []
    for one in api.items("v1", "PersistentVolumeClaim", name):
        claim = str(one["metadata"]["name"])
        try:
            found.append((claim, look(api, VolumeSpec(claim, name))[0]))
        except SluicewayError:
            continue  # it went in between
    return found


def _now() -> str:
    return f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m-%d %H:%M:%S} UTC"


def _ago(since: float) -> str:
    return f"{datetime.fromtimestamp(since, UTC):%Y-%m-%d %H:%M:%S} UTC" if since else ""
