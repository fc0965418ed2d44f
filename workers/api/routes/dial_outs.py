"""For the worker in a cluster that dials out. Everything may be sent again: it says how things are, and counts once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from domain.authority.handles import MOST
from domain.inventory.dial_versions import MOST_VERSION
from domain.inventory.dialled import MOST_WIRE
from domain.inventory.model import EventRow
from domain.inventory.told import Told
from workers.api.answers import PRIVATE
from workers.api.asked import TEXT, Id, LongText, Text
from workers.client.ports.client import Client
from workers.client.ports.dial_outs import Beaten, DialledTask, Greeted, Names, PermitsKey

Handle = Annotated[str, Meta(max_length=MOST)]


@dataclass(frozen=True)
class ToBeat:
    """Of work that is being done."""

    handle: Handle


@dataclass(frozen=True)
class ToEnd:
    """Of work that is over, and why."""

    handle: Handle
    said: LongText = ""
    failed: bool = False


@dataclass(frozen=True)
class ToGreet:
    """Of a worker that begins."""

    version: Annotated[str, Meta(max_length=MOST_VERSION)] = ""
    protocol: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@dataclass(frozen=True)
class ToAnswer:
    """What came of a call, packed."""

    handle: Handle
    text: Annotated[str, Meta(max_length=MOST_WIRE)]


@put("/clusters/{cluster:str}/worker/hello", operation_id="dial_outs.hello")
async def hello(cluster: Id, data: JSONBody[ToGreet], client: NamedDependency[Client]) -> Greeted:
    """A worker begins, and says its version; the answer says whether it fits the server's."""
    return await client.dial_outs.hello(cluster, data.version, data.protocol)


@put("/clusters/{cluster:str}/worker/task", operation_id="dial_outs.task")
async def task(cluster: Id, client: NamedDependency[Client]) -> DialledTask | None:
    """The next work of the worker in a cluster; waits for some, up to 20 seconds."""
    return await client.dial_outs.task(cluster)


@put("/clusters/{cluster:str}/worker/call", operation_id="dial_outs.call")
async def call(cluster: Id, client: NamedDependency[Client]) -> DialledTask | None:
    """The next of what the worker is asked for once; waits for some, up to 20 seconds."""
    return await client.dial_outs.call(cluster)


@put("/clusters/{cluster:str}/worker/beat", operation_id="dial_outs.beat")
async def beat(cluster: Id, data: JSONBody[ToBeat], client: NamedDependency[Client]) -> Beaten:
    """The work is being done: at least each half minute."""
    return await client.dial_outs.beat(cluster, data.handle)


@put("/clusters/{cluster:str}/worker/end", operation_id="dial_outs.end", status_code=204)
async def end(cluster: Id, data: JSONBody[ToEnd], client: NamedDependency[Client]) -> None:
    """The work is over."""
    await client.dial_outs.end(cluster, data.handle, data.said, data.failed)


@put("/clusters/{cluster:str}/worker/answer", operation_id="dial_outs.answer", status_code=204)
async def answer(cluster: Id, data: JSONBody[ToAnswer], client: NamedDependency[Client]) -> None:
    """What the worker was asked for once."""
    await client.dial_outs.answer(cluster, data.handle, data.text)


@put("/clusters/{cluster:str}/worker/told", operation_id="dial_outs.tell", status_code=204)
async def tell(cluster: Id, data: JSONBody[Told], client: NamedDependency[Client]) -> None:
    """Writes what happened in the cluster: objects, warnings, and when its API server was last heard of."""
    await client.dial_outs.tell(cluster, data)


@get("/clusters/{cluster:str}/worker/names", operation_id="dial_outs.names")
async def names(
    cluster: Id,
    kind: Annotated[str, QueryParameter(max_length=TEXT, min_length=1)],
    client: NamedDependency[Client],
    namespace: Text = "",
    name: Text = "",
) -> Response[Names]:
    """Rows of a kind after this one; at most 5,000."""
    return Response(await client.dial_outs.names(cluster, kind, namespace, name), headers=PRIVATE)


@get("/clusters/{cluster:str}/worker/going", operation_id="dial_outs.going")
async def going(cluster: Id, client: NamedDependency[Client]) -> Response[tuple[EventRow, ...]]:
    """Warnings that have not ended; at most 5,000."""
    return Response(await client.dial_outs.going(cluster), headers=PRIVATE)


@get("/clusters/{cluster:str}/worker/permits-key", operation_id="dial_outs.permits_key")
async def permits_key(cluster: Id, client: NamedDependency[Client]) -> Response[PermitsKey]:
    """The public key of the signer's permits: what the worker in the cluster believes."""
    return Response(await client.dial_outs.permits_key(cluster), headers=PRIVATE)


HANDLERS = (hello, task, call, beat, end, answer, tell, names, going, permits_key)
