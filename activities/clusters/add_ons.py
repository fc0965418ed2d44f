"""Add-ons: manifests and charts of a folder that the definition names, applied server-side in dependency order."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from activities.kubernetes.client import Kube
from domain.clusters import add_ons, metadata
from domain.clusters.health import condition
from domain.clusters.spec import ClusterSpec
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

ENVIRONMENT = {"PATH": ""}
"""For helm, which needs no other program."""
RENDER_S = 60
RECENT = "1.34.0"
"""Values for rendering a chart before a cluster exists."""
ESTABLISHED_S = 30.0
ENDED_S = 60.0
"""For a namespace or a CRD that was deleted a moment before: what another part has left, which uses it as well."""
DEFINITION = "CustomResourceDefinition"
NEEDED = ("Namespace", DEFINITION)
_FIX = "put NAME.yaml, a chart NAME/ or NAME.tgz, or a folder NAME/ of them there, and name it as connection.add-ons"
_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")


@dataclass(frozen=True)
class Part:
    """Objects that are applied together. `namespace`: the default for namespaced objects."""

    objects: list[Object]
    namespace: str


class _Loader(yaml.CSafeLoader):
    """YAML as Kubernetes reads it: dates and a lone equals sign are strings; CRDs contain both."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag not in _TEXT]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def put(kube: Kube, spec: ClusterSpec, name: str) -> None:
    """Applies the add-on. CRDs are established before their objects."""
    for part in parts(spec, name, kube.version()):
        _put(kube, part)


def lay_down(kube: Kube, objects: Iterable[Object]) -> None:
    """Applies objects that are no add-on's, in the same order. CRDs are established before their objects."""
    for part in _split(add_ons.in_order(objects), "default"):
        _put(kube, part)


def _put(kube: Kube, part: Part) -> None:
    for one in part.objects:
        said = Node(one)
        if said["kind"].text() in NEEDED:
            _end(kube, said["apiVersion"].text(), said["kind"].text(), metadata.name(one))
        if not metadata.namespace(one) and kube.is_namespaced(said["apiVersion"].text(), said["kind"].text()):
            one = {**one, "metadata": {**said["metadata"].object(), "namespace": part.namespace}}
        kube.apply(one)
    for one in part.objects:
        if Node(one)["kind"].text() == DEFINITION:
            _wait(kube, Node(one)["apiVersion"].text(), metadata.name(one))


def _wait(kube: Kube, version: str, name: str) -> None:
    deadline = time.monotonic() + ESTABLISHED_S
    while condition(kube.get(version, DEFINITION, name) or {}, "Established") != "True":
        if time.monotonic() > deadline:
            raise SluicewayError("SLW946", f"the API server does not establish {name}", why="it is not Established")
        time.sleep(0.1)


def _end(kube: Kube, version: str, kind: str, name: str) -> None:
    """Returns when none is there that ends: it would take along what is applied to it."""
    deadline = time.monotonic() + ENDED_S
    while metadata.is_ending(kube.get(version, kind, name) or {}):
        if time.monotonic() > deadline:
            raise SluicewayError(
                "SLW946", f"{kind} {name} was deleted, and does not end", why="something in it is left"
            )
        time.sleep(0.1)


def parts(spec: ClusterSpec, name: str, version: str = "") -> list[Part]:
    """The labelled objects of an add-on, in order; charts rendered for a Kubernetes version.

    Raises:
        SluicewayError: SLW946, it is missing, unreadable, or cannot be rendered.
    """
    folder = Path(spec.connection.get("add-ons", ""))
    found: list[Part] = []
    for path in _files(folder, name):
        where = add_ons.namespace(name)
        is_chart = path.suffix != ".yaml"
        values = folder / f"{name}.values.yaml"
        text = _rendered(path, where, values, version or spec.version or RECENT) if is_chart else _text(path)
        objects = [add_ons.labelled(name, one) for one in _objects(text, path)]
        if is_chart:
            space: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": where}}
            objects.append(add_ons.labelled(name, space))
        found += _split(add_ons.in_order(objects), where if is_chart else "default")
    return found


def _split(objects: list[Object], namespace: str) -> Iterator[Part]:
    """CRDs, and the objects that need them."""
    for is_first in (True, False):
        yield Part([one for one in objects if (Node(one)["kind"].text() in NEEDED) is is_first], namespace)


def _files(folder: Path, name: str) -> list[Path]:
    """One file or chart; or all files of a folder that is not a chart, sorted by name."""
    for path in (folder / f"{name}.yaml", folder / f"{name}.tgz", folder / name):
        if not path.exists():
            continue
        if path.is_file() or (path / "Chart.yaml").exists():
            return [path]
        inner = [one for one in sorted(path.iterdir()) if one.suffix in (".yaml", ".tgz") or one.is_dir()]
        return [one for one in inner if not one.name.endswith(".values.yaml")]
    raise SluicewayError("SLW946", f"{name} has no manifests", where=str(folder), fix=_FIX)


def _rendered(chart: Path, namespace: str, values: Path, version: str) -> str:
    """Renders with `helm template`, without a cluster; hooks are left out, since nothing would run them in order.

    Values come from NAME.values.yaml, and for one chart of several from CHART.values.yaml beside it.
    """
    helm = shutil.which("helm")
    if helm is None:
        fix = "install helm, or `helm template` it elsewhere into a NAME.yaml"
        raise _wrong(chart, "cannot be rendered", "helm is not installed", fix)
    name = chart.name.removesuffix(".tgz")
    own = chart.parent / f"{name}.values.yaml"
    command = [helm, "template", name.lstrip("0123456789-").lower(), str(chart), "--namespace", namespace]
    command += ["--include-crds", "--no-hooks", "--kube-version", version]
    for one in dict.fromkeys((values, own)):
        command += ["--values", str(one)] if one.exists() else []
    with tempfile.TemporaryDirectory() as home:  # no plugins, repositories or user settings
        settings = {**ENVIRONMENT, "HOME": home, "HELM_PLUGINS": f"{home}/none"}
        try:
            made = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=RENDER_S)
        except (subprocess.TimeoutExpired, OSError, UnicodeDecodeError) as broken:
            raise _wrong(chart, "cannot be rendered", str(broken)) from broken
    if made.returncode:
        raise _wrong(chart, "cannot be rendered", made.stderr.strip()[-400:])
    return made.stdout


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as broken:
        raise _wrong(path, "cannot be read", str(broken)) from broken


def _wrong(path: Path, what: str, why: str, fix: str = "") -> SluicewayError:
    return SluicewayError("SLW946", f"{path.name} {what}", where=str(path), why=why[:400], fix=fix)


def _objects(text: str, path: Path) -> Iterator[Object]:
    try:
        documents = list(yaml.load_all(text, _Loader))
    except yaml.YAMLError as broken:
        raise _wrong(path, "is not YAML", str(broken)) from broken
    for one in documents:
        for found in add_ons.listed(one):
            if not add_ons.is_object(found):
                raise _wrong(path, "does not contain only objects", "one lacks apiVersion, kind or metadata.name")
            yield found


def unready(kube: Kube) -> str:
    """The first workload of an add-on that is not ready; empty: all are."""
    for kind in add_ons.WORKLOADS:
        for one in kube.items("apps/v1", kind, labels=add_ons.LABEL):
            if words := add_ons.unready(kind, one):
                return words
    return ""


def remove(kube: Kube, name: str, label: str = add_ons.LABEL) -> None:
    """Deletes everything whose label has this value, except namespaces and CRDs that others use."""
    for version, kind in add_ons.removal_order(kube.kinds()):
        for one in kube.items(version, kind, labels=f"{label}={name}"):
            if not add_ons.stays(name, {**one, "kind": kind}, _inside(kube, kind, one), label):
                kube.delete(version, kind, metadata.name(one), metadata.namespace(one))


def _inside(kube: Kube, kind: str, one: Object) -> Iterator[Object]:
    """What a deletion would take along: workloads and data of a namespace, objects of a CRD."""
    if kind == "Namespace":
        workloads = [("apps/v1", workload) for workload in add_ons.WORKLOADS]
        for version, inner in [("v1", "Pod"), ("v1", "PersistentVolumeClaim"), *workloads]:
            yield from kube.items(version, inner, metadata.name(one))
    if kind == DEFINITION:
        spec = Node(one)["spec"]
        served = [version["name"].text() for version in spec["versions"] if version["served"]]
        for version in served[:1]:  # each of them lists all objects
            yield from kube.items(f"{spec['group'].text()}/{version}", spec.at("names", "kind").text())


def names(kube: Kube) -> list[str]:
    """Names of add-ons with workloads in the cluster."""
    found: set[str] = set()
    for kind in add_ons.WORKLOADS:
        found |= {metadata.labels(one)[add_ons.LABEL] for one in kube.items("apps/v1", kind, labels=add_ons.LABEL)}
    return sorted(found)
