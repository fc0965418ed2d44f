"""Volume claims of any cluster: status, and one action at a time. Every action is idempotent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import partial

from temporalio import activity

from activities.authority.port import Permits
from activities.core.cancellation import run_blocking
from activities.core.errors import as_failure
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import FINAL, REFUSALS, ObjectApi
from activities.volumes import permits, port
from activities.volumes.port import VolumeDone, VolumeRequest
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.volumes import snapshots, volume
from domain.volumes.volume import Orphan, VolumeAction, VolumePhase, VolumeSpec, VolumeStatus

POLL_S = 0.3
CLAIM, VOLUME, CLASS, SNAPSHOT = "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "VolumeSnapshot"


@dataclass
class VolumeActivities(port.VolumeActivities):
    """`open`: access and cluster name to its API client."""

    open: Callable[[Access, str], ObjectApi]
    book: AddressBook
    _: KW_ONLY
    permits: Permits

    @activity.defn(name="volume-act")
    async def act(self, wish: VolumeRequest) -> VolumeDone:
        """Executes an action, and waits for its end. A refused action is a result, not a failure."""
        try:
            await run_blocking(partial(self.permits.permit, permits.action(wish)))
        except RefusedError as refused:
            return VolumeDone(str(refused), VolumeStatus(VolumePhase.ABSENT))
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        try:
            api = self.open(self.book.find(wish.cluster), wish.cluster)
            return await self._act(api, wish)
        except SluicewayError as broken:
            if broken.code in FINAL or broken.status in REFUSALS:
                why = f"{broken.what}: {broken.why}" if broken.why else broken.what
                return VolumeDone(why, VolumeStatus(VolumePhase.ABSENT))
            raise

    async def _act(self, api: ObjectApi, wish: VolumeRequest) -> VolumeDone:
        spec, action = wish.spec, wish.action
        before, late = await run_blocking(partial(look, api, spec))
        refused = volume.refusal(action, spec, before) or await run_blocking(partial(_no_source, api, wish, before))
        if refused:
            return VolumeDone(refused, before)
        deadline = time.monotonic() + wish.limit_s
        name = ""
        if action is VolumeAction.SNAPSHOT or volume.snapshots_first(action, before, wish.snapshot):
            name = f"{spec.name}-{wish.key[:8] or 'snapshot'}"
            if why := await self._snapshot(api, wish, name, before.snapshot_class, deadline):
                return VolumeDone(why, before)
        await run_blocking(partial(_begin, api, wish))
        while True:
            now, late = await run_blocking(partial(look, api, spec))
            if volume.done(action, spec, now, late):
                fate = volume.fate(before) if action is VolumeAction.DELETE else now.reason
                return VolumeDone("", now, fate, name)
            if time.monotonic() > deadline:
                return VolumeDone(f"{action} did not finish within {wish.limit_s:g} s: {now.phase}, {now.reason}", now)
            activity.heartbeat(f"{now.phase}: {now.reason}")
            await asyncio.sleep(POLL_S)

    async def _snapshot(self, api: ObjectApi, wish: VolumeRequest, name: str, kind: str, deadline: float) -> str:
        """Why it is not ready; empty: it is. What fails is tried again by those who take it."""
        await run_blocking(partial(api.create, snapshots.snapshot(wish.spec, name, kind)))
        why = ""
        while time.monotonic() < deadline:
            found = await run_blocking(partial(api.get, volume.SNAPSHOTS, SNAPSHOT, name, wish.spec.namespace))
            if snapshots.ready(found):
                return ""
            why = snapshots.trouble(found)
            activity.heartbeat(f"waits for snapshot {name}: {why}".removesuffix(": "))
            await asyncio.sleep(POLL_S)
        return f"snapshot {name} was not ready in {wish.limit_s:g} s: {why}".removesuffix(": ")


def _no_source(api: ObjectApi, wish: VolumeRequest, now: VolumeStatus) -> str:
    """Why a claim cannot be made from the snapshot that it names; one that exists has begun with what it has."""
    spec = wish.spec
    if wish.action is not VolumeAction.CREATE or not spec.from_snapshot or now.phase is not VolumePhase.ABSENT:
        return ""
    return snapshots.not_restored(spec, api.get(volume.SNAPSHOTS, SNAPSHOT, spec.from_snapshot, spec.namespace))


def _begin(api: ObjectApi, wish: VolumeRequest) -> None:
    spec = wish.spec
    if wish.action is VolumeAction.CREATE:
        if spec.host_path:
            api.create(volume.static_volume(spec))
        api.create(volume.claim(spec))
    elif wish.action is VolumeAction.EXPAND:
        wanted = Node(volume.claim(spec)).at("spec", "resources").object()
        api.patch("v1", CLAIM, spec.name, {"spec": {"resources": wanted}}, spec.namespace)
    elif wish.action is VolumeAction.DELETE:
        api.delete("v1", CLAIM, spec.name, spec.namespace)


def look(api: ObjectApi, spec: VolumeSpec) -> tuple[VolumeStatus, bool]:
    """The status of a claim, and whether its class binds at the first pod."""
    found = api.get("v1", CLAIM, spec.name, spec.namespace)
    if found is None:
        return VolumeStatus(VolumePhase.ABSENT), False
    class_name = Node(found).at("spec", "storageClassName").text()
    storage_class = api.get("storage.k8s.io/v1", CLASS, class_name) if class_name else None
    bound = Node(found).at("spec", "volumeName").text()
    behind = api.get("v1", VOLUME, bound) if bound else None
    about = f"involvedObject.name={spec.name}"
    events, _ = api.items_at("v1", "Event", spec.namespace, fields=about)
    now = volume.status_of(
        found,
        behind,
        storage_class,
        api.items("v1", "Pod", spec.namespace),
        sorted(events, key=metadata.event_time),
        snapshots.class_of(behind, _kinds(api, "VolumeSnapshotClass")),
    )
    return now, volume.binds_late(storage_class)


def _kinds(api: ObjectApi, kind: str) -> list[Object]:
    """Objects of the snapshot API; none where the cluster does not have it, or does not let the engine read them."""
    try:
        return api.items(volume.SNAPSHOTS, kind)
    except SluicewayError:
        return []


def orphans(api: ObjectApi) -> list[Orphan]:
    """Orphans of a whole cluster."""
    found = volume.orphans(api.items("v1", CLAIM), api.items("v1", VOLUME), api.items("v1", "Pod"))
    return [*found, *snapshots.orphans(_kinds(api, SNAPSHOT), _kinds(api, "VolumeSnapshotContent"))]
