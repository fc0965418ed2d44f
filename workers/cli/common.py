"""What several commands share: the engine, the records, and words about runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from domain.core import ids as keys
from domain.core.errors import DefinitionError
from workers.core.settings import Settings, current

if TYPE_CHECKING:
    from activities.evidence.garbage_collector import Collector
    from activities.storage.port import Store
    from workers.client.client import Engine
    from workers.client.clusters import Clusters
    from workers.core.listing import Listing
    from workers.core.records import Records

T = TypeVar("T")
as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")


def print_json(value: Any) -> None:  # the record of a run is a TypedDict, which mypy takes for no Json
    """Indented; what JSON does not know (paths, times) as text."""
    click.echo(json.dumps(value, indent=2, default=str))


def run_name(text: str) -> str:
    """The id of an attempt: the one that is named (`web-shop/142.1`), else the last one of the run."""
    try:
        pipeline, number, attempt = keys.split_run(text)
    except ValueError as wrong:
        raise DefinitionError("SLW502", str(wrong)) from wrong
    known = [] if attempt else listing(current()).runs.attempts(pipeline, number)
    return keys.run_id(pipeline, number, attempt or (known[-1]["attempt"] if known else 1))


def records(chosen: Settings) -> Records:
    """All of them, and to be written; `listing` loads in a tenth of the time."""
    from workers.core.records import open_records

    return open_records(chosen)


def listing(chosen: Settings) -> Listing:
    """Of runs and releases, to be read: without what only an engine needs."""
    from workers.core.listing import open_listing

    return open_listing(chosen)


def open_releases(chosen: Settings, run: str) -> list[str]:
    """Ids of the releases that a run waits for."""
    return [row["id"] for row in listing(chosen).releases.of_run(run) if not row["ended_at"]]


def store(chosen: Settings) -> Store:
    """Where objects are kept by their digests."""
    from workers.worker.local_wiring import open_objects

    return open_objects(chosen)


def collector(chosen: Settings) -> Collector:
    """The garbage collector of this home's store, with the retention of the settings."""
    from activities.evidence.garbage_collector import Collector

    return Collector(records(chosen), store(chosen), chosen.home / "jobs", chosen.retention)


def with_clusters(chosen: Settings, call: Callable[[Clusters], Awaitable[T]]) -> T:
    """As `with_engine`, for calls about clusters, pods and volumes."""

    async def asked(engine: Engine) -> T:
        from workers.client.clusters import Clusters

        return await call(Clusters(engine))

    return with_engine(chosen, asked)


def with_engine(chosen: Settings, call: Callable[[Engine], Awaitable[T]]) -> T:
    """Connects, calls, and gives the answer. The SDK is loaded here and not before."""

    async def connected() -> T:
        from workers.client.client import connect

        return await call(await connect(chosen))

    return asyncio.run(connected())
