"""Secrets of Kubernetes from a real API server, by an account that may read one namespace and nothing else."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from kubernetes import client

from activities.secrets.port import SecretStore
from activities.secrets.stores.registry import open_secrets
from domain.core.documents import Manifest, Node
from domain.core.errors import SluicewayError
from tests.support.made_clusters import Made, one_node
from tests.support.told_values import places

__all__ = ["one_node"]
pytestmark = [pytest.mark.heavy, pytest.mark.timeout(180)]
VALUE = "k8s-s3cr3t-of-a-real-api-server"
NAMESPACE = "ci-secrets"


@dataclass
class Server:
    made: Made
    folder: Path

    def token(self, account: str, seconds: int = 600) -> str:
        """Of a service account, as a pod would have it."""
        wanted = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=seconds)
        )
        api = client.CoreV1Api(self.made.kube.api)
        made = api.create_namespaced_service_account_token(account, NAMESPACE, wanted).status
        assert made is not None
        return str(made.token)

    def store(self, monkeypatch: pytest.MonkeyPatch, token: str, namespace: str = NAMESPACE) -> SecretStore:
        """As a worker opens it, with a kubeconfig of its own."""
        said = Node(yaml.safe_load(Path(self.made.access.reference.removeprefix("file:")).read_text())).object()
        said = {
            **said,
            "users": [{"name": one["name"].text(), "user": {"token": token}} for one in Node(said)["users"]],
        }
        kubeconfig = self.folder / "worker.kubeconfig"
        kubeconfig.write_text(json.dumps(said))
        monkeypatch.setenv("SLUICEWAY_SECRETS_KUBECONFIG", str(kubeconfig))
        return open_secrets(f"kubernetes:{namespace}", self.folder / "home" / "secrets")


@pytest.fixture
def server(one_node: Made, tmp_path: Path) -> Server:
    (tmp_path / "home" / "discovery").mkdir(parents=True)
    apply = one_node.kube.apply
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for name in ("reader", "nobody"):
        apply(of("v1", "ServiceAccount", name))
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    apply({**of("rbac.authorization.k8s.io/v1", "Role", "reads"), "rules": rules})
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reads"}
    apply({**of("rbac.authorization.k8s.io/v1", "RoleBinding", "reads"), "subjects": [subject], "roleRef": role})
    data = {"value": base64.b64encode(VALUE.encode()).decode()}
    apply({**of("v1", "Secret", "deploy-token"), "data": data})
    apply({**of("v1", "Secret", "other-key"), "data": {"password": data["value"]}})
    return Server(one_node, tmp_path)


def of(version: str, kind: str, name: str) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}}


def test_a_value_is_read_and_lies_in_no_file_and_no_command(server, monkeypatch):
    store = server.store(monkeypatch, server.token("reader"))

    assert store.read("deploy-token") == VALUE
    assert places(VALUE, server.folder) == []
    assert places("users", server.folder)  # the look itself sees what is there


@pytest.mark.parametrize("name", ["not-there", "other-key"])
def test_a_secret_without_a_value_is_named(server, monkeypatch, name):
    with pytest.raises(SluicewayError, match=name) as absent:
        server.store(monkeypatch, server.token("reader")).read(name)
    assert absent.value.code == "SLW831"


def test_an_account_without_the_right_is_refused_and_the_message_has_no_token(server, monkeypatch):
    token = server.token("nobody")
    for store in (
        server.store(monkeypatch, token),
        server.store(monkeypatch, server.token("reader"), "kube-system"),
        server.store(monkeypatch, "not.a.token"),
    ):
        with pytest.raises(SluicewayError) as refused:
            store.read("deploy-token")
        assert (refused.value.code, refused.value.transient) == ("SLW044", False)
        assert token not in str(refused.value)


def test_a_rotated_secret_is_read_as_it_is_now(server, monkeypatch):
    store = server.store(monkeypatch, server.token("reader"))
    assert store.read("deploy-token") == VALUE
    newer = base64.b64encode(b"a newer one").decode()
    server.made.kube.apply({**of("v1", "Secret", "deploy-token"), "data": {"value": newer}})

    assert store.read("deploy-token") == "a newer one"


def test_a_server_that_is_away_may_come_back(server, monkeypatch):
    store = server.store(monkeypatch, server.token("reader"))
    path = server.folder / "worker.kubeconfig"
    said = Node(json.loads(path.read_text()))
    clusters = [
        {**one.object(), "cluster": {**one["cluster"].object(), "server": "https://127.0.0.1:1"}}
        for one in said["clusters"]
    ]
    path.write_text(json.dumps({**said.object(), "clusters": clusters}))

    with pytest.raises(SluicewayError) as away:
        store.read("deploy-token")
    assert (away.value.code, away.value.transient) == ("SLW043", True)
