"""Pods made and ended as permitted, through any client."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping

from activities.kubernetes.port import ObjectApi
from activities.pods.port import NewPod, PodAt
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods import status as pod
from domain.pods.manifest import FINALIZER, WORKFLOW, file_data, secret_name

GONE_S = 60.0
POLL_S = 0.1


def made(api: ObjectApi, new: NewPod, values: Mapping[str, str]) -> Object:
    """Creates a pod with its files and secrets, or finds it. `values`: of its secrets, by variable."""
    at = new.at
    owned = pod_manifest.with_ownership(
        new.manifest, at.name, at.namespace, at.workflow, logs_by_watch=new.logs_by_watch
    )
    found = api.create(owned)
    owner = {"apiVersion": "v1", "kind": "Pod", "name": at.name, "uid": metadata.uid(found)}
    meta: Manifest = {"namespace": at.namespace, "ownerReferences": [owner]}
    if new.files:
        named = {**meta, "name": f"{at.name}-files"}
        api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": named, "data": file_data(new.files)})
    if values:
        named = {**meta, "name": secret_name(at.name)}
        api.create({"apiVersion": "v1", "kind": "Secret", "metadata": named, "data": _encoded(values)})
    return found


def _encoded(values: Mapping[str, str]) -> dict[str, str]:
    return {name: base64.b64encode(value.encode()).decode() for name, value in values.items()}


def is_of(at: PodAt, found: Object | None) -> bool:
    """Whether it was made by this workflow: another pod may have the name."""
    return found is not None and metadata.annotations(found).get(WORKFLOW) == at.workflow


def ended(api: ObjectApi, at: PodAt) -> None:
    """Deletes it with its grace period; its finalizer keeps it."""
    if at.uid or is_of(at, api.get("v1", "Pod", at.name, at.namespace)):
        api.delete("v1", "Pod", at.name, at.namespace, uid=at.uid)


def released(api: ObjectApi, at: PodAt, found: Object, *, is_lost: bool = False, within_s: float = GONE_S) -> bool:
    """Deletes the object, and waits until it is gone. Returns whether it was still there.

    Raises:
        SluicewayError: SLW951, it is still there after `within_s` seconds; status 409 or 422: another one has its name.
    """
    uid = metadata.uid(found)
    left = [one for one in Node(found).at("metadata", "finalizers").texts() if one != FINALIZER]
    if is_lost or not pod.status_of(found).ending:
        api.delete("v1", "Pod", at.name, at.namespace, grace_s=0 if is_lost else None, uid=uid)
    freed: Manifest = {"metadata": {"uid": uid, "finalizers": left or None}}
    after = api.patch("v1", "Pod", at.name, freed, at.namespace)
    if pod.is_gone(after):
        return after is not None
    deadline = time.monotonic() + within_s
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
