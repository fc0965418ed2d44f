"""What containers of a pod write: lines by number, searched, and followed."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter
from litestar.response import Stream

from domain.access.principal import Caller
from workers.api.answers import PRIVATE
from workers.api.asked import Flag, Id, Text
from workers.api.parts import Parts
from workers.api.routes.log_stream import QUIET_S, opened
from workers.client.following import follow_pod
from workers.client.ports.client import Client
from workers.client.ports.pods import PodLogs
from workers.client.ports.runs import LogPart
from workers.remote.made import Containers

POD = "/clusters/{cluster:str}/namespaces/{namespace:str}/pods/{pod:str}"


def which_logs(cluster: Id, namespace: Id, pod: Id, container: Text = "", previous: Flag = False) -> PodLogs:
    """Of one container, or of all."""
    return PodLogs(cluster=cluster, namespace=namespace, pod=pod, container=container, previous=previous)


WHICH = {"which": Provide(which_logs, sync_to_thread=False)}


@get(f"{POD}/containers", operation_id="pods.containers")
async def containers(cluster: Id, namespace: Id, pod: Id, client: NamedDependency[Client]) -> Response[Containers]:
    """Of the pod as it is in the cluster."""
    return Response(Containers(await client.pods.containers(cluster, namespace, pod)), headers=PRIVATE)


@get(f"{POD}/log", operation_id="pods.log", dependencies=WHICH)
async def log(
    which: NamedDependency[PodLogs],
    client: NamedDependency[Client],
    first: Annotated[
        int, QueryParameter(ge=0, le=2**53, description="Number of the first line; 0: the last ones.")
    ] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=5000)] = 500,
) -> Response[LogPart]:
    """Lines in order; what follows begins at the number after the last."""
    return Response(await client.pods.log(which, first=first, limit=limit), headers=PRIVATE)


@get(f"{POD}/log/search", operation_id="pods.search", dependencies=WHICH)
async def search(
    which: NamedDependency[PodLogs],
    client: NamedDependency[Client],
    text: Annotated[str, QueryParameter(min_length=1, max_length=500)],
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 200,
) -> Response[tuple[int, ...]]:
    """Numbers of the first lines that hold the text, in any case."""
    return Response(await client.pods.search(which, text, limit=limit), headers=PRIVATE)


@get(f"{POD}/log/stream", operation_id="pods.follow", dependencies=WHICH, include_in_schema=False)
async def stream(
    request: Request[Any, Any, Any],
    which: NamedDependency[PodLogs],
    caller: NamedDependency[Caller],
    client: NamedDependency[Client],
    parts: NamedDependency[Parts],
    first: Annotated[int, QueryParameter(ge=1, le=2**53)] = 1,
) -> Stream:
    """From a line on, until the log ends."""
    given = partial(follow_pod, client.pods, which, first=first, quiet_s=QUIET_S)
    return await opened(request, caller, parts, client.pods.log(which, first=first, limit=1), given)


HANDLERS = (containers, log, search, stream)
