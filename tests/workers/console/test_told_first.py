"""What is wrong stands where one looks: on the fleet's page, on that of its cluster, and of its namespace, the worst first."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from domain.inventory.model import Health
from tests.support.memory_client import seeded
from tests.workers.console.site import reader
from tests.workers.console.walk import NAMESPACE


def test_the_fleet_says_of_a_cluster_what_to_look_at_first_with_its_reason():
    with reader() as client:
        row = client.get("/fleet").text.partition('href="/clusters/eu-1">eu-1</a>')[2].partition("</tr>")[0]
    assert "Node eu-1-node-2: MemoryPressure" in row
    assert "not healthy: 2 of 4 nodes" in row


@pytest.mark.parametrize("path", ["/clusters/eu-1", NAMESPACE])
def test_what_is_wrong_is_told_where_one_looks_whatever_its_kind(path: str):
    world = seeded()
    blind = next(row for row in world.objects.values() if row.key[:2] == ("eu-1", "HorizontalPodAutoscaler"))
    world.objects[blind.key] = replace(blind, health=Health.DEGRADED, reason="no metrics API answers")
    with reader(world) as client:
        page = client.get(path).text
    assert "no metrics API answers" in page
    assert "no StorageClass is named fast" in page.partition("What else is not healthy")[2]


def test_workloads_of_a_namespace_that_are_not_healthy_come_first():
    with reader() as client:
        page = client.get(NAMESPACE).text.partition("<h2>Workloads</h2>")[2].partition("</section>")[0]
    first = re.findall(r'row-link name" href="[^"]*/([^"/]+)"', page)[:2]
    assert first == ["migrate", "web-shop-canary"]


def test_what_a_deletion_waits_for_is_told_on_the_page_of_its_namespace():
    world = seeded()
    pod = next(row for row in world.objects.values() if row.key[:3] == ("eu-1", "Pod", "shop"))
    held = replace(pod, health=Health.PROGRESSING, status="Terminating", reason="finalizers hold it back: a.example/x")
    world.objects[held.key] = held
    with reader(world) as client:
        assert "finalizers hold it back: a.example/x" in client.get(NAMESPACE).text


@pytest.mark.parametrize(
    ("part", "rest"), [("objects?kind=Pod&", "pods"), ("volumes?", ""), ("quotas?", ""), ("events?", "")]
)
def test_lists_of_one_cluster_keep_its_tabs(part: str, rest: str):
    with reader() as client:
        inside = client.get(f"/{part}cluster=eu-1").text
        outside = client.get(f"/{part}").text
    assert 'href="/clusters/eu-1/nodes"' in inside
    assert '<div id="of-cluster"></div>' in outside
