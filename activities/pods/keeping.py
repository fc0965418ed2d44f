"""The end of a pod's object: its logs are stored first, then the finalizer goes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from activities.authority.port import Permits
from activities.core.errors import as_failure
from activities.kubernetes.far import Deeds, near
from activities.pods import permits
from activities.pods.making import ended, released
from activities.pods.port import PodAt, Removed
from activities.pods.watch import PodApi
from activities.storage.port import Store
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.core.masking import Masker
from domain.pods.manifest import secret_name

MAX_LOG_BYTES = 64_000_000


@dataclass(frozen=True)
class Keeper:
    """Stores logs and lets pods go; `done` has what was kept of pods whose workflows may not know it yet, by UID."""

    permits: Permits
    store: Store
    far: Deeds = near
    """How it is done in a cluster that dials out, see `Doing.do`."""
    done: dict[str, Removed] = field(default_factory=dict)

    def may_remove(self, at: PodAt) -> None:
        """Raises:
        ApplicationError: the signer does not permit it.
        """
        try:
            self.permits.permit(permits.removal(at))
        except SluicewayError as refused:
            raise as_failure(refused) from refused

    def logs(self, api: PodApi, at: PodAt, found: Object) -> Removed:
        """The logs of every container in turn, each line with its time."""
        parts: list[str] = []
        gaps: list[str] = []
        spec = Node(found)["spec"]
        containers = list(spec["containers"])
        for name in (one["name"].text() for one in (*spec["initContainers"], *containers)):
            try:
                text = api.logs(at.namespace, at.name, name)
            except SluicewayError as broken:
                gaps.append(f"{name}: {broken.why or broken.what}")
                continue
            parts.append(f"== {name}\n{text}" if len(containers) > 1 else text)
        try:
            masker = Masker(_secrets_of(api, at, spec))
        except SluicewayError as hidden:
            if hidden.status != 403:
                raise
            return Removed(gap="its secret may not be read, so its logs cannot be masked")
        data = masker.whole("".join(parts).encode()[:MAX_LOG_BYTES])
        return Removed(self.store.put(data) if data else "", "; ".join(gaps)[:500])

    def release(self, api: PodApi, at: PodAt, found: Object, is_lost: bool = False) -> bool:
        """Deletes it, and waits until it is gone. Returns whether it was still there; raises like `released`."""
        if at.access.dials_out:
            more = {"step": "release", "uid": metadata.uid(found), "lost": "true" if is_lost else ""}
            return self._far(at, more).get("there") == "true"
        return released(api, at, found, is_lost=is_lost)

    def end(self, open: Callable[[], PodApi], at: PodAt) -> None:
        """Deletes it with its grace period; the finalizer keeps it until its logs are stored. `open`: once it may."""
        if at.access.dials_out:
            self._far(at, {"step": "end", "uid": at.uid})
            return
        self.may_remove(at)
        ended(open(), at)

    def _far(self, at: PodAt, more: Mapping[str, str]) -> Mapping[str, str]:
        claim = permits.removal(at)
        try:
            return self.far(claim, self.permits.permit(claim), more) or {}
        except RefusedError as refused:
            raise as_failure(refused) from refused


def _secrets_of(api: PodApi, at: PodAt, spec: Node) -> list[str]:
    """Values to mask in a pod's logs: its own secret is deleted only later. A pod that does not name it has none."""
    name = secret_name(at.name)
    if name not in json.dumps(spec.value):
        return []
    found = Node(api.get("v1", "Secret", name, at.namespace))
    return [base64.b64decode(value).decode("utf-8", "replace") for value in found["data"].strings().values()]
