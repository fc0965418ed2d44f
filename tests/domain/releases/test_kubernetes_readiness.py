"""When a version's pods answer as wanted, and which of them never will."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Manifest, Node
from domain.releases.kubernetes import quota, readiness
from domain.releases.kubernetes.readiness import Seen
from tests.support.objects import values

counts = st.integers(0, 5)


def deployment(count, generation=1, **status):
    return {"metadata": {"generation": generation}, "spec": {"replicas": count}, "status": status}


def endpoints(ready, ending=0):
    return [
        {"conditions": {"ready": True, "terminating": at >= ready}, "targetRef": {"name": f"pod-{at}"}}
        for at in range(ready + ending)
    ]


def pod(state=None, restarts=0, scheduled="True"):
    container = {"name": "main", "restartCount": restarts, "ready": False, "state": state or {}}
    conditions = [{"type": "PodScheduled", "status": scheduled}]
    spec = {"containers": [{"name": "main", "image": "web:1"}]}
    return {
        "metadata": {"name": "web-1"},
        "spec": spec,
        "status": {"conditions": conditions, "containerStatuses": [container]},
    }


@given(counts, counts, counts, counts, counts, counts, st.booleans())
def test_a_version_is_ready_only_when_every_sign_says_so(wanted, asked, updated, available, ready, ending, looked):
    status = {"observedGeneration": 2 if looked else 1, "updatedReplicas": updated, "availableReplicas": available}
    seen = Seen(deployment(asked, 2, **status), slices=[{"endpoints": endpoints(ready, ending)}])
    good = looked and wanted <= asked <= min(updated, available, ready)
    assert (readiness.missing(seen, wanted) == "") == good


@given(values, values, values, values)
def test_whatever_a_cluster_says_is_read_without_an_error(one, pods, slices, events):
    seen = Seen(Node(one).object(), [Node(pods).object()], [Node(slices).object()], [Node(events).object()])
    assert isinstance(readiness.missing(seen, 1) + readiness.hopeless(seen, 99.0), str)
    assert readiness.failing(seen)
    assert isinstance(quota.lacking([Node(one).object()], Node(pods), 2), list)


def test_a_pod_without_a_node_is_given_a_moment_and_as_long_as_a_node_is_coming():
    one = pod(scheduled="False")
    about: dict[str, Any] = {"involvedObject": {"name": "web-1"}}
    full = {**about, "reason": "FailedScheduling", "message": "0/3 nodes are available: 3 Insufficient cpu"}
    coming = {**about, "reason": "TriggeredScaleUp"}
    assert readiness.hopeless(Seen(pods=[one], events=[full]), 1) == ""
    assert "no node has enough cpu free" in readiness.hopeless(Seen(pods=[one], events=[full]), 60)
    assert readiness.hopeless(Seen(pods=[one], events=[full, coming]), 60) == ""


def test_an_image_that_cannot_be_pulled_and_pods_that_are_refused_are_told_early():
    late = pod({"waiting": {"reason": "ImagePullBackOff"}})
    never = pod({"waiting": {"reason": "InvalidImageName"}})
    assert readiness.hopeless(Seen(pods=[late]), 1) == ""
    assert "image web:1 cannot be pulled" in readiness.hopeless(Seen(pods=[late]), 11)
    assert "image web:1 cannot be pulled" in readiness.hopeless(Seen(pods=[never]), 0)
    refused = {"type": "ReplicaFailure", "status": "True", "message": 'pods "a" is forbidden: exceeded quota: most'}
    assert "the namespace's quota is exhausted" in readiness.hopeless(Seen({"status": {"conditions": [refused]}}), 0)


def test_a_container_that_keeps_ending_has_failed_while_the_limit_is_far():
    assert readiness.hopeless(Seen(pods=[pod(restarts=1)]), 300) == ""
    assert "container main of pod web-1 ended 2 times" in readiness.hopeless(Seen(pods=[pod(restarts=2)]), 3)


def test_a_job_whose_pods_are_refused_is_told_at_once_and_may_end_as_often_as_it_likes():
    refused: Manifest = {"involvedObject": {"uid": "1"}, "reason": "FailedCreate", "message": "violates PodSecurity"}
    assert "violates PodSecurity" in readiness.job_is_stuck({"metadata": {"uid": "1"}}, Seen(events=[refused]), 0)
    assert readiness.job_is_stuck({"metadata": {"uid": "2"}}, Seen(events=[refused]), 0) == ""
    assert readiness.job_is_stuck({"metadata": {"uid": "1"}}, Seen(pods=[pod(restarts=9)]), 99) == ""


@given(st.integers(1, 9), st.integers(0, 20), st.integers(0, 20))
def test_a_quota_lets_exactly_what_fits(more, used, most):
    one: dict[str, Any] = {
        "metadata": {"name": "q"},
        "status": {"hard": {"requests.cpu": str(most)}, "used": {"requests.cpu": str(used)}},
    }
    template = Node({"containers": [{"resources": {"limits": {"cpu": "1"}}}]})
    assert (quota.lacking([one], template, more) == []) == (used + more <= most)
