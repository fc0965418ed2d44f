"""A name leads to the object of that name and kind, and to nothing else: not to Secrets, not to the namespace."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from kubernetes.client import ApiClient
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.resource import Resource

from activities.kubernetes.client import Kube
from domain.clusters.access import Access
from domain.core.errors import SluicewayError

NAMES = (
    "..",
    ".",
    "../secrets/token",
    "web/../../secrets/token",
    "web/status",
    "web?dryRun=All",
    "web#x",
    "%2e%2e",
    "a\nb",
)
POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod"}


@pytest.fixture
def kube(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kube:
    """A client whose requests are remembered by the path that a connection would ask for."""
    made = Kube(Access("file:/k"), tmp_path / "discovery")
    asked: list[str] = []

    def request(self: object, method: str, path: str, **_: Any) -> Any:
        asked.append(f"{method} {urllib3.util.parse_url(f'https://h{path}').request_uri}")
        return SimpleNamespace(data=b"{}")

    monkeypatch.setattr(DynamicClient, "request", request)
    dynamic = DynamicClient.__new__(DynamicClient)
    dynamic.client = ApiClient()
    pods = Resource(prefix="api", group="", api_version="v1", kind="Pod", namespaced=True, verbs=["get"], name="pods",
                    client=dynamic)  # fmt: skip
    object.__setattr__(dynamic, "_DynamicClient__discoverer", SimpleNamespace(get=lambda **_: pods))
    made.__dict__["_dynamic"], made.__dict__["asked"] = dynamic, asked
    return made


def changes(kube: Kube, name: str, namespace: str) -> list[Any]:
    meta = {"name": name, "namespace": namespace}
    return [
        lambda: kube.delete("v1", "Pod", name, namespace, uid="u"),
        lambda: kube.get("v1", "Pod", name, namespace),
        lambda: kube.patch("v1", "Pod", name, {}, namespace),
        lambda: kube.apply({**POD, "metadata": meta}),
        lambda: kube.create({**POD, "metadata": meta}),
        lambda: kube.evict(namespace, name),
        lambda: kube.logs(namespace, name, "c"),
        lambda: kube.raw(f"/api/v1/namespaces/{namespace}/pods/{name}/log") if ".." in (name, namespace) else kube.get("v1", "Pod", name),
    ]  # fmt: skip


@pytest.mark.parametrize("odd", NAMES)
def test_a_name_that_leads_elsewhere_is_asked_for_nowhere(kube: Kube, odd: str) -> None:
    for name, namespace in ((odd, "team"), ("web", odd)):
        for call in changes(kube, name, namespace)[: None if name == odd else -1]:
            with pytest.raises(SluicewayError):
                call()
    assert kube.__dict__["asked"] == []


def test_a_name_is_asked_for_as_it_is(kube: Kube) -> None:
    kube.delete("v1", "Pod", "web", "team")
    kube.get("v1", "Pod", "system:node-0", "team")
    assert kube.__dict__["asked"] == [
        "delete /api/v1/namespaces/team/pods/web",
        "get /api/v1/namespaces/team/pods/system:node-0",
    ]
