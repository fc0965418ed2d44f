"""What is decided about pods: how they are made, what is seen of them, why they wait, what follows a lost node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import pending
from domain.core.documents import Node, Object
from domain.pods import manifest as pod_manifest
from domain.pods import status as pod
from domain.pods.manifest import FINALIZER, OURS, PodSpec, label_of, secret_name
from domain.pods.status import Lost, PodPhase, PodStatus

DEFAULT: Object = {"metadata": {"name": "a", "uid": "1"}, "spec": {"containers": [{"name": "main", "image": "x"}]}}


def seen(status, **more):
    return pod.status_of({**DEFAULT, "status": status}, **more)


def test_a_basic_pod_is_what_the_restricted_policy_lets_in() -> None:
    made = pod_manifest.manifest(PodSpec("x", ("sh",), cpu=0.5, memory_mb=64, files={"a/b": "text"}))
    spec = Node(made)["spec"]
    container = spec["containers"].first()

    assert spec["automountServiceAccountToken"].value is False
    assert spec.at("securityContext", "runAsNonRoot").value is True
    assert spec.at("securityContext", "seccompProfile").value == {"type": "RuntimeDefault"}
    assert container["securityContext"].value == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert container.at("resources", "limits").value == {"cpu": "0.5", "memory": "64Mi"}
    assert spec["volumes"].first().at("configMap", "items").value == [{"key": "file-0", "path": "a/b"}]


def test_a_pod_of_a_workflow_is_found_by_it_and_kept_for_its_logs() -> None:
    given_: Object = {"metadata": {"generateName": "x-", "labels": {"a": "b"}, "finalizers": ["other"]}, "spec": {}}
    made = pod_manifest.with_ownership(given_, "n", "ns", "pod/c/ns/n/1")
    meta = Node(made)["metadata"]

    assert meta["name"].text() == "n"
    assert "generateName" not in meta.object()
    assert meta["labels"].value == {"a": "b", OURS: label_of("pod/c/ns/n/1")}
    assert meta["finalizers"].texts() == ["other", FINALIZER]


@given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(["", "theirs"])), max_size=4))
def test_variables_of_a_secret_without_a_name_are_of_the_pods_own_and_others_stay(given_):
    env = [{"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}} for key, name in given_]
    plain = {"name": "PLAIN", "value": "a"}
    manifest: Object = {"spec": {"containers": [{"name": "main", "env": [plain, *env]}]}}
    owned = Node(pod_manifest.with_ownership(manifest, "n", "ns", "pod/c/ns/n/1"))
    first, *made = owned.at("spec", "containers").first()["env"]

    named = [one.at("valueFrom", "secretKeyRef").value for one in made]
    assert first.value == plain
    assert named == [{"name": name or secret_name("n"), "key": key} for key, name in given_]


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda x: st.dictionaries(st.text(), x), max_leaves=5))
def test_no_status_makes_it_fail_to_see_a_pod(status):
    found = seen(status if isinstance(status, dict) else {})

    assert isinstance(found.phase, PodPhase)


def test_the_exit_code_is_that_of_the_container_that_failed() -> None:
    ended = [{"state": {"terminated": {"exitCode": code, "reason": "Error"}}} for code in (0, 3, 0)]

    assert seen({"phase": "Failed", "containerStatuses": ended}).exit_code == 3


SEEN = st.builds(PodStatus, st.sampled_from(PodPhase), st.sampled_from(["", "why"]), node=st.sampled_from(["", "n1"]))


@given(st.lists(SEEN, max_size=12))
def test_a_workflow_that_hears_only_what_it_has_to_knows_every_phase_and_reason_until_the_end(story):
    last, heard, whole = None, [PodStatus(PodPhase.PENDING)], [PodStatus(PodPhase.PENDING)]
    for now in story:
        if pod.should_notify(last, now):
            heard.append(now)
            last = now
        if whole[-1].phase not in pod.ENDED and (whole[-1].phase, whole[-1].reason) != (now.phase, now.reason):
            whole.append(now)

    assert [(one.phase, one.reason) for one in heard] == [(one.phase, one.reason) for one in whole]


@pytest.mark.parametrize(
    ("meta", "gone"),
    [
        ({"deletionTimestamp": "t", "deletionGracePeriodSeconds": 0}, True),
        ({"deletionTimestamp": "t", "deletionGracePeriodSeconds": 0, "finalizers": ["other"]}, False),
        ({"deletionTimestamp": "t", "deletionGracePeriodSeconds": 30}, False),
        ({}, False),
    ],
)
def test_an_object_is_gone_when_nothing_holds_it_and_its_grace_is_over(meta, gone):
    assert pod.is_gone({"metadata": meta}) is gone
    assert pod.is_gone(None)


def silent(name):
    return pod.Nodes(frozenset({name}))


def test_a_pod_is_lost_with_its_node_also_when_another_one_has_its_name() -> None:
    placed = {
        "metadata": {"creationTimestamp": "2026-01-01T00:00:10Z"},
        "spec": {"nodeName": "n1"},
        "status": {"phase": "Running"},
    }

    assert pod.status_of(placed, pod.Nodes(born={"n1": "2026-01-01T00:00:09Z"})).phase is PodPhase.RUNNING
    replaced = pod.status_of(placed, pod.Nodes(born={"n1": "2026-01-01T00:00:11Z"}))
    assert (replaced.phase, replaced.reason) == (PodPhase.UNKNOWN, "node n1 was replaced by another of its name")


def test_a_pod_on_a_lost_node_is_unknown_unless_it_had_ended() -> None:
    lost = {"metadata": {}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}

    assert pod.status_of(lost, silent("n1")).phase is PodPhase.UNKNOWN
    assert pod.status_of({**lost, "status": {"phase": "Succeeded"}}, silent("n1")).phase is PodPhase.SUCCEEDED
    assert pod.status_of(lost, silent("n2")).phase is PodPhase.RUNNING


def event(reason, message):
    return {"reason": reason, "message": message}


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (
            [event("FailedScheduling", "0/2 nodes are available: 2 Insufficient memory. preemption: no")],
            "no node has enough memory free",
        ),
        ([event("FailedScheduling", "0/1 nodes: 1 node(s) had untolerated taint {gpu: yes}.")], "taint"),
        ([event("FailedScheduling", "1 node(s) had volume node affinity conflict")], "zone"),
        ([event("FailedScheduling", "pod has unbound immediate PersistentVolumeClaims")], "claim has no volume"),
        ([event("FailedScheduling", "no nodes available to schedule pods")], "no nodes"),
        ([event("Failed", "Failed to pull image x: not found")], "image cannot be pulled"),
        ([event("FailedCreatePodSandBox", "network is not there")], "network is not there"),
        (
            [
                event(
                    "FailedScheduling",
                    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful.",
                )
            ],
            "2 of 3 nodes: a taint that it does not tolerate; 1 of 3 nodes: not enough cpu free",
        ),
        (
            [event("FailedScheduling", "0/2 nodes are available: 2 Insufficient cpu, 2 Too many pods. preemption: no")],
            "no node has enough cpu free; every node is at its pod limit",
        ),
        (
            [event("FailedScheduling", "0/2 nodes are available: 1 node(s) had {odd}, 1 node(s) were unschedulable.")],
            "1 of 2 nodes: had {odd}; 1 of 2 nodes: cordoned",
        ),
        ([event("FailedScheduling", 'persistentvolumeclaim "data" not found')], "its claim data does not exist"),
        ([event("FailedScheduling", "something else entirely")], "something else entirely"),
        ([], "not scheduled yet"),
    ],
)
def test_what_a_pending_pod_waits_for_is_told_from_its_events(events, words):
    assert words in pending.cause(DEFAULT, [event("Scheduled", "x"), *events])


def test_an_image_that_cannot_be_pulled_is_named() -> None:
    status: Object = {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}

    assert "image x cannot be pulled" in pending.cause({**DEFAULT, "status": status}, [])


def test_a_quota_that_is_used_up_is_told() -> None:
    said = '403: pods "a" is forbidden: exceeded quota: tenant, requested: pods=1, used: pods=3, limited: pods=3'

    assert pending.refused(said).startswith("the namespace's quota is exhausted: tenant")


@given(st.booleans(), st.booleans(), st.integers(0, 3))
def test_never_are_there_two_copies_of_what_may_run_once_only(idempotent, node_exists, left):
    what = pod.after_loss(idempotent, node_exists, left)

    if node_exists and not idempotent:
        assert what is Lost.WAIT
    assert (what is Lost.RELOCATE) <= (left > 0)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ('Pod "a" is invalid: spec.containers[0].image: Required value', ("spec", "containers", 0, "image")),
        (
            'typed patch object: .spec.containers[name="main"].comand: field not declared',
            ("spec", "containers", 0, "comand"),
        ),
        ("metadata.labels: Invalid value", ("metadata", "labels")),
        ("nothing of the kind", ()),
    ],
)
def test_the_field_that_an_error_names_is_found(said, path):
    assert pod_manifest.position(said) == path
