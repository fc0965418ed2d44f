"""All features of a server, for whoever the credentials say."""

from __future__ import annotations

import httpx2

from workers.client.ports.client import Client
from workers.remote.access import RemoteAccess
from workers.remote.approvals import RemoteApprovals
from workers.remote.audit import RemoteAudit
from workers.remote.clusters import RemoteClusters
from workers.remote.connection import TIMEOUT, Connection
from workers.remote.definitions import RemoteDefinitions
from workers.remote.dial_outs import RemoteDialOuts
from workers.remote.findings import RemoteFindings
from workers.remote.fleets import RemoteFleets
from workers.remote.made import Me
from workers.remote.origin import origin_of
from workers.remote.pods import RemotePods
from workers.remote.policies import RemotePolicies
from workers.remote.registrations import RemoteRegistrations
from workers.remote.releases import RemoteReleases
from workers.remote.requests import RemoteRequests
from workers.remote.runs import RemoteRuns
from workers.remote.terminals import RemoteTerminals
from workers.remote.topologies import RemoteTopologies
from workers.remote.volumes import RemoteVolumes


def client_of(server: Connection) -> Client:
    """What can be asked of a server."""
    return Client(
        runs=RemoteRuns(server),
        approvals=RemoteApprovals(server),
        releases=RemoteReleases(server),
        findings=RemoteFindings(server),
        definitions=RemoteDefinitions(server),
        access=RemoteAccess(server),
        audit=RemoteAudit(server),
        policies=RemotePolicies(server),
        registrations=RemoteRegistrations(server),
        fleets=RemoteFleets(server),
        topology=RemoteTopologies(server),
        volumes=RemoteVolumes(server),
        clusters=RemoteClusters(server),
        terminals=RemoteTerminals(server),
        requests=RemoteRequests(server),
        pods=RemotePods(server),
        dial_outs=RemoteDialOuts(server),
    )


async def me(server: Connection) -> Me:
    """Whom the server takes us for."""
    return await server.get("/me", Me)


def http_of(origin: str, token: str = "", *, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    """A client that follows no redirect, and sends its token to this origin alone.

    Raises:
        DefinitionError: SLW475, the address is not safe.
    """
    headers = {"Accept": "application/json", "User-Agent": "sluiceway-client"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return httpx2.AsyncClient(
        base_url=origin_of(origin),
        headers=headers,
        timeout=TIMEOUT,
        follow_redirects=False,
        transport=transport or Transport(),
    )


class Transport(httpx2.AsyncHTTPTransport):
    """Names below `localhost` are this machine's loopback (RFC 6761, 6.3); few resolvers know that."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """With the name that was asked for in Host and in TLS."""
        host = request.url.host
        if host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")
            request.extensions = {**request.extensions, "sni_hostname": host}
        return await super().handle_async_request(request)
