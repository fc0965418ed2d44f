"""An object of a release's name is the release's only when it is, in every respect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from domain.core.documents import Object
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming, ownership
from domain.releases.kubernetes.objects import env_secret, owned, release_objects
from tests.domain.releases.kubernetes.rendered import RELEASES, rendered, shop

ROOT = {"kind": "ConfigMap", "name": "shop-r57", "uid": "u"}


@given(RELEASES, RELEASES, rendered())
def test_what_another_release_made_is_never_this_ones(one: Deployment, two: Deployment, sources: list[Object]) -> None:
    for wanted in release_objects(one, sources).every():
        assert ownership.whose(wanted, None) == ownership.whose(wanted, wanted) == ownership.kept(wanted, wanted) == ""
        for other in release_objects(two, sources).every():
            same = naming.release_label(one) == naming.release_label(two)
            assert bool(ownership.whose(wanted, other)) is not same


def test_two_environments_of_one_namespace_do_not_take_over_each_others_routes() -> None:
    ours = naming.of_service(shop())
    for live, foreign in ((shop(), False), (shop(environment="staging"), True)):
        route = {"metadata": {"labels": naming.service_labels(live)}}
        assert bool(ownership.whose_route(ours, route)) is foreign
    assert ownership.whose_route(ours, {"metadata": {}}) == ""  # made by hand, and taken over in words


@pytest.mark.parametrize(
    "meta",
    [
        {"finalizers": ["example.org/never"]},
        {"ownerReferences": [{"kind": "ConfigMap", "name": "a-tenants", "uid": "x"}]},
    ],
)
def test_nobody_else_decides_when_a_root_ends(meta: Any) -> None:
    assert ownership.kept({"metadata": {"name": "shop-r57"}}, {"metadata": {"name": "shop-r57", **meta}})
    wanted = owned({"metadata": {"name": "x"}}, "shop-r57", "u")
    assert ownership.kept(
        wanted, {"metadata": {**meta, "ownerReferences": [ROOT, *meta.get("ownerReferences", [ROOT])]}}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"URL": "ZXZpbA=="}},
        {"data": {}},
        {"data": {"URL": "Z29vZA==", "MORE": ""}},
        {"binaryData": {"more": ""}},
        {"immutable": False},
        {"immutable": None},
        {"type": "kubernetes.io/tls"},
    ],
)
def test_a_configuration_that_was_there_first_is_the_releases_only_with_its_content(change: Any) -> None:
    wanted = env_secret(shop(), {"URL": "good"})
    live: Any = {"data": {"URL": "Z29vZA=="}, "type": "Opaque", "immutable": True}
    assert ownership.altered(wanted, live) == ""
    assert ownership.altered(wanted, {**live, **change})
