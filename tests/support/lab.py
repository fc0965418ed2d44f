"""The test vocabulary: an engine in a folder, repositories, runs."""

from __future__ import annotations

import asyncio
import dataclasses
import secrets
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack, overload

from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from activities.access import identities as identity
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.opening import open_database
from activities.storage.stores.folder import FolderStore
from domain.runs.record import RunRecord
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from workers.client import approvals, runs, triggers
from workers.client.client import Engine
from workers.core import conversion
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker import temporal
from workers.worker.wiring import Wired, wire
from workflows.runs.messages import RunResult, RunView
from workflows.triggers.messages import DeliveryAnswer

T = TypeVar("T")
GRACE_S = 0.05
"""A worker of a test has nothing to finish: with the second of production the suite takes ten minutes more."""
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.1
"""Between two looks at a condition: a look is often a query, which costs the server and the worker a task."""
MAX_PAYLOAD_BYTES = 256 * 1024
HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\n"


class TooBigError(AssertionError):
    """A payload that production would refuse, or that makes a history too big."""


class StrictConverter(conversion.SharedConverter):
    """Refuses what is over 256 KB, on every test."""

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:  # the SDK's word: values of any type
        made: list[Payload] = super().to_payloads(values)
        for payload in made:
            if payload.ByteSize() > MAX_PAYLOAD_BYTES:
                raise TooBigError(f"a payload of {payload.ByteSize():,} bytes")
        return made


STRICT = dataclasses.replace(conversion.CONVERTER, payload_converter_class=StrictConverter)


@dataclass(frozen=True)
class Prepared:
    """A home and what is wired on it: a lab without a worker."""

    settings: Settings
    wired: Wired

    @property
    def records(self) -> Records:
        return self.wired.records


def prepared(address: str, folder: Path, **settings_: Unpack[MoreSettings]) -> Prepared:
    settings = Settings(folder / "home", Path(sys.prefix) / "tools", address=address, **settings_)
    settings.home.mkdir(parents=True, exist_ok=True)
    if not settings.records.exists():
        settings.records.write_bytes(_empty_records())
    return Prepared(settings, wire(settings))


class EventFields(TypedDict, total=False):
    """What a test says of the event that starts a run; the rest is of a start by hand."""

    kind: EventKind
    branch: str
    tag: str
    author: str
    actor: str
    changed_files: tuple[str, ...]
    compared: bool
    params: dict[str, str | int | float | bool]


class MoreSettings(TypedDict, total=False):
    """What a test changes in the settings of its engine."""

    store_address: str
    store_endpoint: str
    built: Path


@dataclass
class Lab:
    settings: Settings
    engine: Engine
    records: Records
    wired: Wired

    @classmethod
    @asynccontextmanager
    async def on(
        cls,
        address: str,
        folder: Path,
        activities: Sequence[temporal.Activity] | None = None,
        slots: int = 100,
        **settings_: Unpack[MoreSettings],
    ) -> AsyncIterator[Lab]:
        made = prepared(address, folder, **settings_)
        client = await connect(address)
        queue = f"test-{uuid.uuid4()}"
        async with temporal.worker(
            client, activities or made.wired.activities, queue, slots, grace_s=GRACE_S, debug=True
        ):
            yield cls(made.settings, Engine(client, queue), made.records, made.wired)

    def stored_file(self, digest: str) -> Path:
        """Where an object lies on this machine, for what may happen to it there."""
        store = self.wired.store
        assert isinstance(store, FolderStore)
        return store.path(digest)

    def worker(self) -> temporal.Workers:
        return temporal.worker(
            self.engine.client, self.wired.activities, self.engine.queue, grace_s=GRACE_S, debug=True
        )

    def repo(self, files: Mapping[str, str], name: str = "repo") -> Repo:
        return Repo.create(self.settings.home.parent / name, files)

    async def start(
        self,
        jobs: str,
        files: Mapping[str, str] | None = None,
        name: str = "",
        head: str = "",
        **event: Unpack[EventFields],
    ) -> str:
        """Starts a run of a definition whose jobs are given, in a repository of its own; returns the run."""
        name = name or f"p-{secrets.token_hex(4)}"
        text = HEAD.format(name=name) + head + jobs
        repo = self.repo({"sluiceway.yaml": text, **(files or {})}, f"repo-{secrets.token_hex(4)}")
        answer = await self.deliver(repo, name, **event)
        assert answer.run, answer.reason
        return answer.run

    async def deliver(self, repo: Repo, name: str, id_: str = "", **event: Unpack[EventFields]) -> DeliveryAnswer:
        happened = Event(event.pop("kind", EventKind.MANUAL), str(repo.path), repo.head)
        source = SourceRef(str(repo.path), repo.head)
        id_ = id_ or secrets.token_hex(8)
        delivery = Delivery(id_, replace(happened, **event), "sluiceway.yaml", source, name)
        return await triggers.deliver(self.engine, delivery)

    def recorded(self, run: str) -> RunRecord:
        """The run as its records have it."""
        row = self.records.runs.get(run)
        assert row is not None, f"no record of {run}"
        return row

    async def result(self, run: str) -> RunResult:
        return await runs.result(self.engine, run)

    async def run(
        self, jobs: str, files: Mapping[str, str] | None = None, head: str = "", **event: Unpack[EventFields]
    ) -> tuple[RunResult, RunView]:
        run = await self.start(jobs, files, head=head, **event)
        return await self.result(run), await runs.view(self.engine, run)

    def identity(self, name: str, *groups: str) -> None:
        self.records.identities.save(identity.create(self.settings.identities, name, groups, ()))

    async def until_asked(self, run: str) -> str:
        """The job of a run's open approval, as soon as there is one that can be answered."""

        async def asked() -> str:
            jobs = await approvals.pending(self.engine, run)
            if jobs:
                await approvals.view(self.engine, run, jobs[0])
            return jobs[0] if jobs else ""

        return await until(asked)


@cache
def _empty_records() -> bytes:
    """What a new home has after its migrations, which take as long as a small test."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "records.db")
        database.close()
        return (Path(folder) / "records.db").read_bytes()


async def connect(address: str) -> Client:
    """A server's port answers a moment before its frontend is well."""
    return await until(lambda: Client.connect(address, data_converter=STRICT))


@overload
async def until(
    condition: Callable[[], Awaitable[T | None]], timeout_s: float = 30, every_s: float = SHORTEST_PAUSE_S
) -> T: ...
@overload
async def until(condition: Callable[[], T | None], timeout_s: float = 30, every_s: float = SHORTEST_PAUSE_S) -> T: ...
async def until(
    condition: Callable[[], Awaitable[T | None] | T | None], timeout_s: float = 30, every_s: float = SHORTEST_PAUSE_S
) -> T:
    """The first true value of a condition; errors count as not yet. It is asked less often the longer it takes."""
    pause_s = every_s
    async with asyncio.timeout(timeout_s):
        while True:
            try:
                found = condition()
                value = await found if isinstance(found, Awaitable) else found
                if value:
                    return value
            except Exception:  # whatever it is, it is not yet: the time limit reports it
                await asyncio.sleep(0)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 1.25, max(every_s, LONGEST_PAUSE_S))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Repo:
    path: Path
    head: str

    @classmethod
    def create(cls, path: Path, files: Mapping[str, str]) -> Repo:
        path.mkdir(parents=True)
        git.git("init", "-q", "-b", "main", str(path))
        repo = cls(path, "")
        repo.commit(files)
        return repo

    def commit(self, files: Mapping[str, str], message: str = "a change") -> str:
        for name, text in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        git.git("add", "-A", cwd=self.path)
        who = ("-c", "user.name=developer", "-c", "user.email=developer@example.org")
        git.git(*who, "commit", "-q", "--allow-empty", "-m", message, cwd=self.path)
        self.head = git.resolve(self.path, "HEAD")
        return self.head


def mirrors(folder: Path) -> Mirrors:
    return Mirrors(folder / "mirrors")
