"""Addresses of pages: the one place that knows them. Ids come from strangers' definitions, so each part is quoted."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from workers.client.ports.fleets import Found


def to(*parts: str | int, **query: str | int) -> str:
    """`/runs/web-shop/142?attempt=2`: each part is one segment, whatever it holds; empty values are left out."""
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    kept = {key: value for key, value in query.items() if value not in ("", 0)}
    return f"{path}?{urlencode(kept)}" if kept else path


def run(id_: str, *more: str | int, **query: str | int) -> str:
    """Page of a run, `run/NAME/N` or `run/NAME/N.A`, or one below it."""
    return to("runs", *id_.removeprefix("run/").split("/"), *more, **query)


def log(run_id: str, job: str, attempt: int = 1) -> str:
    """Page of a job's log."""
    return run(run_id, "log", job, attempt=attempt if attempt > 1 else 0)


def release(id_: str, *more: str) -> str:
    """Page of a release, `release/SERVICE/ENVIRONMENT/N`, or one below it."""
    return to("releases", *id_.removeprefix("release/").split("/"), *more)


def approval(id_: str) -> str:
    """Page of an approval by its workflow id."""
    return to("approvals", *id_.removeprefix("approval/").split("/"))


NO_NAMESPACE = "-"
"""In an address, of what is in no namespace: Kubernetes allows no such name."""


def cluster(name: str, *more: str) -> str:
    """Page of a cluster, or one below it."""
    return to("clusters", name, *more)


def namespace(cluster: str, name: str, *more: str) -> str:
    """Page of a namespace in a cluster, or one below it."""
    return to("clusters", cluster, "namespaces", name, *more)


def topology(*where: str) -> str:
    """Map of everything, of a cluster, of a namespace in it, or of a workload in that (kind and name)."""
    return to("topology", *where)


def service(name: str) -> str:
    """Page of a service over all clusters."""
    return to("services", name)


def object(cluster: str, kind: str, namespace: str, name: str) -> str:
    """Page of one object in a cluster; a namespace has a page of its own."""
    if kind == "Namespace":
        return to("clusters", cluster, "namespaces", name)
    return to("clusters", cluster, "objects", kind, namespace or NO_NAMESPACE, name)


def pod(id_: str, *more: str) -> str:
    """Page of a pod that Sluiceway runs, `pod/CLUSTER/NAMESPACE/NAME/ATTEMPT`, or one below it."""
    return to("pods", *id_.removeprefix("pod/").split("/"), *more)


def pod_log(cluster: str, namespace: str, pod: str, **query: str | int) -> str:
    """Page of what a pod's containers write."""
    return to("clusters", cluster, "namespaces", namespace, "pods", pod, "logs", **query)


def objects(**query: str | int) -> str:
    """List of objects under a filter: the fields of `ObjectFilter`."""
    return to("objects", **query)


def found(one: Found) -> str:
    """Page of what a search has found."""
    if one.kind in ("workload", "pod", "node", "namespace") and one.id.count("/") >= 3:
        cluster_, namespace_, kind, name = one.id.split("/", 3)
        return object(cluster_, kind, namespace_, name)
    if one.kind == "namespace":
        return namespace(one.where, one.name)
    if one.kind in ("run", "release"):
        return thing(one.id)
    plain = {"cluster": "clusters", "service": "services", "pipeline": "pipelines", "environment": "environments"}
    return to(plain[one.kind], one.name) if one.kind in plain else "/people"


def request(id_: str, *more: str) -> str:
    """Page of a request, `request/CLUSTER/N`, or one below it."""
    return to("requests", *id_.removeprefix("request/").split("/"), *more)


def step_up(path: str) -> str:
    """Where a second factor is given again, and back to the page."""
    return to("login", "step-up", next=path)


def thing(id_: str) -> str:
    """Page of anything by its workflow id; empty: it has none."""
    kind, _, rest = id_.partition("/")
    if kind in ("run", "release", "approval", "request") and rest:
        return {"run": run, "release": release, "approval": approval, "request": request}[kind](id_)
    if kind == "pod" and rest.count("/") >= 2:
        at, within, name = rest.split("/")[:3]
        return object(at, "Pod", within, name)
    pages = {"environment": "environments", "cluster": "clusters", "pipeline": "pipelines"}
    return to(pages[kind], rest) if kind in pages and rest else ""


def again(path: str, query: Mapping[str, str], **changed: str) -> str:
    """The same page with another query; an empty value is left out. `//x/y` would be a page of another host."""
    path, kept = "/" + path.lstrip("/"), {key: value for key, value in {**query, **changed}.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path


def inside(path: str) -> str:
    """The path if it is one of this server, else `/`: where to go after a form (no open redirect)."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if safe else "/"
