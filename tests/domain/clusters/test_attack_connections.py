"""A cluster of a pipeline's definition takes nothing of the worker: no file, no variable."""

from __future__ import annotations

import pytest

from domain.clusters.spec import ClusterSpec, taken_from_worker
from domain.secrets.rules import SecretUse

RUN = SecretUse(run="run/shop/1", pipeline="shop", job="provision")


def spec(use: SecretUse, **connection: str) -> ClusterSpec:
    return ClusterSpec("edge", "terraform", connection={k.replace("_", "-"): v for k, v in connection.items()}, use=use)


@pytest.mark.parametrize(
    "connection",
    [
        {"management": "/srv/jobs/1/checkout/kubeconfig"},
        {"kubeconfig": "kubeconfig"},
        {"management": "file:/root/.kube/config"},
        {"var_token": "env:CLOUD_TOKEN"},
        {"env": "AWS_SECRET_ACCESS_KEY"},
    ],
)
def test_a_definition_cannot_name_a_file_or_a_variable_of_the_worker(connection: dict[str, str]) -> None:
    assert taken_from_worker(spec(RUN, **connection)).startswith("connection.")
    assert taken_from_worker(spec(SecretUse(by_hand=True), **connection)) == ""


def test_a_definition_may_name_secrets_and_settings() -> None:
    assert taken_from_worker(spec(RUN, var_token="secret:cloud-token", module="infra", management="in-cluster")) == ""


def test_who_asks_makes_no_other_cluster() -> None:
    """The same wish of another run changes nothing."""
    assert spec(RUN, module="infra") == spec(SecretUse(by_hand=True), module="infra")
