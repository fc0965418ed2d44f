"""A map is drawn with names that are not cut in a misleading way, and its boxes lead one level deeper."""

from __future__ import annotations

import pytest

from tests.support.memory_client import memory_client
from workers.console.run_graph import clipped
from workers.console.topology_graph import MapView, shortened, view_of


async def _view(cluster: str = "", namespace: str = "", workload: str = "") -> MapView:
    return view_of(await memory_client().topology.map(cluster, namespace, workload))


def _href(view: MapView, kind: str, name: str) -> str:
    return next(one.href for one in view.boxes if (one.box.kind, one.box.name) == (kind, name))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("web-shop", "web-shop"),
        ("web-shop-7d9f8c6b5-00001", "web-shop-…5-00001"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("가나다라마바사아자차", "가나다라…아자차"),
    ],
)
def test_a_long_name_keeps_its_beginning_and_its_end(name: str, short: str):
    assert shortened(name, 17) == short
    assert clipped(short, 17) == short


async def test_boxes_lead_one_level_deeper():
    assert _href(await _view(), "cluster", "eu-1") == "/topology/eu-1"
    assert _href(await _view("eu-1"), "namespace", "shop") == "/topology/eu-1/shop"
    view = await _view("eu-1", "shop")
    assert _href(view, "workload", "web-shop") == "/topology/eu-1/shop/Deployment/web-shop"
    assert _href(view, "service", "web-shop") == "/clusters/eu-1/objects/Service/shop/web-shop"
    assert _href(view, "release", "web-shop/production/12") == "/releases/web-shop/production/12"
    deepest = await _view("eu-1", "shop", "Deployment/web-shop")
    assert _href(deepest, "workload", "web-shop") == "/clusters/eu-1/objects/Deployment/shop/web-shop"


async def test_a_box_says_what_it_leads_to_and_what_is_in_it_the_worst_first():
    view = await _view("eu-1", "shop")
    (service,) = [one for one in view.boxes if one.box.key == "service/shop/Service/web-shop"]
    assert {end.name for _, end in service.leads_to} == {"web-shop", "web-shop-1-4-11", "web-shop-1-4-12"}
    (canary,) = [one for one in view.boxes if one.box.name == "web-shop-canary"]
    assert canary.counts == (("degraded", 4), ("progressing", 1))
