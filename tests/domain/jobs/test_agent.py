"""How the pod of a job gets its agent, and the one thing that it reaches with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Manifest, Node
from domain.jobs import job_pod
from domain.jobs.agent import FOLDER, GIVEN, AgentPlace, place_of
from domain.jobs.job_pod import PodRef
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind

PLACE = PodRef("edge", "team", "job-1", "k" * 32, "h")
AGENT = AgentPlace("10.0.0.5", 7443, "registry.example/agent@sha256:1")
SPEC = ContainerSpec("python:3.13", cluster="edge", namespace="team", isolated=True)
JOB = Job("a", JobKind.RUN, "a", container=SPEC)


def test_a_pod_with_an_agent_reaches_the_job_endpoint_and_nothing_else():
    policy = Node(job_pod.policy(SPEC, PLACE, agent=AGENT))

    assert policy.at("spec", "egress").value == [
        {"to": [{"ipBlock": {"cidr": "10.0.0.5/32"}}], "ports": [{"protocol": "TCP", "port": 7443}]}
    ]
    assert Node(job_pod.policy(SPEC, PLACE)).at("spec", "egress").value == []


def test_only_the_init_container_has_the_settings_and_nothing_of_them_is_in_the_pod():
    pod = Node(job_pod.pod(JOB, PLACE, AGENT))["spec"]
    mounts = {
        one["name"].text(): [each["mountPath"].text() for each in one["volumeMounts"]] for one in pod["containers"]
    }

    assert mounts == {"steps": ["/sluiceway", FOLDER]}
    assert [each["mountPath"].text() for one in pod["initContainers"] for each in one["volumeMounts"]] == [
        FOLDER,
        GIVEN,
    ]
    assert [one["name"].text() for one in pod["volumes"]] == ["job", "agent", "settings"]


def test_the_image_of_a_job_needs_nothing_for_its_agent():
    steps = next(iter(Node(job_pod.pod(JOB, PLACE, AGENT)).at("spec", "containers")))

    assert steps["command"].texts() == [f"{FOLDER}/agent", "run", FOLDER]
    assert steps["image"].text() == "python:3.13"


@pytest.mark.parametrize(
    "text", ["", "engine.example:7443", "10.0.0.5", "10.0.0.5:", "10.0.0.5:0", "10.0.0.5:70000", "0.0.0.0:1", "[::]:1"]
)
def test_an_address_that_no_policy_could_name_is_refused(text: str):
    with pytest.raises(ValueError, match=r"\w"):
        place_of(text)


@given(st.ip_addresses().filter(lambda one: not one.is_unspecified and not one.is_multicast), st.integers(1, 65_535))
def test_what_an_agent_dials_is_what_was_set(address, port: int):
    told = AgentPlace(str(address), port).told

    assert place_of(told) == AgentPlace(str(address), port)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"terminated": {"exitCode": 1}}, "could not be installed"),
        ({"waiting": {"reason": "ErrImageNeverPull"}}, "cannot be had"),
        ({"terminated": {"exitCode": 0}}, ""),
    ],
)
def test_an_agent_that_cannot_be_installed_is_told_at_once(state, why: str):
    installer: Manifest = {"name": "agent", "state": state}
    seen: Manifest = {"status": {"phase": "Pending", "initContainerStatuses": [installer]}}
    refusal = job_pod.refused(seen, ())

    assert (refusal.why if refusal else "").find(why) >= 0
    assert bool(refusal) is bool(why)
