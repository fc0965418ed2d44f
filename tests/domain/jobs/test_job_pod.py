"""The pod of a job: what the restricted policy lets in, what may leave it, and whether it fits a quota."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.spec import reachable
from domain.core.documents import Node
from domain.jobs import job_pod
from domain.jobs.job_pod import PodRef, Refusal
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.job import Job, JobKind

PLACE = PodRef("edge", "team", "sluiceway-1-k", "k", "1")
names = st.from_regex(r"[a-z][a-z0-9-]{0,40}[a-z0-9]", fullmatch=True)
services = st.builds(ServiceSpec, names, st.just("db:1"), port=st.integers(0, 65535), memory_mb=st.integers(0, 500))
specs = st.builds(
    ContainerSpec,
    st.just("shell:1"),
    isolated=st.booleans(),
    services=st.lists(services, max_size=3, unique_by=lambda one: one.name).map(tuple),
    allow=st.lists(st.sampled_from(["10.0.0.0/8", "192.0.2.7/32:443"]), max_size=2).map(tuple),
)
jobs = st.builds(
    Job,
    st.just("a"),
    st.just(JobKind.RUN),
    cpu=st.floats(0, 8),
    memory_mb=st.integers(0, 4096),
    container=specs,
)


@given(jobs)
def test_every_container_is_nobody_without_rights_or_token(job):
    spec = Node(job_pod.pod(job, PLACE))["spec"]

    assert spec["automountServiceAccountToken"].value is False
    assert spec.at("securityContext", "runAsNonRoot").value is True
    for one in spec["containers"]:
        assert one["securityContext"].value == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@given(specs)
def test_nothing_gets_in_and_only_what_is_allowed_gets_out(spec):
    rules = Node(job_pod.policy(spec, PLACE))["spec"]
    to = [one["to"].first() for one in rules["egress"]]

    assert rules["policyTypes"].texts() == ["Ingress", "Egress"]
    assert "ingress" not in rules.object()
    assert len(to) == len(spec.allow) + (not spec.isolated)
    assert {one.at("ipBlock", "cidr").text() for one in to if one} == {text.partition(":")[0] for text in spec.allow}


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.1/8", "10.0.0.0/8:0", "10.0.0.0/8:x", "nowhere/8", "/:"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        reachable(text)


def quota(**hard):
    named = {name.replace("_", "."): str(value) for name, value in hard.items()}
    return {"metadata": {"name": "tenant"}, "status": {"hard": named, "used": dict.fromkeys(named, "1")}}


@given(jobs)
def test_what_never_fits_does_not_fit_now_either(job):
    wants, quotas = job_pod.demand(job), [quota(requests_cpu=2, pods=3)]

    assert not job_pod.too_much(wants, quotas) or job_pod.too_much(wants, quotas, now=True)
    assert not job_pod.too_much(wants, [])


def test_a_refusal_names_the_quota_and_the_numbers() -> None:
    job = Job("a", JobKind.RUN, cpu=4, container=ContainerSpec("shell:1"))

    assert job_pod.too_much(job_pod.demand(job), [quota(requests_cpu=2)]) == (
        "quota tenant allows 2 of requests.cpu: 4 requested"
    )
    assert "1 used" in job_pod.too_much({"pods": 1}, [quota(pods=1)], now=True)


def status(name, **state):
    return {"status": {"phase": "Running", "containerStatuses": [{"name": name, "ready": True, "state": state}]}}


def test_a_service_that_ended_or_cannot_start_is_told_by_its_name() -> None:
    ended = status("service-db", terminated={"exitCode": 1, "reason": "Error"})
    missing = status("service-db", waiting={"reason": "ErrImageNeverPull", "message": "db:1 is not there"})

    assert job_pod.refused(ended, ["db"]) == Refusal("service db exited with 1 (Error)", "service-db")
    refusal = job_pod.refused(missing, ["db"])
    assert refusal is not None
    assert "db:1 is not there" in refusal.why
    assert refusal.exited == ""
    assert job_pod.refused(status("service-db", running={}), ["db"]) is None


def test_a_job_waits_for_all_its_containers() -> None:
    seen = status(job_pod.STEPS, running={})

    assert job_pod.waits_for(seen, []) == ""
    assert job_pod.waits_for(seen, ["db"]) == "service db"
