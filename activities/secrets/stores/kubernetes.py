"""Secrets of a namespace of Kubernetes. The value of a secret is its key `value`."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Protocol

from activities.kubernetes.client import Kube
from activities.secrets.port import REFUSED, UNAVAILABLE, absent, usable
from domain.clusters.access import IN_CLUSTER, Access
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError

KEY = "value"


class SecretApi(Protocol):
    """What of an API server is needed."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None: ...


class KubernetesSecrets:
    """`api`: the API server, with an account that may get secrets of the namespace, and nothing else."""

    def __init__(self, api: SecretApi, namespace: str) -> None:
        self._api, self._namespace = api, namespace
        self.where = f"namespace {namespace}"

    def read(self, name: str) -> str:
        try:
            found = self._api.get("v1", "Secret", name, self._namespace)
        except SluicewayError as broken:
            if broken.status in (401, 403):
                raise SluicewayError(
                    REFUSED, f"secret {name} cannot be read", where=self.where, why=broken.why
                ) from None
            raise SluicewayError(
                UNAVAILABLE,
                "the store of the secrets does not answer",
                where=self.where,
                why=broken.why,
                transient=True,
            ) from None
        if found is None:
            raise absent(name, self.where)
        value = Node(found).at("data", KEY).text()
        if not value:
            raise absent(name, self.where, f"store it in the key `{KEY}`")
        try:
            return usable(name, base64.b64decode(value, validate=True))
        except binascii.Error:
            raise absent(name, self.where, f"store it in the key `{KEY}`") from None


def reached(namespace: str, kubeconfig: Path | None, cache: Path) -> KubernetesSecrets:
    """By a kubeconfig, or by the worker's own pod."""
    access = Access(f"file:{kubeconfig}" if kubeconfig else IN_CLUSTER)
    return KubernetesSecrets(Kube(access, cache / "secrets.discovery"), namespace)
