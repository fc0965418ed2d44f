"""An API server in memory for objects of every kind: server-side apply, owners, and the controllers of a release."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from activities.kubernetes import memory_controllers as controllers
from activities.kubernetes.client import MANAGER
from activities.kubernetes.field_owners import Owners, leaves, merged, without
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import Json

Key = tuple[str, str, str]
"""Kind, namespace, name."""


@dataclass(kw_only=True)
class MemoryObjects:
    """Like activities/kubernetes/client.py. Its controllers have acted when a call returns."""

    denied: set[tuple[str, str]] = field(default_factory=set)
    """Verb and kind that the access may not do."""
    rejected: dict[str, str] = field(default_factory=dict)
    """Kind to the words in which admission refuses its objects."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Image to the reason for which its containers wait (`ImagePullBackOff`): its pods never get ready."""
    output: dict[str, str] = field(default_factory=dict)
    """Image to the output of its containers."""
    failing: set[str] = field(default_factory=set)
    """Images, or names of Jobs, that fail."""
    programs: Callable[[Sequence[str]], str] | None = None
    """Runs the command of a new Job; returns why it failed, or empty."""
    calls: list[str] = field(default_factory=list)
    """Every change in order: `apply Deployment shop-r1 by sluiceway-release`."""
    _objects: dict[Key, Manifest] = field(default_factory=dict)
    _owners: dict[Key, Owners] = field(default_factory=dict)
    _version: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    # -- the client's calls -------------------------------------------------------------------------------------------

    def apply(self, manifest: Object, dry_run: bool = False, *, manager: str = MANAGER, force: bool = True) -> Object:
        """Fields that are applied no more are removed, unless another manager has them too."""
        with self._lock:
            key = _key(manifest)
            self._admit("patch", key)
            owners = copy.deepcopy(self._owners.get(key, Owners()))
            old = self._objects.get(key, {})
            self._same_version(manifest, old)
            wanted = leaves(manifest)
            if conflicts := owners.conflicts(manager, wanted, old):
                if not force:
                    raise _refusal(409, owners.words(conflicts))
                owners.take(conflicts)
            made = without(old, owners.left(manager, wanted))
            made = merged(made, manifest)
            owners.set(manager, "Apply", wanted, self._time())
            return copy.deepcopy(made) if dry_run else self._put(key, made, owners, f"apply {{}} by {manager}")

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """As `denied` says."""
        return f"no role allows {verb} of {kind}" if (verb, kind) in self.denied else ""

    def create(self, manifest: Object) -> Object:
        """Creates an object, or returns the existing one unchanged."""
        with self._lock:
            key = _key(manifest)
            self._admit("create", key)
            if key in self._objects:
                return copy.deepcopy(self._objects[key])
            owners = Owners()
            owners.set(MANAGER, "Update", leaves(manifest), self._time())
            return self._put(key, dict(manifest), owners, "create {}")

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        with self._lock:
            return copy.deepcopy(self._objects.get((kind, namespace, name)))

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """`labels`: terms `NAME=VALUE`, or `NAME` for any value, separated by commas."""
        return self.items_at(api_version, kind, namespace, labels)[0]

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        """`fields`: `involvedObject.name=NAME` for events; others are ignored."""
        with self._lock:
            found = [one for (of, where, _), one in sorted(self._objects.items()) if of == kind]
            found = [one for one in found if namespace in ("", metadata.namespace(one)) and selected(one, labels)]
            return copy.deepcopy([*found]), str(self._version)

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        """A merge patch of the manager `sluiceway`."""
        return self.edit(kind, name, patch, namespace, manager=MANAGER)

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None, uid: str = ""
    ) -> None:
        """With everything that it owns."""
        with self._lock:
            self._admit("delete", (kind, namespace, name))
            if uid not in ("", metadata.uid(self._objects.get((kind, namespace, name), {}))):
                return
            gone = self._objects.pop((kind, namespace, name), None)
            if gone is None:
                return
            self.calls.append(f"delete {kind} {name}")
            self._owners.pop((kind, namespace, name), None)
            for owned in [one for one in self._objects.values() if _is_owned(one, metadata.uid(gone))]:
                self.delete("", *_key(owned)[::2], namespace=namespace)
            self._act(namespace)

    def last_output(self, namespace: str, pod: str, container: str) -> str:
        """As `output` says for its image."""
        with self._lock:
            found = Node(self._objects.get(("Pod", namespace, pod))).at("spec", "containers").first()
            return self.output.get(found["image"].text(), "")

    # -- for tests ----------------------------------------------------------------------------------------------------

    def edit(self, kind: str, name: str, patch: Object, namespace: str = "", *, manager: str) -> Object | None:
        """A merge patch (RFC 7396) by any manager, as `kubectl edit` or an autoscaler does."""
        with self._lock:
            key = (kind, namespace, name)
            if key not in self._objects:
                return None
            self._same_version(patch, self._objects[key])
            owners, changed = copy.deepcopy(self._owners.get(key, Owners())), leaves(patch)
            owners.take(dict.fromkeys(changed, ""))
            owners.set(manager, "Update", changed, self._time())
            return self._put(key, merged(self._objects[key], patch), owners, f"edit {{}} by {manager}")

    def every(self) -> list[str]:
        """`Kind/name` of all objects, sorted."""
        with self._lock:
            return names([*self._objects.values()])

    # -- inside -------------------------------------------------------------------------------------------------------

    def _admit(self, verb: str, key: Key) -> None:
        kind, _, name = key
        if (verb, kind) in self.denied:
            raise _refusal(403, f"{kind} {name} is forbidden: no role allows {verb}")
        if verb != "delete" and kind in self.rejected:
            raise _refusal(403, f"{kind} {name} is forbidden: {self.rejected[kind]}")

    def _same_version(self, manifest: Object, old: Object) -> None:
        """https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions"""
        guard = Node(manifest).at("metadata", "resourceVersion").text()
        if guard and guard != Node(old).at("metadata", "resourceVersion").text():
            raise _refusal(409, "the object has been modified; please apply your changes to the latest version")

    def _time(self) -> str:
        return f"2026-01-01T00:{self._version // 60 % 60:02}:{self._version % 60:02}Z"

    def _put(self, key: Key, made: Manifest, owners: Owners, did: str) -> Object:
        old = Node(self._objects.get(key))
        if key[0] == "Job" and not old and self.programs is not None:
            self._run(made, key[2], self.programs)
        self._version += 1
        meta: dict[str, Json] = {**Node(made)["metadata"].object()}
        changed = old["spec"].value != Node(made)["spec"].value
        meta["generation"] = old.at("metadata", "generation").whole() + (1 if changed or not old else 0)
        meta["uid"] = old.at("metadata", "uid").text() or f"uid-{self._version}"
        meta["resourceVersion"] = str(self._version)
        meta["managedFields"] = owners.managed_fields()
        self._objects[key], self._owners[key] = {**made, "metadata": meta}, owners
        self.calls.append(did.format(f"{key[0]} {key[2]}"))
        self._act(key[1])
        return copy.deepcopy(self._objects[key])

    def _run(self, job: Object, name: str, programs: Callable[[Sequence[str]], str]) -> None:
        container = Node(job).at("spec", "template", "spec", "containers").first()
        if why := programs(container["command"].texts()):
            self.failing.add(name)
            self.output[container["image"].text()] = why

    def _act(self, namespace: str) -> None:
        """What the controllers of the cluster make of the objects of a namespace."""
        here = [one for (_, where, _), one in self._objects.items() if where == namespace]
        made, gone = controllers.act(here, self.waiting, self.failing)
        for one in gone:
            self._objects.pop(_key(one), None)
        for one in made:
            self._objects[_key(one)] = one


def selected(one: Object, labels: str) -> bool:
    """Whether its labels are as the terms of a selector say."""
    has = metadata.labels(one)
    terms = [term.partition("=") for term in labels.split(",") if term]
    return all(name in has and (not said or has[name] == value) for name, said, value in terms)


def names(objects: Collection[Object]) -> list[str]:
    """`Kind/name` of each, sorted."""
    return sorted(f"{Node(one)['kind'].text()}/{metadata.name(one)}" for one in objects)


def _key(one: Mapping[str, Json]) -> Key:
    return Node(one)["kind"].text(), metadata.namespace(one), metadata.name(one)


def _is_owned(one: Object, uid: str) -> bool:
    return any(owner["uid"].text() == uid for owner in metadata.owners(one))


def _refusal(status: int, words: str) -> SluicewayError:
    why = f"{status}: {words}"
    return SluicewayError("SLW943", "the API server refused it", why=why, transient=True, status=status)
