"""A cluster's own audit log: where it can be had, and what a plan says of it."""

import pytest

from domain.clusters import audit_log
from domain.clusters.plan import items
from domain.clusters.spec import ClusterSpec, complaints
from domain.core.documents import Node


@pytest.mark.parametrize(
    ("provider", "level", "said"),
    [
        ("host", "metadata", ""),
        ("kwok", "request", "audit is 'metadata'"),
        ("terraform", "metadata", "where the cluster"),
    ],
)
def test_it_is_asked_for_where_an_api_server_is_started(provider, level, said):
    found = [words for _, words in complaints(ClusterSpec("c", provider, connection={"audit": level}))]
    assert bool(found) == bool(said)
    assert said in "".join(found)


def test_a_cluster_without_one_is_what_it_was():
    with_it, without = (ClusterSpec("c", "host", connection=one) for one in ({"audit": "metadata"}, {}))
    states = [next(one.state for one in items(spec) if one.kind == "control-plane") for spec in (with_it, without)]
    assert states == ["the provider's version, audit log of metadata", "the provider's version"]


def test_no_content_of_a_request_is_written():
    assert {one["level"].text() for one in Node(audit_log.policy())["rules"]} == {"None", "Metadata"}
