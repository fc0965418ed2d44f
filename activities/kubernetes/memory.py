"""An API server in memory, with pods that tests and simulations control."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.values import Json


@dataclass(kw_only=True)
class MemoryKube:
    """Like activities/kubernetes/client.py, for pods and nodes. `refusal`: the error of the next creation.

    `changes` keeps changes of other kinds, by kind and name; `others` what was created of them.
    """

    pods: dict[tuple[str, str], Object] = field(default_factory=dict)
    nodes: dict[str, Object] = field(default_factory=dict)
    events: list[Object] = field(default_factory=list)
    changes: dict[str, Object] = field(default_factory=dict)
    others: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    """By kind, namespace and name."""
    refusal: str = ""
    created: int = 0
    _history: list[tuple[int, str, Object]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _version: int = 0

    def create(self, manifest: Object) -> Object:
        """A Pod begins as Pending; an existing one is returned unchanged. Refused while `refusal` is set."""
        key, kind = _key(manifest), Node(manifest)["kind"].text()
        if kind != "Pod":
            return self.others.setdefault((kind, *key), dict(manifest))
        if self.refusal:
            raise SluicewayError("SLW943", "the API server refused it", why=self.refusal, transient=True, status=403)
        with self._changed:
            if key not in self.pods:
                self.created += 1
                made = _with(manifest, "metadata", uid=f"uid-{self.created}")
                self._put("ADDED", key, {**made, "status": {"phase": "Pending"}})
            return copy.deepcopy(self.pods[key])

    def set(self, namespace: str, name: str, status: Object, node: str = "") -> None:
        """Sets the status as a kubelet would."""
        with self._changed:
            one = {**self.pods[(namespace, name)], "status": status}
            self._put("MODIFIED", (namespace, name), _with(one, "spec", nodeName=node) if node else one)

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        with self._changed:
            tables = {"Node": self.nodes.get(name), "Pod": self.pods.get((namespace, name))}
            return copy.deepcopy(tables.get(kind, self.others.get((kind, namespace, name))))

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Ignores labels."""
        return self.items_at(api_version, kind, namespace, labels)[0]

    def items_at(
        self, api_version: str, kind: str, namespace: str = "", labels: str = "", fields: str = ""
    ) -> tuple[list[Object], str]:
        """Ignores labels; fields apply to pods only."""
        with self._changed:
            table: dict[str, list[Object]] = {
                "Node": list(self.nodes.values()),
                "Event": self.events,
                "Pod": [one for (where, _), one in self.pods.items() if namespace in ("", where) and _on(one, fields)],
            }
            return copy.deepcopy(table[kind]), str(self._version)

    def patch(self, api_version: str, kind: str, name: str, patch: Object, namespace: str = "") -> Object | None:
        """Patches finalizers of pods, annotations and spec of nodes; other kinds go to `changes`."""
        with self._changed:
            wanted, key = Node(patch), (namespace, name)
            if kind not in ("Node", "Pod"):
                self.changes[f"{kind} {namespace}/{name}"] = patch
                return None
            if kind == "Node" and name in self.nodes:
                changed = {**metadata.annotations(self.nodes[name]), **wanted.at("metadata", "annotations").object()}
                notes = {note: value for note, value in changed.items() if value is not None}
                one = _with(self.nodes[name], "metadata", annotations=notes)
                self.nodes[name] = _with(one, "spec", **wanted["spec"].object())
                return copy.deepcopy(self.nodes[name])
            if kind == "Pod" and key in self.pods:
                if wanted.at("metadata", "uid").text(metadata.uid(self.pods[key])) != metadata.uid(self.pods[key]):
                    raise SluicewayError("SLW943", "refused", why="the uid is another one", status=409)
                left = wanted.at("metadata", "finalizers").texts()
                one = self.pods[key] = _with(self.pods[key], "metadata", finalizers=left)
                self._settle(key)
                return copy.deepcopy(one)
            return None

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str = "", grace_s: int | None = None, uid: str = ""
    ) -> None:
        """A running pod fails first, and stays while it has finalizers."""
        with self._changed:
            if kind == "Node":
                self.nodes.pop(name, None)
                return
            pod = self.pods.get((namespace, name))
            if pod is None or uid not in ("", metadata.uid(pod)):
                return
            one = _with(pod, "metadata", deletionTimestamp="now", deletionGracePeriodSeconds=0)
            if Node(pod).at("status", "phase").text() in ("Pending", "Running"):
                one["status"] = {"phase": "Failed", "reason": "Killed"}
            self._put("MODIFIED", (namespace, name), one)
            self._settle((namespace, name))

    def evict(self, namespace: str, pod: str) -> bool:
        """Always allowed: there are no disruption budgets."""
        self.delete("v1", "Pod", pod, namespace)
        return True

    def watch_pods(self, namespace: str, labels: str, version: str, timeout_s: int) -> Iterator[tuple[str, Object]]:
        """Ignores labels; ends after `timeout_s` seconds."""
        seen, deadline = int(version), time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            with self._changed:
                self._changed.wait_for(lambda: self._version > seen, timeout=0.1)  # noqa: B023
                new = [one for one in self._history if one[0] > seen and metadata.namespace(one[2]) == namespace]
                seen = self._version
            yield from ((kind, copy.deepcopy(what)) for _, kind, what in new)

    def logs(self, namespace: str, pod: str, container: str) -> str:
        """One line with container and pod name."""
        if (namespace, pod) not in self.pods:
            raise SluicewayError(
                "SLW943", "the API server refused it", why="404: not found", transient=True, status=404
            )
        return f"{container} of {pod}\n"

    def _settle(self, key: tuple[str, str]) -> None:
        one = self.pods[key]
        if metadata.is_ending(one) and not Node(one).at("metadata", "finalizers"):
            self._put("DELETED", key, one)
            del self.pods[key]

    def _put(self, kind: str, key: tuple[str, str], one: Object) -> None:
        self._version += 1
        self.pods[key] = made = _with(one, "metadata", resourceVersion=str(self._version))
        self._history.append((self._version, kind, copy.deepcopy(made)))
        self._changed.notify_all()


def _key(one: Object) -> tuple[str, str]:
    return metadata.namespace(one), metadata.name(one)


def _with(one: Object, part: str, **fields: Json) -> Manifest:
    """The object with some fields of its metadata or spec set."""
    return {**one, part: {**Node(one)[part].object(), **fields}}


def _on(pod: Object, fields: str) -> bool:
    """Whether a pod is on the node of a field selector, if that names one."""
    node = fields.partition("spec.nodeName=")[2]
    return not node or Node(pod).at("spec", "nodeName").text() == node
