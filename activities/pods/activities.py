"""Pods of any cluster: creation, watches per namespace, reasons for pending, deletion with stored logs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.authority.port import Permits
from activities.core.cancellation import run_blocking
from activities.kubernetes.far import Deeds, near
from activities.kubernetes.port import REFUSALS, ApplyApi, NoClusterError
from activities.pods import permits, port
from activities.pods.ends import Ends
from activities.pods.keeping import Keeper
from activities.pods.making import is_of, made
from activities.pods.port import CreateResult, NamespaceWatch, NewPod, PodAt, Removed
from activities.pods.watch import PodApi, Watcher, nodes, watch
from activities.secrets.broker import FINAL, Broker, closed
from activities.storage.port import Store
from domain.authority.permit import Permit
from domain.clusters import metadata, pending
from domain.clusters.access import Access
from domain.clusters.impersonation import denied, permitted_to, told
from domain.core.documents import Object
from domain.core.errors import RefusedError, SluicewayError
from domain.pods import status as pod
from domain.pods.manifest import NO_SECRETS, WORKFLOW
from domain.pods.status import PodPhase, PodStatus

NOT_YET = "error looking up service account"
"""The error of a namespace created a moment ago."""


@dataclass
class PodActivities(port.PodActivities):
    """Starts a watch for each namespace with pods, and reuses this worker's own."""

    open: Callable[[Access, str], PodApi]
    """Access and cluster name to its API client."""
    store: Store
    secrets: Broker = field(default_factory=closed)
    permits: Permits = field(kw_only=True)
    hands: Callable[[str, Permit], ApplyApi | None] = field(kw_only=True)
    """In whose name a permitted pod is made, see `Acting.hands`."""
    far: Deeds = field(default=near, kw_only=True)
    """How it is done in a cluster that dials out, see `Doing.do`."""
    _watches: dict[NamespaceWatch, Watcher] = field(default_factory=dict)
    """The watches of this worker."""

    def __post_init__(self) -> None:
        self._keeper = Keeper(self.permits, self.store, self.far)

    @activity.defn(name="create-pod")
    async def create(self, new: NewPod) -> CreateResult:
        """Creates the pod or finds it, and ensures that its namespace is watched. A refusal is a result."""
        at = new.at
        try:
            found = await run_blocking(partial(self._create, new))
        except NoClusterError as gone:
            return CreateResult(gone.why)
        except SluicewayError as broken:
            if broken.status in REFUSALS and NOT_YET not in broken.why:
                return CreateResult(pending.refused(broken.why))
            if broken.code in FINAL:
                return CreateResult(broken.what)
            if isinstance(broken, RefusedError):
                return CreateResult(told(broken))
            raise ApplicationError(str(broken), type=broken.code) from broken
        if metadata.annotations(found).get(WORKFLOW) != at.workflow:
            return CreateResult(f"pod {at.namespace}/{at.name} already exists and was not created here")
        await self._see_to_watch(at)
        return CreateResult(uid=metadata.uid(found))

    def _create(self, new: NewPod) -> Object:
        if new.at.access.dials_out and new.secrets:
            raise RefusedError("SLW977", NO_SECRETS)
        claim = permits.creation(new)
        signed, at = self.permits.permit(claim), new.at
        if (said := self.far(claim, signed, {"logs_by_watch": "true" if new.logs_by_watch else ""})) is not None:
            return {"metadata": {"uid": said.get("uid", ""), "annotations": {WORKFLOW: said.get("workflow", "")}}}
        own, values = self.open(at.access, at.cluster), self.secrets.values(new.secrets, new.use)
        return made(self._of_person(new, signed.permit) or own, new, values)

    def _of_person(self, new: NewPod, permit: Permit) -> ApplyApi | None:
        """In whose name it is made; None: the engine makes it. A pod that its files cannot follow is not made.

        Raises:
            RefusedError: SLW974, they may not make all of it in this cluster.
        """
        api, space = self.hands(new.at.cluster, permit), new.at.namespace
        for kind, wanted in (("ConfigMap", new.files), ("Secret", new.secrets)):
            if api is not None and wanted and (why := api.refused("v1", kind, "create", space)):
                raise denied(permitted_to(permit.person, permit.groups), f"creating a {kind} in {space}", why, space)
        return api

    @activity.defn(name="explain-pod")
    async def explain(self, at: PodAt) -> str:
        """Why it is pending; empty when it is not pending, or gone. Also ensures that its namespace is watched."""
        await self._see_to_watch(at)
        with contextlib.suppress(NoClusterError):
            return await run_blocking(partial(self._explain, at))
        return ""

    def _explain(self, at: PodAt) -> str:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        if found is None or pod.status_of(found).phase is not PodPhase.PENDING:
            return ""
        about = f"involvedObject.name={at.name}"
        events, _ = api.items_at("v1", "Event", at.namespace, fields=about)
        return pending.cause(found, sorted(events, key=metadata.event_time))

    @activity.defn(name="look-at-pod")
    async def look(self, at: PodAt) -> PodStatus:
        """Its current status. Called after a long silence, so it also ensures that its namespace is watched."""
        await self._see_to_watch(at)
        try:
            return await run_blocking(partial(self._look, at))
        except NoClusterError as gone:
            return PodStatus(PodPhase.GONE, gone.why)

    def _look(self, at: PodAt) -> PodStatus:
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        return pod.status_of(found, nodes(api)) if found else PodStatus(PodPhase.GONE)

    @activity.defn(name="node-exists")
    async def node_exists(self, at: PodAt, node: str) -> bool:
        """Whether the pod's node still exists; a recreated node of the same name does not count."""
        with contextlib.suppress(NoClusterError):
            return await run_blocking(partial(self._node_exists, at, node))
        return False

    def _node_exists(self, at: PodAt, node: str) -> bool:
        api = self.open(at.access, at.cluster)
        placed = metadata.created(api.get("v1", "Pod", at.name, at.namespace) or {})
        known = nodes(api)
        return node in known.born and not (placed and known.born[node] > placed)

    @activity.defn(name="end-pod")
    async def end(self, at: PodAt) -> None:
        """Deletes it with its grace period; the finalizer keeps it until its logs are stored."""
        with contextlib.suppress(NoClusterError):
            await run_blocking(partial(self._end, at))

    def _end(self, at: PodAt) -> None:
        self._keeper.end(partial(self.open, at.access, at.cluster), at)

    @activity.defn(name="remove-pod")
    async def remove(self, at: PodAt, is_lost: bool) -> Removed:
        """Stores all logs, removes the finalizer, and waits until it is gone. Logs of a lost node are unavailable."""
        try:
            return await run_blocking(partial(self._remove, at, is_lost))
        except NoClusterError as gone:
            return Removed(gap=gone.why)

    def _remove(self, at: PodAt, is_lost: bool) -> Removed:
        self._keeper.may_remove(at)
        api = self.open(at.access, at.cluster)
        found = api.get("v1", "Pod", at.name, at.namespace)
        if found is None or not is_of(at, found):
            return Removed(gap="the pod was deleted by another client")
        kept = Removed(gap="its node was lost with its logs") if is_lost else self._keeper.logs(api, at, found)
        self._keeper.release(api, at, found, is_lost)
        return kept

    @activity.defn(name="watch-pods")
    async def watch(self, what: NamespaceWatch) -> int:
        """Reports each change to the pod's workflow; ends when there were no pods for a while.

        Returns the number of reports. Heartbeats hold the last state, from which a retry continues.
        """
        details = activity.info().heartbeat_details
        try:
            api = self.open(what.access, what.cluster)
        except NoClusterError:
            return 0
        watcher = Watcher(api, what.namespace, activity.client(), ends=Ends(api, what, self._keeper))
        self._watches[what] = watcher
        try:
            return await watcher.run(str(details[0]) if details else "")
        finally:
            if self._watches.get(what) is watcher:
                del self._watches[what]

    async def _see_to_watch(self, at: PodAt) -> None:
        """Ensures that the pod's namespace is watched. For this worker's own watches, Temporal is not asked."""
        what = NamespaceWatch(at.access, at.cluster, at.namespace)
        if what in self._watches:
            self._watches[what].wanted()
        else:
            await watch(activity.client(), what, activity.info().task_queue)
