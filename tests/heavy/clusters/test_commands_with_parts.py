"""Pods and volumes keep their promises on a cluster with all parts, and a probe says who enforces its policies."""

import pytest

from tests.support.built_programs import built, needs_host
from tests.support.command_line import spawn as call

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(280)]
TEMPLATE = "pipeline_defs/examples/clusters/for-releases.yaml"
NAMES = "nslookup web.shop.svc.cluster.local; nslookup nobody.shop.svc.cluster.local || echo nobody is not there"
BUSYBOX = ("--image", "sluiceway.local/busybox:1")


@pytest.fixture
def whole(home, request):
    """A cluster from the template that the examples have, by the commands that it names."""
    needs_host()
    built()
    code, out, err = call("up")
    assert code == 0, err
    code, out, err = call("cluster", "create", str(request.config.rootpath / TEMPLATE), "--name", "whole")
    try:
        assert code == 0, out + err
        yield
    finally:
        code, out, err = call("cluster", "delete", "whole")
        assert (code, "nothing is left" in out) == (0, True), out + err


def said(*arguments, code=0):
    ended, out, err = call(*arguments)
    assert ended == code, f"{arguments}: {out}{err}"
    return out + err


def test_pods_volumes_and_the_probe_on_a_cluster_with_all_parts(whole, tmp_path):
    shown = said("cluster", "show", "whole")
    assert "coredns (dns), metrics-server (metrics), kube-router (firewall), traefik (gateway)" in shown
    assert "metrics: v1beta1" in shown
    assert "drift" not in shown

    assert "enforced: a pod of another namespace is blocked by kube-router" in said(
        "cluster", "probe", "whole", "-n", "shop"
    )
    for namespace, image, why in (
        ("nowhere", "sluiceway.local/busybox:1", "the cluster has no namespace nowhere"),
        ("shop", "nowhere.invalid/x:1", "name an image that the nodes have"),
    ):
        told = said("cluster", "probe", "whole", "-n", namespace, "--image", image, code=1)
        assert "SLW959" in told
        assert why in told
        assert "Traceback" not in told

    said("volume", "create", "whole", "data", "-n", "shop", "--host-path", str(tmp_path / "data"))
    assert "no pod uses it" in said("volume", "orphans", "whole")
    found = said("pod", "run", "whole", "asks", "-n", "shop", *BUSYBOX, "--", "sh", "-c", f"busybox {NAMES}")
    assert "10.96.0.10" in found
    assert "is kept as Released" in said("volume", "delete", "whole", "data", "-n", "shop")
