"""What fits together is said before anything is made, and free ranges are free."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.compatibility import choices, free_network, overlaps, remarks
from domain.clusters.spec import ClusterSpec, Network, Scaling

NETWORKS = st.builds(
    Network,
    st.integers(0, 255).map(lambda n: f"10.{n}.0.0/16"),
    st.integers(0, 255).map(lambda n: f"10.{n}.0.0/16"),
    st.integers(0, 255).map(lambda n: f"10.99.{n}.0/24"),
)


@given(st.dictionaries(st.sampled_from("abcdefgh"), NETWORKS, max_size=8))
def test_free_ranges_overlap_with_nothing(others):
    free = free_network(others)
    assert list(overlaps(free, others)) == []
    nets = [ipaddress.ip_network(one) for one in (free.pods, free.services, free.nodes)]
    assert not any(one.overlaps(other) for at, one in enumerate(nets) for other in nets[:at])


@given(NETWORKS, st.dictionaries(st.text("abc", min_size=1), NETWORKS, max_size=20))
def test_each_range_that_overlaps_is_told_once_whatever_the_number_of_clusters(network, others):
    found = list(overlaps(network, others))
    assert len({one.path for one in found}) == len(found) <= 3
    assert all(len(one.words) < 500 and not one.prevents for one in found)


@pytest.mark.parametrize(
    ("spec", "path", "prevents"),
    [
        (ClusterSpec("a", "kwok", runtime="docker"), ("runtime",), True),
        (ClusterSpec("a", "host", network=Network(plugin="cilium")), ("network", "plugin"), True),
        (ClusterSpec("a", "kwok", add_ons=("istio",)), ("connection", "add-ons"), True),
        (ClusterSpec("a", "cluster-api"), ("version",), True),
        (ClusterSpec("a", "terraform"), ("connection", "module"), True),
        (ClusterSpec("a", "kwok", network=Network(isolated=True)), ("network", "isolated"), False),
        (ClusterSpec("a", "host", scaling=(Scaling("a", "web"),)), ("scaling",), False),
    ],
)
def test_what_does_not_fit_says_where(spec, path, prevents):
    assert (path, prevents) in [(one.path, one.prevents) for one in remarks(spec)]


def test_what_fits_has_no_remark():
    host = ClusterSpec("a", "host", parts={"firewall": "kube-router", "metrics": "metrics-server"})
    assert list(remarks(replace(host, network=Network(isolated=True)))) == []
    assert choices("host")["plugin"] == ("bridge",)
    assert choices("kwok")["gateway"] == ()
