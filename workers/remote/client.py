"""All features of a server, for whoever the credentials say."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2

from workers.client.ports.approvals import Approvals
from workers.client.ports.runs import Runs
from workers.remote.approvals import RemoteApprovals
from workers.remote.connection import TIMEOUT, Connection
from workers.remote.origin import origin_of
from workers.remote.runs import RemoteRuns


@dataclass(frozen=True)
class Features:
    """Of one server; grows to all of `Client`."""

    runs: Runs
    approvals: Approvals


def features(server: Connection) -> Features:
    """What can be asked of a server."""
    return Features(RemoteRuns(server), RemoteApprovals(server))


def http_of(origin: str, token: str = "", *, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """A client that follows no redirect and reads no proxy or password from the environment."""
    headers = {"Accept": "application/json", "User-Agent": "sluiceway-client"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx2.AsyncClient(
        base_url=origin_of(origin), headers=headers, timeout=TIMEOUT, follow_redirects=False, transport=transport
    )
