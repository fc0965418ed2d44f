"""Deployments for tests of a release's objects."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.place import KubernetesSpec, Place

PLACE = Place(cluster="edge", namespace="team", gateway="gateways/main", host="{service}.example.org")


def shop(number: int = 57, *, environment: str = "production", env: Any = None, **spec: Any) -> Deployment:
    """A release of the service `shop` to a cluster."""
    kept = {"service": "shop", "version": "1.2", "image": f"shop@sha256:{'a' * 64}", "instances": 3, **spec}
    deploy = DeploySpec(target="kubernetes", router="gateway-api", kubernetes=KubernetesSpec(place=PLACE), **kept)
    return Deployment(service="shop", environment=environment, instance=f"r{number}", spec=deploy, env=env or {})


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True)
ENVIRONMENTS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)
NUMBERS = st.integers(1, 10**6)
RELEASES = st.builds(
    lambda service, environment, number: Deployment(
        service=service, environment=environment, instance=f"r{number}", spec=DeploySpec(service=service)
    ),
    NAMES,
    ENVIRONMENTS,
    NUMBERS,
)


@st.composite
def rendered(draw: st.DrawFn) -> list[Any]:
    """What a source may give: one Deployment, with configuration that it reads in every way there is, and hooks."""
    names = draw(st.lists(st.sampled_from(["shop", "settings", "r57", "a.b"]), unique=True, max_size=3))
    kinds = draw(st.lists(st.sampled_from(["ConfigMap", "Secret"]), min_size=len(names), max_size=len(names)))
    refs = [*zip(kinds, names, strict=True), ("ConfigMap", "elsewhere")]
    labels = {"app": draw(st.sampled_from(["shop", "cart"]))}
    pod = {
        "containers": [_reading(refs)],
        "initContainers": [_reading(refs)],
        "volumes": [_volume(*one) for one in refs],
    }
    template = {"metadata": {"labels": labels}, "spec": pod}
    workload = _plain("apps/v1", "Deployment", "shop", {"selector": {"matchLabels": labels}, "template": template})
    found = [workload, *({**_plain("v1", kind, name, {}), "data": {"k": "v"}} for kind, name in refs[:-1])]
    for hook in draw(st.lists(st.sampled_from(["expand", "before", "after", "contract"]), unique=True, max_size=2)):
        job = _plain("batch/v1", "Job", f"job-{hook}", {"template": template})
        job["metadata"]["annotations"] = {"sluiceway.dev/hook": hook}
        found.append(job)
    if draw(st.booleans()):
        port = {"port": draw(st.integers(1, 9)), "targetPort": draw(st.sampled_from(["http", 8080]))}
        found.append(_plain("v1", "Service", "shop", {"selector": labels, "ports": [port]}))
    return draw(st.permutations(found))


def _plain(version: str, kind: str, name: str, spec: Any) -> Any:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": "shop"}}, "spec": spec}


def _reading(refs: list[tuple[str, str]]) -> Any:
    env: list[Any] = [{"name": "PLAIN", "value": "1"}]
    for at, (kind, name) in enumerate(refs):
        key = "configMapKeyRef" if kind == "ConfigMap" else "secretKeyRef"
        env.append({"name": f"V{at}", "valueFrom": {key: {"name": name, "key": "k"}}})
    whole = [{"configMapRef" if kind == "ConfigMap" else "secretRef": {"name": name}} for kind, name in refs]
    return {"name": "main", "image": "shop:1", "env": env, "envFrom": whole}


def _volume(kind: str, name: str) -> Any:
    if kind == "Secret":
        return {"name": name, "secret": {"secretName": name}}
    return {"name": name, "projected": {"sources": [{"configMap": {"name": name}}, {"downwardAPI": {}}]}}
