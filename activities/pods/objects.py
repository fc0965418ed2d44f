"""Restarts workloads and deletes pods that no workflow of ours owns: one request each, with a permit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import partial

from temporalio import activity

from activities.authority.port import Permits
from activities.core.cancellation import run_blocking
from activities.core.errors import as_failure
from activities.kubernetes.far import Deeds, near
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import FINAL, REFUSALS, ApplyApi, ObjectApi
from activities.pods import permits, port
from activities.pods.port import ObjectDone, ObjectWish
from domain.authority.permit import Permit
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.clusters.impersonation import told
from domain.core.errors import RefusedError, SluicewayError
from domain.pods import object_action
from domain.pods.object_action import API_VERSIONS, ObjectAction

OF_ANOTHER = 409
"""What an API server answers where the name is another object's by now."""


@dataclass
class ObjectActivities(port.ObjectActivities):
    """`open`: access and cluster name to its API client."""

    open: Callable[[Access, str], ObjectApi]
    book: AddressBook
    _: KW_ONLY
    permits: Permits
    hands: Callable[[str, Permit], ApplyApi | None]
    """In whose name a permitted action is done, see `Acting.hands`."""
    far: Deeds = near
    """How it is done in a cluster that dials out, see `Doing.do`."""

    @activity.defn(name="act-on-object")
    async def act(self, wish: ObjectWish) -> ObjectDone:
        """Restarts a workload or deletes a pod, with a permit. A refusal is a result, not a failure."""
        try:
            return await run_blocking(partial(self._act, wish))
        except RefusedError as refused:
            return ObjectDone(told(refused))
        except SluicewayError as broken:
            if broken.code in FINAL or broken.status in (*REFUSALS, OF_ANOTHER):
                return ObjectDone(f"{broken.what}: {broken.why}" if broken.why else broken.what)
            raise as_failure(broken) from broken

    def _act(self, wish: ObjectWish) -> ObjectDone:
        claim = permits.change(wish)
        signed = self.permits.permit(claim)
        if (said := self.far(claim, signed)) is not None:
            return ObjectDone(said.get("refusal", ""), said.get("words", ""))
        api = self.open(self.book.find(wish.cluster), wish.cluster)
        return changed(wish, api, lambda: self.hands(wish.cluster, signed.permit) or api)


def changed(wish: ObjectWish, api: ObjectApi, hands: Callable[[], ObjectApi]) -> ObjectDone:
    """Does what is permitted. `hands`: who does it; `api`: who looks before."""
    version = API_VERSIONS.get(wish.kind, "")
    found = api.get(version, wish.kind, wish.name, wish.namespace) if version else None
    if wish.action is ObjectAction.DELETE and version and (found is None or metadata.is_ending(found)):
        return ObjectDone(words="it is gone, or ends already")
    if why := object_action.refusal(wish.action, wish.kind, found, wish.uid):
        return ObjectDone(why)
    if wish.action is ObjectAction.DELETE:
        hands().delete(version, wish.kind, wish.name, wish.namespace, uid=wish.uid)
        return ObjectDone(words=f"{wish.kind} {wish.namespace}/{wish.name} ends, with its grace period")
    if found is not None and not object_action.is_restarted(found, wish.at):
        hands().patch(version, wish.kind, wish.name, object_action.restart(wish.uid, wish.at), wish.namespace)
    return ObjectDone(words=f"the pods of {wish.kind} {wish.namespace}/{wish.name} are replaced one after another")
