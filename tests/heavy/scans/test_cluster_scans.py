"""`sluiceway scan CLUSTER` on a real API server: workloads and rights are judged, and what runs is held against scans."""

import json

import pytest

from activities.kubernetes.kubeconfigs import AddressBook
from tests.support.command_line import spawn as call
from workers.core import settings

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]
OBJECTS = (
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "web:1", "securityContext": {"privileged": True}}]},
            },
        },
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "anything"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    },
)


def test_a_privileged_workload_and_a_role_that_may_do_anything_are_found(one_node, home):
    for one in OBJECTS:
        one_node.kube.apply(one)
    AddressBook(settings.load().addresses).remember("under", one_node.access)
    code, out, _ = call("scan", "under", "-f", "json", "--fail-on", "critical")
    report = json.loads(out)

    found = {(one["path"], one["severity"]) for one in report["findings"]}
    assert ("default/Deployment/web.yaml", "high") in found
    assert ("cluster/ClusterRole/anything.yaml", "critical") in found
    assert code == 1
    assert not [one for one in report["findings"] if "system:" in one["path"]]
