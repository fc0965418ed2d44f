"""The end of a pod's object: its logs are stored first, then the finalizer goes."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field

from activities.authority.port import Permits
from activities.core.errors import as_failure
from activities.pods import permits
from activities.pods.port import PodAt, Removed
from activities.pods.watch import PodApi
from activities.storage.port import Store
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.masking import Masker
from domain.pods import status as pod
from domain.pods.manifest import FINALIZER, WORKFLOW, secret_name

GONE_S = 60.0
POLL_S = 0.1
MAX_LOG_BYTES = 64_000_000


@dataclass(frozen=True)
class Keeper:
    """Stores logs and lets pods go; `done` has what was kept of pods whose workflows may not know it yet, by UID."""

    permits: Permits
    store: Store
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
        masker = Masker(_secrets_of(api, at, spec))
        data = masker.whole("".join(parts).encode()[:MAX_LOG_BYTES])
        return Removed(self.store.put(data) if data else "", "; ".join(gaps)[:500])

    def release(self, api: PodApi, at: PodAt, found: Object, is_lost: bool = False) -> bool:
        """Deletes the object, and waits until it is gone. Returns whether it was still there.

        Raises:
            SluicewayError: SLW951, it is still there after a minute; status 409 or 422: another one has its name.
        """
        uid = metadata.uid(found)
        left = [one for one in Node(found).at("metadata", "finalizers").texts() if one != FINALIZER]
        if is_lost or not pod.status_of(found).ending:
            api.delete("v1", "Pod", at.name, at.namespace, grace_s=0 if is_lost else None, uid=uid)
        freed: Manifest = {"metadata": {"uid": uid, "finalizers": left or None}}
        after = api.patch("v1", "Pod", at.name, freed, at.namespace)
        if pod.is_gone(after):
            return after is not None
        deadline = time.monotonic() + GONE_S
        while time.monotonic() < deadline:
            again = api.get("v1", "Pod", at.name, at.namespace)
            if again is None or metadata.uid(again) != uid:
                return True
            time.sleep(POLL_S)
        raise SluicewayError(
            "SLW951",
            f"pod {at.namespace}/{at.name} is not deleted",
            why="a finalizer blocks its deletion",
            transient=True,
        )


def is_of(at: PodAt, found: Object | None) -> bool:
    """Whether it was made by this workflow: another pod may have the name."""
    return found is not None and metadata.annotations(found).get(WORKFLOW) == at.workflow


def _secrets_of(api: PodApi, at: PodAt, spec: Node) -> list[str]:
    """Values to mask in a pod's logs: its own secret is deleted only later. A pod that does not name it has none."""
    name = secret_name(at.name)
    if name not in json.dumps(spec.value):
        return []
    found = Node(api.get("v1", "Secret", name, at.namespace))
    return [base64.b64decode(value).decode("utf-8", "replace") for value in found["data"].strings().values()]
