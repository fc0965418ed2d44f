"""A namespace counts as isolated only when a stranger was kept out, and a neighbour was not."""

import pytest

from domain.clusters.network_probe import Isolation, Reached, enforcer, verdict


@pytest.mark.parametrize(
    ("neighbour", "stranger", "isolated", "expected"),
    [
        (True, False, True, Isolation.ENFORCED),
        (True, True, True, Isolation.NOT_ENFORCED),
        (True, True, False, Isolation.OPEN),
        (False, False, True, Isolation.BROKEN),
        (False, True, True, Isolation.BROKEN),
        (False, False, False, Isolation.BROKEN),
    ],
)
def test_what_pods_found_out_decides(neighbour, stranger, isolated, expected):
    assert verdict(Reached(neighbour, stranger), isolated, "bridge").isolation is expected


@pytest.mark.parametrize(
    ("plugin", "firewall", "daemons", "who"),
    [
        ("bridge", "kube-router", ["cilium"], "kube-router"),
        ("", "", ["node-exporter", "calico-node"], "Calico"),
        ("bridge", "", ["node-exporter"], "bridge"),
        ("", "", [], "the network plugin"),
    ],
)
def test_who_is_to_enforce_policies_is_named(plugin, firewall, daemons, who):
    by = enforcer(plugin, firewall, daemons)
    assert by == who
    assert who in verdict(Reached(True, False), True, by).words
