"""A message that asks for a sync gets what the plan says and the environment is registered with, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.releases.argocd import permits
from activities.releases.argocd.port import SyncRequest
from domain.approvals.request import EnvironmentRule
from domain.core.errors import RefusedError
from domain.pipelines.job import Job, JobKind
from domain.releases.argocd.job import ArgocdSync
from tests.support.signers import Signing

WISH = ArgocdSync("edge", "argocd", "shop", "v-${{ run.number }}")
PLANNED = Job("sync", JobKind.ARGOCD_SYNC, "sync", environment="test", argocd_sync=WISH)
ASKED = SyncRequest(replace(WISH, revision="v-1"), "k", run="run/shop/1", job="sync")


def _code(request: SyncRequest, job: Job = PLANNED, **rule: object) -> str:
    signing = Signing()
    signing.registry.rules["test"] = EnvironmentRule(name="test", **rule)  # type: ignore[arg-type]
    signing.begun((job,))
    try:
        signing.client.permit(permits.sync(request))
    except RefusedError as refused:
        return refused.code
    return "permitted"


@pytest.mark.parametrize(
    "wish",
    [
        replace(ASKED.wish, application="other"),
        replace(ASKED.wish, namespace="other"),
        replace(ASKED.wish, cluster="other"),
        replace(ASKED.wish, revision="w-1"),
        replace(ASKED.wish, limit_s=1e9),
    ],
)
def test_only_the_planned_sync_is_permitted(wish: ArgocdSync):
    allowed = (WISH.where, wish.where)
    assert _code(ASKED, applications=allowed) == "permitted"
    assert _code(replace(ASKED, wish=wish), applications=allowed) == "SLW012"


def test_an_application_that_the_environment_is_not_registered_with_is_not_synced():
    assert _code(ASKED) == "SLW012"
    assert _code(ASKED, applications=("edge/argocd/other",)) == "SLW012"


@pytest.mark.parametrize("when", ["", "always()"])
def test_a_sync_needs_the_approvals_of_its_environment_whatever_its_condition_says(when: str):
    job = replace(PLANNED, when=when)
    assert _code(ASKED, job, applications=(WISH.where,), groups=("leads",), quorum=1) == "SLW013"


def test_a_job_of_another_kind_syncs_nothing():
    assert _code(ASKED, Job("sync", JobKind.RUN, "sync", environment="test"), applications=(WISH.where,)) == "SLW012"
