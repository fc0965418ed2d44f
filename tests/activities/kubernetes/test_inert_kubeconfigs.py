"""A kubeconfig that somebody else has written runs no program here, and sends no file of this machine anywhere."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.clusters.providers.cluster_api import ClusterApiProvider
from activities.kubernetes.client import Kube
from activities.kubernetes.inert import inert
from domain.clusters.access import Access
from domain.clusters.spec import ClusterSpec
from domain.core.errors import SluicewayError


def kubeconfig(user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None) -> str:
    return yaml.safe_dump(
        {
            "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **(cluster or {})}}],
            "users": [{"name": "other", "user": {}}, {"name": "u", "user": {"token": "t", **(user or {})}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )


def program(tmp_path: Path) -> dict[str, Any]:
    command = {"command": "touch", "args": [str(tmp_path / "ran")], "apiVersion": "client.authentication.k8s.io/v1"}
    return {"exec": {**command, "interactiveMode": "Never"}}


def test_a_program_of_a_kubeconfig_from_elsewhere_does_not_run(tmp_path: Path) -> None:
    kube = Kube(Access("secret:management"), tmp_path / "cache", kubeconfig(program(tmp_path)))
    with pytest.raises(SluicewayError, match="not a usable kubeconfig"):
        _ = kube.api
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "text",
    [
        kubeconfig({"auth-provider": {"name": "gcp", "config": {"cmd-path": "/bin/sh"}}}),
        kubeconfig({"tokenFile": "/etc/shadow"}),
        kubeconfig({"client-key": "/root/.ssh/id_ed25519", "client-certificate": "/etc/passwd"}),
        kubeconfig(cluster={"certificate-authority": "/etc/passwd"}),
        kubeconfig().replace("token: t", "token: t\n    <<: {exec: {command: id}}"),
        "!!python/object/apply:os.system [id]",
        "a: " * 400_000,
        "[" * 2_000,
    ],
)
def test_what_names_programs_or_files_or_is_none_is_refused(text: str) -> None:
    with pytest.raises(SluicewayError, match="not a usable kubeconfig"):
        inert(text, "secret:management")


def test_the_secret_of_a_management_cluster_is_not_kept_where_it_names_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Management:
        def get(self, *_: str) -> dict[str, Any]:
            return {"data": {"value": base64.b64encode(kubeconfig(program(tmp_path)).encode()).decode()}}

    provider = ClusterApiProvider(tmp_path)
    monkeypatch.setattr(provider, "management", lambda spec: Management())
    spec = ClusterSpec("edge", "cluster-api")
    assert "names a program (user.exec)" in provider._kubeconfig(spec)
    assert provider.reference(spec) == ""


def test_tokens_and_certificates_as_data_are_taken(tmp_path: Path) -> None:
    text = kubeconfig(cluster={"insecure-skip-tls-verify": True})
    assert inert(text, "it") == text
    assert Kube(Access("secret:management"), tmp_path / "cache", text).api.configuration.host == "https://127.0.0.1:1"
