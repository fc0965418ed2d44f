"""The pages of counters of a Gateway's router processes: from pods through the API server, else from their address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx2

from activities.kubernetes.port import ApplyApi
from activities.releases.cluster_traffic import endpoints
from domain.core.documents import Object
from domain.core.errors import SluicewayError

PORT_NAME = "metrics"
"""Of the port of a router's Service where its counters are; a pod without it is asked at the dialect's usual port."""
TIMEOUT_S = 2.0
MAX_PAGE = 32 * 1024 * 1024
MAX_PROCESSES = 32


class CounterApi(ApplyApi, Protocol):
    """A cluster's API with its proxy to pods."""

    def raw(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """The text that a GET answers."""
        ...


@dataclass(frozen=True)
class Process:
    """One router process: where its page is."""

    name: str
    pod: str
    """`NAMESPACE/POD`; empty: it is no pod, and asked at its address."""
    address: str
    port: int


def processes(kube: ApplyApi, services: list[Object]) -> list[Process]:
    """Ready endpoints of the Services' port `metrics`."""
    found = [
        Process(
            one.pod or f"{one.address}:{one.port}",
            f"{one.namespace}/{one.pod}" if one.pod else "",
            one.address,
            one.port,
        )
        for service in services
        for one in endpoints.ready(kube, service, PORT_NAME)
    ]
    return sorted(found, key=lambda one: one.name)[:MAX_PROCESSES]


def page(kube: CounterApi, process: Process, path: str) -> str:
    """Its counters, in the text format of Prometheus.

    Raises:
        SluicewayError: SLW869, it does not answer.
    """
    try:
        text = _through_api(kube, process, path) if process.pod else _direct(process, path)
    except (httpx2.HTTPError, OSError, SluicewayError) as broken:
        what = f"the counters of the router {process.name} cannot be read"
        raise SluicewayError("SLW869", what, why=str(broken)[:300], transient=True) from broken
    return text


def _through_api(kube: CounterApi, process: Process, path: str) -> str:
    space, _, pod = process.pod.partition("/")
    return kube.raw(f"/api/v1/namespaces/{space}/pods/{pod}:{process.port}/proxy{path}")


def _direct(process: Process, path: str) -> str:
    host = f"[{process.address}]" if ":" in process.address else process.address
    parts, size = [], 0
    with (
        httpx2.Client(trust_env=False, timeout=TIMEOUT_S, verify=False) as client,
        client.stream("GET", f"http://{host}:{process.port}{path}") as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > MAX_PAGE:
                raise OSError(f"its page is longer than {MAX_PAGE} bytes")
    return b"".join(parts).decode("utf-8", "replace")
