"""Checks before a run whether its jobs can ever fit into the quotas of their namespaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from temporalio import activity

from activities.core.cancellation import run_blocking
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.port import ObjectApi
from activities.pods import port
from activities.pods.port import Demand
from domain.clusters.access import Access
from domain.core.errors import SluicewayError
from domain.jobs import job_pod

UNKNOWN = "SLW952"


@dataclass
class QuotaAdmissionActivities(port.QuotaAdmissionActivities):
    """Reads the quotas of each namespace that a run uses."""

    open: Callable[[Access, str], ObjectApi]
    book: AddressBook

    @activity.defn(name="admit-run")
    async def admit(self, demands: list[Demand]) -> list[str]:
        """Why jobs can never run, as texts. An unreachable cluster refuses nothing."""
        found = [await run_blocking(partial(self._refusal, one)) for one in demands]
        return [words for words in found if words]

    def _refusal(self, one: Demand) -> str:
        try:
            api = self.open(self.book.find(one.cluster), one.cluster)
            never = job_pod.too_much(one.wants, api.items("v1", "ResourceQuota", one.namespace))
        except SluicewayError as broken:
            return f"{one.job}: {broken.what}" if broken.code == UNKNOWN else ""
        return f"{one.job} does not fit into namespace {one.namespace} of {one.cluster}: {never}" if never else ""
