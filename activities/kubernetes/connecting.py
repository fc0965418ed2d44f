"""The official client of an API server, connected by an access reference."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import urllib3
import yaml
from kubernetes import client
from kubernetes.config.config_exception import ConfigException
from kubernetes.dynamic.exceptions import DynamicApiError

from activities.kubernetes.answers import MOST_REFUSAL, bound, text_of
from activities.kubernetes.far import ORIGIN
from activities.kubernetes.impersonation import in_the_name_of
from activities.kubernetes.inert import inert
from activities.kubernetes.sdk import Dynamic, kubeconfigs
from domain.clusters.access import IN_CLUSTER, Access
from domain.clusters.impersonation import Impersonated
from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.dialled import MOST_PLAIN, Answered, Call

Way = Callable[[client.ApiClient], None]
"""Gives a client its way to a cluster that dials out."""
CALL_S = (5, 40)
"""To connect, and to wait for each part of an answer: shorter than whoever asks from outside waits."""


def connected(
    access: Access, kubeconfig: str = "", person: Impersonated | None = None, far: Way | None = None
) -> client.ApiClient:
    """`kubeconfig`: its content, where the reference is no file. `person`: in whose name everything is asked.

    Raises:
        RefusedError: SLW977, the cluster dials out, and whoever asks has no way to its worker.
        SluicewayError: SLW943, this is no kubeconfig (transient).
    """
    made = _far(far) if access.dials_out else _near(access, kubeconfig)
    bound(made)
    if person is not None:
        in_the_name_of(made, person)
    return made


def _far(far: Way | None) -> client.ApiClient:
    if far is None:
        raise RefusedError("SLW977", "this is not done in a cluster that dials out")
    settings = client.Configuration()
    settings.host = ORIGIN
    made = client.ApiClient(settings)
    far(made)
    return made


def _near(access: Access, kubeconfig: str) -> client.ApiClient:
    settings = client.Configuration()
    try:
        if access.reference == IN_CLUSTER:
            kubeconfigs.load_incluster_config(client_configuration=settings)
        elif kubeconfig:
            plain = yaml.safe_load(inert(kubeconfig, access.reference))
            kubeconfigs.load_kube_config_from_dict(plain, access.context or None, settings)
        else:
            path = Path(access.reference.removeprefix("file:"))
            kubeconfigs.load_kube_config(str(path), access.context or None, settings, persist_config=False)
    except (ConfigException, OSError, ValueError, TypeError, LookupError, AttributeError, yaml.YAMLError) as broken:
        what = f"{access.reference} is not a usable kubeconfig"
        raise SluicewayError("SLW943", what, why=str(broken)[:300], transient=True) from broken
    settings.connection_pool_maxsize = 32  # kept, for as many threads of a worker
    settings.retries = urllib3.Retry(total=2, backoff_factor=0.2)
    return client.ApiClient(settings)


def answered(server: Dynamic, asked: Call) -> Answered:
    """What the API server answers to a request, also where it refuses; raises urllib3's errors where it does not."""
    try:
        answer = server.request(
            asked.method.lower(),
            asked.path,
            body=json.loads(asked.body) if asked.body else None,
            query_params=list(asked.query),
            content_type=asked.content_type or None,
            serialize=False,
            _request_timeout=CALL_S,
        )
    except DynamicApiError as refused:
        words = refused.body.decode("utf-8", "replace") if isinstance(refused.body, bytes) else refused.body or ""
        return Answered(status=refused.status or 500, content_type="application/json", body=words[:MOST_REFUSAL])
    return Answered(status=200, content_type="application/json", body=text_of(answer, MOST_PLAIN))
