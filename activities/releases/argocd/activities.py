"""Brings an Application to a revision through the API server of its cluster; Argo CD's own server is not asked."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import partial

from temporalio import activity

from activities.authority.port import Permits
from activities.core.cancellation import run_blocking
from activities.core.errors import as_failure
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import FINAL, REFUSALS, ObjectApi
from activities.releases.argocd import permits, port
from activities.releases.argocd.port import SyncDone, SyncRequest
from domain.clusters.access import Access
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.argocd.application import API, KIND, Application, refresh
from domain.releases.argocd.sync import Next, Progress, Step, next_step

CONFLICT = 409


@dataclass
class ArgocdActivities(port.ArgocdActivities):
    """`open`: access and cluster name to its API client."""

    open: Callable[[Access, str], ObjectApi]
    book: AddressBook
    _: KW_ONLY
    permits: Permits
    every_s: float = 1.0
    """Between two looks."""
    clock: Callable[[], float] = time.monotonic

    @activity.defn(name="argocd-sync")
    async def sync(self, request: SyncRequest) -> SyncDone:
        """Asks for a sync, and waits until it is applied and healthy. What fails is a result, not a failure."""
        try:
            await run_blocking(partial(self.permits.permit, permits.sync(request)))
        except RefusedError as refused:
            return SyncDone(str(refused))
        except SluicewayError as broken:
            raise as_failure(broken) from broken
        if request.wish.refusal:
            return SyncDone(request.wish.refusal)
        try:
            api = self.open(self.book.find(request.wish.cluster), request.wish.cluster)
            return await self._until_synced(api, request)
        except SluicewayError as broken:
            if broken.code in FINAL or broken.status in REFUSALS:
                return SyncDone(f"{broken.what}: {broken.why}" if broken.why else broken.what)
            raise

    async def _until_synced(self, api: ObjectApi, request: SyncRequest) -> SyncDone:
        wish, progress = request.wish, Progress()
        deadline = self.clock() + wish.limit_s
        while True:
            app = await run_blocking(partial(_read, api, request))
            if app is None:
                return SyncDone(f"there is no Application {wish.namespace}/{wish.application} in {wish.cluster}")
            now = self.clock()
            step = next_step(app, wish, request.key, progress, now)
            progress = step.progress
            if step.step is Step.DONE:
                return SyncDone(words=step.words, revision=progress.synced)
            if step.step is Step.FAILED:
                return SyncDone(step.words, revision=progress.synced)
            if now >= deadline:
                return SyncDone(f"not within {wish.limit_s:g} s: {step.words}", revision=progress.synced)
            activity.heartbeat(step.words)
            await run_blocking(partial(_act, api, request, app, step))
            await asyncio.sleep(self.every_s)


def _read(api: ObjectApi, request: SyncRequest) -> Application | None:
    found = api.get(API, KIND, request.wish.application, request.wish.namespace)
    return Application(found) if found is not None else None


def _act(api: ObjectApi, request: SyncRequest, app: Application, step: Next) -> None:
    """Somebody else who changed the object since it was read is looked at before anything is asked for."""
    wish = request.wish
    if step.step is Step.REFRESH:
        api.patch(API, KIND, wish.application, refresh(uuid.uuid4().hex), wish.namespace)
    if step.step is not Step.ASK:
        return
    try:
        api.patch(API, KIND, wish.application, app.operation(wish, request.key), wish.namespace)
    except SluicewayError as refused:
        if refused.status != CONFLICT:
            raise
