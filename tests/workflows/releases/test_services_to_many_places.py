"""Several services are released as one to one place: a job to an environment of several clusters says so at once."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.approvals.request import EnvironmentRule
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.job import Job, JobKind
from domain.releases.deploy_spec import DeploySpec
from domain.releases.together.spec import Together, refused_in
from workflows.releases import together_job


async def test_each_service_of_a_release_to_several_clusters_is_refused_with_the_code_of_lint() -> None:
    deploy = DeploySpec(service="web", together=Together(name="shop", needs={"web": ("api",), "api": ()}))
    job = Job(id="ship[service=web]", group="ship", kind=JobKind.DEPLOY, environment="shops", deploy=deploy)
    context: Any = SimpleNamespace(shared={})
    place = json.dumps({"namespace": "shop", "clusters": {"eu": {}, "us": {}}})

    ready = JobResult(Status.PASSED, "ready")
    result = await together_job.run(context, job, 2, ready, EnvironmentRule(kubernetes=place))
    assert isinstance(result, JobResult)
    assert (result.status, result.failure, result.attempt) == (Status.REFUSED, Failure.CHECK, 2)
    assert result.reason.startswith("SLW709: services are released as one to one place, and shops")


@given(st.text(), st.integers(0, 1_000))
def test_one_place_is_where_no_cluster_has_a_wave(environment: str, clusters: int) -> None:
    assert bool(refused_in(environment, clusters)) == bool(clusters)
