"""What runs in a cluster is held against what was scanned, and its objects are read as somebody wrote them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import running_images as running
from domain.clusters.running_images import RunningImage
from domain.core.documents import Object

A, B = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
digests = st.sampled_from([A, B, ""])
found = st.lists(
    st.builds(
        RunningImage, st.sampled_from(["t/x", "t/y"]), st.just("main"), st.sampled_from(["web:1", "db:2"]), digests
    )
)


@given(found, st.sets(st.sampled_from([A[7:], B[7:]])))
def test_nothing_that_was_not_scanned_stays_untold(images, scanned):
    lines = running.drift(images, scanned.__contains__)

    for one in images:
        told = any(one.pod in line for line in lines)
        assert told or (one.digest and one.digest[7:] in scanned)


def test_what_is_asked_for_and_what_runs_are_compared_by_digest() -> None:
    lines = running.drift([RunningImage("t/x", "main", f"web@{A}", B)], lambda digest: True)

    assert lines == [f"t/x (main): runs {B[:19]} instead of {A[:19]}"]


def test_a_name_that_means_two_images_at_once_is_told() -> None:
    both = [RunningImage("t/x", "main", "web:1", A), RunningImage("t/y", "main", "web:1", B)]

    assert "web:1 resolves to 2 different images" in running.drift(both, lambda digest: True)[0]


@pytest.mark.parametrize(
    ("meta", "looked"),
    [
        ({"name": "web", "namespace": "team"}, True),
        ({"name": "web-7d", "namespace": "team", "ownerReferences": [{"controller": True}]}, False),
        ({"name": "system:node"}, False),
        ({"name": "edit", "labels": {running.BUILT_IN: "rbac-defaults"}}, False),
        ({"name": "kube-root-ca.crt", "namespace": "team"}, False),
    ],
)
def test_what_somebody_wrote_is_looked_at(meta, looked):
    assert running.looked_at({"metadata": meta}) is looked


def test_the_servers_own_words_are_left_out() -> None:
    one: Object = {
        "apiVersion": "v1",
        "metadata": {"name": "a:b", "uid": "1", "managedFields": []},
        "spec": {"x": 1},
        "status": {"phase": "Running"},
    }

    assert running.written(one, "Pod") == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a:b"},
        "spec": {"x": 1},
    }
    assert running.file_of(one, "Pod") == "cluster/Pod/a_b.yaml"
