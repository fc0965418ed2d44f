"""Asks a cluster for what people have agreed to, and writes how far a request is.

A cluster that is made here is asked by its workflow; in one that was made elsewhere single objects are changed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.authority.port import Permits
from activities.clusters import permits, port, request_objects
from activities.clusters.port import RequestRecord, RequestStep, RequestStepDone
from activities.clusters.request_objects import Asks
from activities.clusters.request_store import RequestStore
from activities.core import serialization as serial
from activities.core.cancellation import run_blocking
from activities.core.errors import as_failure
from activities.kubernetes.far import Deeds, near
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import FINAL, REFUSALS
from domain.authority.permit import Claim, SignedPermit
from domain.clusters import priority_requests, requests
from domain.clusters.access import Access
from domain.clusters.lifecycle import UNDER_WAY, Operation, Status
from domain.clusters.request_ground import OBJECTS
from domain.clusters.spec import REGISTERED, ClusterSpec
from domain.core import ids
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError

ENDED = frozenset({Status.DELETED, Status.FAILED, Status.DELETING})


class RequestActivities(port.RequestActivities):
    """The change is the cluster's own: one operation at a time, and its phases ask the signer. `open`: how a cluster
    that was made elsewhere is reached; what is done there asks the signer here.
    """

    def __init__(
        self,
        store: RequestStore,
        open: Callable[[Access, str], Asks],
        book: AddressBook,
        *,
        permits: Permits,
        home: Callable[[], str],
        far: Deeds = near,
    ) -> None:
        """`home`: of this installation, as objects name it. `far`: how it is done in a cluster that dials out, see
        `Doing.do`.
        """
        self._store, self._open, self._book, self._permits, self._home = store, open, book, permits, home
        self._far = far

    @activity.defn(name="record-request")
    async def record(self, told: RequestRecord) -> None:
        """Writes how far a request is."""
        try:
            await asyncio.to_thread(self._store.tell, told)
        except SluicewayError as away:
            raise as_failure(away) from away

    @activity.defn(name="ask-cluster")
    async def ask(self, step: RequestStep) -> RequestStepDone:
        """Asks the cluster to do a request, or to take it back. A refusal is a result."""
        asked, key = step.asked, f"{step.id}/{'back' if step.back else 'apply'}/{step.attempt}"
        cluster = activity.client().get_workflow_handle(ids.cluster_id(asked.cluster))
        try:
            view = Node(await cluster.query("view"))
            if view.at("spec", "provider").text() == REGISTERED and Status(view["status"].text()) not in ENDED:
                return await self._elsewhere(step)
            done, change = _change(step, view)
            if change:
                await cluster.execute_update("change", change, id=key, result_type=str)
        except WorkflowUpdateFailedError as refused:
            return RequestStepDone(refusal=str(refused.cause), busy=True)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return RequestStepDone(refusal=f"there is no cluster {asked.cluster} any more", gone=True)
            raise
        return done

    async def _elsewhere(self, step: RequestStep) -> RequestStepDone:
        """What cannot be reached is asked again. Who has not been let by the signer has begun nothing."""
        asked = step.asked
        if asked.kind not in OBJECTS:  # nobody could ask for it there
            return RequestStepDone(refusal="" if step.back else f"no {asked.kind} there", nothing=step.back)
        claim = permits.request(step.id, asked, back=step.back)
        try:
            signed = await run_blocking(partial(self._permits.permit, claim))
        except RefusedError as refused:
            return RequestStepDone(refusal=str(refused), busy=step.back, done=step.back)
        except SluicewayError as away:
            raise as_failure(away) from away
        changed: list[str] = []
        try:
            await run_blocking(partial(self._done, step, claim, signed, changed))
        except RefusedError as refused:  # what has something of it is taken back, and said
            why = "; ".join([refused.why or str(refused), *(f"{one} was changed before" for one in changed)])
            return RequestStepDone(refusal=why[:600], busy=step.back, done=step.back or bool(changed))
        except SluicewayError as broken:
            why = f"{broken.what}: {broken.why}" if broken.why else broken.what
            final = broken.code in FINAL or broken.status in REFUSALS
            return RequestStepDone(refusal=why[:600], busy=step.back or not final, done=True)
        return RequestStepDone(done=True)

    def _done(self, step: RequestStep, claim: Claim, signed: SignedPermit, changed: list[str]) -> None:
        """Raises:
        RefusedError: it is not done, but for what is in `changed`.
        """
        said = self._far(claim, signed)
        if said is None:
            self._there(step, changed.append)
            return
        changed += filter(None, said.get("changed", "").split("; "))
        if why := said.get("refusal", ""):
            raise RefusedError("SLW971", f"{step.id} cannot be done", why=why)

    def _there(self, step: RequestStep, changed: Callable[[str], None]) -> None:
        kube = self._open(self._book.find(step.asked.cluster), step.asked.cluster)
        by = requests.at_home(step.id, self._home())
        if step.back:
            request_objects.take_back(kube, by, step.asked)
        else:
            request_objects.apply(kube, by, step.asked, changed)


def _change(step: RequestStep, view: Node) -> tuple[RequestStepDone, dict[str, object]]:
    """What is asked of the cluster; nothing: why not."""
    asked, status = step.asked, Status(view["status"].text())
    if status in ENDED:
        return RequestStepDone(refusal=f"cluster {asked.cluster} is {status}", gone=True), {}
    if view["wanted"] or status in UNDER_WAY.values():
        return RequestStepDone(refusal=f"cluster {asked.cluster} is {status}", busy=True), {}
    spec = serial.load(ClusterSpec, json.dumps(view["spec"].value))
    wanted = requests.without(spec, asked) if step.back else requests.applied(spec, asked)
    if wanted != spec:
        why = "" if step.back else next(requests.refusals(spec, asked), "") or _moved(spec, asked)
        told = f"{step.id} {'ends' if step.back else 'was agreed to'}"
        change = {"operation": Operation.UPDATE, "spec": replace(wanted, asked_by=step.id), "reason": told}
        return RequestStepDone(refusal=why), {} if why else change
    if step.back and status is Status.DEGRADED:  # what it is to be is known, and was not done
        return RequestStepDone(), {"operation": Operation.HEAL, "reason": f"{step.id} ends"}
    return RequestStepDone(nothing=True), {}


def _moved(spec: ClusterSpec, asked: requests.ClusterRequest) -> str:
    """Why it is not what people agreed to any more: a limit was changed since; empty: it is."""
    if asked.kind is requests.RequestKind.PRIORITY:
        moved = priority_requests.is_moved(spec, asked)
        return f"priority class {asked.name} was changed since it was asked: ask again" if moved else ""
    quota = requests.quota_of(spec, asked.namespace)
    changed = [name for name, value in asked.before.items() if getattr(quota, name, None) != value]
    return f"{', '.join(changed)} of {asked.namespace} was changed since it was asked: ask again" if changed else ""
