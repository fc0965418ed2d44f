"""What `allow` of a pod does not open: metadata of clouds, and the machines of its cluster."""

from __future__ import annotations

import pytest

from domain.core.addresses import METADATA
from domain.core.documents import Node
from domain.jobs import job_pod
from domain.jobs.job_pod import PodRef, closed_of, into
from domain.pipelines.container import ContainerSpec
from pipeline_defs.documents import check

PLACE = PodRef("edge", "team", "sluiceway-1-k", "k", "1")
NODES = [
    {
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": "10.1.2.3"},
                {"type": "InternalIP", "address": "2001:4860::3"},
                {"type": "Hostname", "address": "node-1"},
            ]
        }
    }
]
CLOSED = closed_of(NODES)


def blocks(*allow: str) -> list[Node]:
    rules = Node(job_pod.policy(ContainerSpec("shell:1", allow=allow), PLACE, CLOSED)).at("spec", "egress")
    return [one["to"].first()["ipBlock"] for one in rules if one["to"]]


def test_a_wide_range_leaves_out_nodes_and_metadata():
    (all_, six, near, far) = blocks("0.0.0.0/0", "::/0", "10.0.0.0/8:443", "192.0.2.0/24")

    assert all_["except"].texts() == sorted(one for one in CLOSED if ":" not in one)
    assert set(six["except"].texts()) == {one for one in CLOSED if ":" in one}
    assert near["except"].texts() == ["10.1.2.3/32"]
    assert far.value == {"cidr": "192.0.2.0/24"}


@pytest.mark.parametrize(
    "text", ["10.1.2.3/32:10250", "169.254.169.254/32", "169.254.0.0/16:80", "fd00:ec2::254/128", "2001:4860::3/128"]
)
def test_a_range_that_names_nothing_else_is_refused(text: str):
    assert into(["10.0.0.0/8", text], CLOSED) == text
    assert into(["10.0.0.0/8", "10.1.2.4/32:10250"], CLOSED) == ""


def test_an_administrator_opens_nodes_and_never_metadata():
    assert closed_of(NODES, ["0.0.0.0/0", "::/0"]) == list(METADATA)
    assert "10.1.2.3/32" in closed_of(NODES, ["10.1.2.4/32"])


def test_linting_a_definition_tells_that_it_names_metadata():
    head = b"apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\non: {push: {}}\njobs:\n  a:\n    run: x\n"
    box = "    container: {image: x, cluster: edge, allow: ['%s']}\n"
    (found,) = check(head + (box % "169.254.169.254/32:80").encode(), "p.yaml", lambda path: None).diagnostics

    assert found.code == "SLW038"
    assert check(head + (box % "0.0.0.0/0").encode(), "p.yaml", lambda path: None).diagnostics == ()
