"""Who counts requests comes from the registered environment, and is one for both versions."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.counted import COUNTED_BY, Prometheus
from domain.releases.kubernetes.counted_alike import counted_alike
from domain.releases.kubernetes.place import KubernetesSpec, Place

GOOD = [
    Prometheus(address="https://prometheus.example:9090/prefix"),
    Prometheus(address="http://[fd00::1]:9090", labels={"job": "traefik"}),
    Prometheus(service="monitoring/prometheus:9090"),
    Prometheus(service="monitoring/prometheus:web"),
    Prometheus(address="https://a", token="monitoring/prometheus-token"),
]
BAD = [
    Prometheus(),
    Prometheus(address="https://a", service="a/b:1"),
    Prometheus(address="ftp://a"),
    Prometheus(address="file:///etc/passwd"),
    Prometheus(address="https://user:secret@a"),
    Prometheus(address="https://a?x=1"),
    Prometheus(address="https://a#b"),
    Prometheus(address="https://a b"),
    Prometheus(address="https://[a"),
    Prometheus(address="https://a:99999999"),
    Prometheus(service="a/../../b:1"),
    Prometheus(service="a/b:1/proxy"),
    Prometheus(address="https://a", labels={"a-b": "x"}),
    Prometheus(address="http://a", token="a/b"),
    Prometheus(service="a/b:1", token="a/b"),
    Prometheus(address="https://a", token="../b"),
    *(Prometheus(address="https://a", labels={name: "2"}) for name in COUNTED_BY),
]
OLD = Prometheus(address="https://old")


@pytest.mark.parametrize("one", GOOD)
def test_an_address_or_a_service_can_be_asked(one):
    assert one.complaint(several=False) == ""


@pytest.mark.parametrize("one", BAD)
def test_what_leads_elsewhere_or_leaves_answers_out_is_refused(one):
    assert one.complaint(several=False)


def test_several_clusters_are_told_apart():
    plain = Prometheus(address="https://a")
    assert "{cluster}" in plain.complaint(several=True)
    for one in (replace(plain, address="https://{cluster}.a"), replace(plain, labels={"cluster": "{cluster}"})):
        assert one.complaint(several=True) == ""
        assert one.of("eu") != one.of("us")
    assert Prometheus(service="a/b:1").complaint(several=True) == ""


@given(st.text(), st.text(), st.text(), st.dictionaries(st.text(), st.text(), max_size=3), st.booleans())
def test_no_text_is_an_error(address, service, token, labels, several):
    Prometheus(address=address, service=service, token=token, labels=labels).complaint(several)


def version(instance, counters, cluster="c"):
    place = Place(cluster=cluster, namespace="prod", counters=counters)
    spec = DeploySpec(kubernetes=KubernetesSpec(place=place))
    return Deployment(service="shop", environment="e", instance=instance, spec=spec)


def counters_of(one):
    return one.spec.kubernetes.place.counters


def test_an_older_version_is_counted_where_its_successor_is():
    before, after = version("r9", OLD), version("r10", None)
    assert counters_of(counted_alike(before, after)) is None
    assert counters_of(counted_alike(version("r9", None), version("r10", OLD))) == OLD


def test_a_newer_version_and_one_elsewhere_are_counted_where_they_were_released():
    new = version("r10", None)
    for other in (version("r9", OLD), version("r11", OLD, "another"), None):
        assert counted_alike(new, other) == new
