"""Shared by several commands: the engine, the records, and names of runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from domain.core import ids as keys
from domain.core.errors import DefinitionError, SluicewayError
from workers.cli.session import to_engine
from workers.cli.shown import as_json, print_json
from workers.core.settings import Settings, current

if TYPE_CHECKING:
    from activities.evidence.garbage_collector import Collector
    from activities.storage.port import Store
    from workers.client.client import Engine
    from workers.client.clusters import Clusters
    from workers.core.listing import Listing
    from workers.core.records import Records

T = TypeVar("T")
__all__ = ["as_json", "print_json"]


def run_name(text: str) -> str:
    """The id of an attempt: the given one (`web-shop/142.1`), else the run's latest."""
    try:
        pipeline, number, attempt = keys.split_run(text)
    except ValueError as wrong:
        raise DefinitionError("SLW502", str(wrong)) from wrong
    known = [] if attempt else listing(current()).runs.attempts(pipeline, number)
    return keys.run_id(pipeline, number, attempt or (known[-1]["attempt"] if known else 1))


def records(chosen: Settings) -> Records:
    """All records, writable; `listing` loads in a tenth of the time."""
    from workers.core.records import open_records

    return open_records(chosen)


def listing(chosen: Settings) -> Listing:
    """Runs and releases, read-only, without loading the engine."""
    from workers.core.listing import open_listing

    return open_listing(chosen)


def open_releases(chosen: Settings, run: str) -> list[str]:
    """Ids of the releases that a run waits for."""
    return [row["id"] for row in listing(chosen).releases.of_run(run) if not row["ended_at"]]


def engine_errors(chosen: Settings, runs: list[str]) -> dict[str, list[str]]:
    """Run to the errors that the engine meets with it, or with its approvals and releases; none without an engine."""

    async def asked(engine: Engine) -> dict[str, list[str]]:
        from workers.client.engine_errors import of_family

        found = await asyncio.gather(*(of_family(engine, run) for run in runs))
        return {run: [str(error) for error in errors] for run, errors in zip(runs, found, strict=True) if errors}

    try:
        return with_engine(chosen, asked)
    except SluicewayError:
        return {}


def store(chosen: Settings) -> Store:
    """The object store of this home."""
    from workers.worker.local_wiring import open_objects

    return open_objects(chosen)


def collector(chosen: Settings) -> Collector:
    """The garbage collector of this home's store, with the retention of the settings."""
    from activities.evidence.garbage_collector import Collector

    return Collector(records(chosen), store(chosen), chosen.home / "jobs", chosen.retention)


def with_clusters(chosen: Settings, call: Callable[[Clusters], Awaitable[T]]) -> T:
    """Like `with_engine`, for clusters, pods and volumes."""

    async def asked(engine: Engine) -> T:
        from workers.client.clusters import Clusters

        return await call(Clusters(engine))

    return with_engine(chosen, asked)


def with_engine(chosen: Settings, call: Callable[[Engine], Awaitable[T]]) -> T:
    """Connects, calls, and returns the result. Loads the SDK lazily."""

    async def connected() -> T:
        from workers.client.client import connect

        return await call(await connect(chosen))

    return to_engine(connected())
