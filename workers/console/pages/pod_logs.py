"""What the containers of a pod write: the last lines at once, and all of them by js/log.js."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from workers.client.ports.addresses import quoted
from workers.client.ports.client import Client
from workers.client.ports.pods import PodLogs
from workers.console.pages.lists import asked
from workers.console.pages.logs import FIRST_LINES, number_of, plain
from workers.console.rendering import Ask, page


@get("/clusters/{cluster:str}/namespaces/{within:str}/pods/{pod:str}/logs", include_in_schema=False)
async def log(
    request: Ask, client: NamedDependency[Client], cluster: FromPath[str], within: FromPath[str], pod: FromPath[str]
) -> Response[str]:
    """Of all its containers, or of one; from `?line=` on, or the end."""
    container, previous = asked(request, "container"), asked(request, "previous") == "1"
    which = PodLogs(cluster=cluster, namespace=within, pod=pod, container=container, previous=previous)
    part = await client.pods.log(which, first=number_of(asked(request, "line"), 0), limit=FIRST_LINES)
    return page(
        request,
        "pods/log.html.j2",
        which=which,
        part=part,
        containers=await client.pods.containers(cluster, within, pod),
        plain=plain,
        source=f"/api/v1/clusters/{quoted(cluster)}/namespaces/{quoted(within)}/pods/{quoted(pod)}/log",
        more=urlencode({"container": container, **({"previous": "true"} if previous else {})}),
    )


HANDLERS = (log,)
