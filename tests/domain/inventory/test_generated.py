"""What a definition generates is compared with what is in the cluster."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.inventory.decoding import Unfit, decoder_of
from domain.clusters.manifests import tenant
from domain.clusters.other_namespaces import denied
from domain.clusters.spec import Quota
from domain.core.documents import Manifest
from domain.inventory.generated import Declares, GeneratedPolicy, PolicyState, compared, declares
from domain.inventory.model import ObjectRow
from domain.inventory.network_shapes import NetworkPolicy
from domain.inventory.policies import policy_row
from domain.inventory.scene import Scene

SHOP = Quota("shop", allow_from=("batch",), allow_to=("10.0.0.0/8:443", "0.0.0.0/0"))
NAMES = st.lists(st.sampled_from([f"n{at}" for at in range(40)]), unique=True, max_size=40).map(tuple)
RANGES = st.lists(st.sampled_from([f"10.{at}.0.0/16" for at in range(40)]), unique=True, max_size=40).map(tuple)


def definition(*quotas: Quota, **more: Any) -> dict[str, Any]:
    listed = [{"namespace": q.namespace, "allow_from": [*q.allow_from], "allow_to": [*q.allow_to]} for q in quotas]
    network = {"isolated": True, "nodes": "10.99.0.0/24", "others": more.pop("others", "tell")}
    return {"provider": "local", "network": network, "quotas": listed, **more}


def applied(manifests: Iterable[Manifest]) -> list[ObjectRow]:
    """As a watch reads them from an API server."""
    rows = []
    for one in manifests:
        if one["kind"] == "NetworkPolicy":
            read = decoder_of(NetworkPolicy).one(json.dumps(one).encode())
            assert not isinstance(read, Unfit)
            rows.append(policy_row(read, Scene(cluster="c")))
    return rows


def by_name(found: Iterable[GeneratedPolicy]) -> dict[str, PolicyState]:
    return {f"{one.namespace}/{one.name}": one.state for one in found}


@given(comes=NAMES, goes=RANGES)
def test_what_was_applied_never_differs_from_what_generates_it(comes: tuple[str, ...], goes: tuple[str, ...]):
    quota = replace(SHOP, allow_from=comes, allow_to=goes)
    for gateway, parts in (("10.99.0.1", {"gateway": "traefik"}), ("", {})):
        found = compared(definition(quota, parts=parts), {}, applied(tenant(quota, True, gateway)))
        long = len(comes) > 30 or len(goes) > 31
        assert {one.state for one in found} <= {PolicyState.SAME, *([PolicyState.UNCLEAR] if long else [])}
        assert all(one.wanted["spec"] == one.found["spec"] for one in found if one.state is PolicyState.SAME)


def test_what_is_missing_changed_and_extra_is_told_first():
    deny, allow = applied(tenant(SHOP, True))
    allow = replace(allow, details={**allow.details, "selector": {"labels": {"app": "web"}}})
    extra = replace(deny, name="opens-all", details={"types": ["Ingress"], "ingress": [{}]})
    found = compared(definition(SHOP, Quota("pay")), {"shop": "production"}, [deny, allow, extra])
    assert by_name(found) == {
        "pay/default-deny": PolicyState.MISSING,
        "pay/tenant": PolicyState.MISSING,
        "shop/tenant": PolicyState.CHANGED,
        "shop/opens-all": PolicyState.EXTRA,
        "shop/default-deny": PolicyState.SAME,
    }
    changed = found[2]
    assert (changed.differs, changed.environment, changed.ours) == (("podSelector",), "production", True)
    assert (found[0].found, found[3].wanted) == ({}, {})


def test_a_policy_that_is_longer_than_what_is_kept_of_it_is_not_called_the_same():
    quota = replace(SHOP, allow_to=tuple(f"10.{at}.0.0/16" for at in range(60)))
    _, allow = applied(tenant(quota, True))
    assert by_name(compared(definition(quota), {}, [allow]))["shop/tenant"] is PolicyState.UNCLEAR
    assert by_name(compared(definition(SHOP), {}, [allow]))["shop/tenant"] is PolicyState.CHANGED


def test_other_namespaces_are_closed_where_the_definition_says_so():
    (closed,) = applied([denied("legacy")])
    found = compared(definition(SHOP, others="deny"), {}, [closed], ["new"])
    assert {name: state for name, state in by_name(found).items() if "shop" not in name} == {
        "legacy/sluiceway-default-deny": PolicyState.SAME,
        "new/sluiceway-default-deny": PolicyState.MISSING,
    }
    assert all(one.namespace == "shop" for one in compared(definition(SHOP), {}, [closed], ["new"]))


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ({}, Declares.UNKNOWN),
        ({"provider": "registered", "network": {"isolated": True}}, Declares.ELSEWHERE),
        ({"provider": "local", "network": {"isolated": False}}, Declares.OPEN),
        (definition(SHOP), Declares.ISOLATED),
    ],
)
def test_a_definition_says_whether_it_isolates(said: dict[str, Any], is_: Declares):
    assert declares(said) is is_
    assert bool(compared(said, {}, ())) is (is_ is Declares.ISOLATED)
