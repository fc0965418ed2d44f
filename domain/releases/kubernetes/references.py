"""Which ConfigMaps and Secrets a pod reads, and the same pod with other names for them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json

CONFIG, SECRET = "ConfigMap", "Secret"
Ref: TypeAlias = tuple[str, str]
"""Kind and name of an object."""
Names = Mapping[Ref, str]
Path: TypeAlias = tuple[str | int, ...]

_OF_ENV = {"configMapKeyRef": CONFIG, "secretKeyRef": SECRET}
_OF_ENV_FROM = {"configMapRef": CONFIG, "secretRef": SECRET}
_CONTAINERS = ("initContainers", "containers")


def references(pod: Node) -> Iterator[tuple[Path, Ref]]:
    """What a pod's spec reads of ConfigMaps and Secrets, each with the path of its name."""
    found: list[tuple[Path, Ref]] = []

    def note(path: Path, ref: Ref) -> str:
        found.append((path, ref))
        return ref[1]

    _mapped(pod, note)
    yield from found


def renamed(pod: Node, names: Names) -> Manifest:
    """The spec of a pod that reads the copies; what has none is read as before."""
    return _mapped(pod, lambda _, ref: names.get(ref, ref[1]))


_Rename = Callable[[Path, Ref], str]


def _mapped(pod: Node, name: _Rename) -> Manifest:
    made: Manifest = {**pod.object()}
    if pod["volumes"]:
        made["volumes"] = [_volume(one, ("volumes", at), name) for at, one in enumerate(pod["volumes"])]
    if pulls := pod["imagePullSecrets"]:
        named = enumerate(pulls)
        made["imagePullSecrets"] = [_named(one, SECRET, "name", ("imagePullSecrets", at), name) for at, one in named]
    for key in _CONTAINERS:
        if pod[key]:
            made[key] = [_container(one, (key, at), name) for at, one in enumerate(pod[key])]
    return made


def _volume(volume: Node, path: Path, name: _Rename) -> Object:
    made: Manifest = {**volume.object()}
    if volume["configMap"].object():
        made["configMap"] = _named(volume["configMap"], CONFIG, "name", (*path, "configMap"), name)
    if volume["secret"].object():
        made["secret"] = _named(volume["secret"], SECRET, "secretName", (*path, "secret"), name)
    if sources := volume["projected"]["sources"]:
        parts = [_projected(one, (*path, "projected", "sources", at), name) for at, one in enumerate(sources)]
        made["projected"] = {**volume["projected"].object(), "sources": parts}
    return made


def _projected(source: Node, path: Path, name: _Rename) -> Json:
    made: Manifest = {**source.object()}
    for key, kind in (("configMap", CONFIG), ("secret", SECRET)):
        if source[key].object():
            made[key] = _named(source[key], kind, "name", (*path, key), name)
    return made


def _container(container: Node, path: Path, name: _Rename) -> Json:
    made: Manifest = {**container.object()}
    if container["env"]:
        made["env"] = [_variable(one, (*path, "env", at), name) for at, one in enumerate(container["env"])]
    if container["envFrom"]:
        found = enumerate(container["envFrom"])
        made["envFrom"] = [_within(one, _OF_ENV_FROM, (*path, "envFrom", at), name) for at, one in found]
    return made


def _variable(variable: Node, path: Path, name: _Rename) -> Json:
    if not variable["valueFrom"].object():
        return variable.value
    return {**variable.object(), "valueFrom": _within(variable["valueFrom"], _OF_ENV, (*path, "valueFrom"), name)}


def _within(holder: Node, kinds: Mapping[str, str], path: Path, name: _Rename) -> Manifest:
    made: Manifest = {**holder.object()}
    for key, kind in kinds.items():
        if holder[key].object():
            made[key] = _named(holder[key], kind, "name", (*path, key), name)
    return made


def _named(ref: Node, kind: str, key: str, path: Path, name: _Rename) -> Manifest:
    return {**ref.object(), key: name((*path, key), (kind, ref[key].text()))}
