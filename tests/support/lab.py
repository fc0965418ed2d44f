"""The test vocabulary: an engine in a folder, repositories, runs."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar, Unpack, overload

from temporalio.client import Client

from activities.access import identities as identity
from activities.access.environments import Environments
from activities.access.identity_store import Identity
from activities.access.registrar import Registrar
from activities.authority.authority import Authority
from activities.authority.client import AuthorityClient
from activities.authority.port import Permits
from activities.secrets import rule_file
from activities.secrets.rule_file import RuleFile
from activities.secrets.stores.folder import FolderSecrets
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.storage.opening import open_database
from activities.storage.stores.folder import FolderStore
from domain.authority.registrations import Registration, Topic
from domain.core import ids as keys
from domain.jobs.isolation import Level
from domain.runs.record import RunRecord
from domain.secrets.rules import SecretRule
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from tests.support.ending import end_left, leaves
from tests.support.environments import ADDRESS, DEVELOPER, ENVIRONMENT
from tests.support.lab_options import EventFields, MoreSettings, RulePoints
from tests.support.patience import patient
from tests.support.strict_converter import STRICT
from tests.support.supervised import steps_of
from workers.client import approvals, runs, triggers
from workers.client.client import Engine
from workers.core import connection
from workers.core.keyring import Keyring
from workers.core.plain_environment import plain
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import open_authority
from workers.worker import temporal
from workers.worker.wiring import Wired, wire
from workflows.runs.messages import RunResult, RunView
from workflows.triggers.messages import DeliveryAnswer

T = TypeVar("T")
ANY = ("**",)
GRACE_S = 0.05
"""A worker of a test has nothing to finish: with the second of production the suite takes ten minutes more."""
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.1
"""Between two looks at a condition: a look is often a query, which costs the server and the worker a task."""
HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\n"


@dataclass(frozen=True)
class Prepared:
    """A home and what is wired on it: a lab without a worker."""

    settings: Settings
    wired: Wired

    @property
    def records(self) -> Records:
        return self.wired.records

    @property
    def permits(self) -> Permits:
        return self.wired.permits

    @property
    def registrar(self) -> Registrar:
        return registrar_of(self.wired)


def prepared(address: str, folder: Path, **settings_: Unpack[MoreSettings]) -> Prepared:
    settings_.setdefault("isolation_most", Level.PROCESS)  # steps tell tests what they did by files beside the home
    settings = Settings(
        folder / "home", Path(sys.prefix) / "tools", address=address, own_keys=folder / "keys", **settings_
    )
    settings.home.mkdir(parents=True, exist_ok=True)
    if not settings.records.exists():
        settings.records.write_bytes(_empty_records())
    return Prepared(settings, on_signer(settings))


def on_signer(settings: Settings) -> Wired:
    """What is wired on a home, with its signer in this process: one for all that share the home."""
    wired = wire(settings, lambda line: _SIGNERS[settings.home].answer(line))
    if settings.home not in _SIGNERS:
        _SIGNERS[settings.home] = open_authority(settings, wired.records)
    return wired


_SIGNERS: dict[Path, Authority] = {}


def registrar_of(wired: Wired) -> Registrar:
    """Registers by hand, as commands do in a home."""
    assert isinstance(wired.permits, AuthorityClient)
    return Registrar(wired.records.identities, wired.records.definitions, wired.permits.register)


def kept_for_all(settings: Settings, name: str, value: str, **points: Unpack[RulePoints]) -> None:
    """Keeps a secret for every run of an engine, unless the rule says less; an empty value: only the rule."""
    everyone = SecretRule(
        secret=name, pipelines=ANY, repositories=ANY, events=tuple(map(str, EventKind)), branches=ANY, tags=ANY
    )
    RuleFile(settings.secrets / rule_file.NAME).replace(name, replace(everyone, **points))
    if value:
        FolderSecrets(settings.secrets).write(name, value)


@dataclass
class Lab:
    settings: Settings
    engine: Engine
    records: Records
    wired: Wired
    unregistered: tuple[str, ...] = ()
    """Environments that stay unknown although a definition names them."""

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
        client, ring = await connect(address, made.settings.home), ring_of(made.settings.home)
        queue = f"test-{uuid.uuid4()}"
        await end_left(address, client)
        async with temporal.worker(
            client, activities or made.wired.activities, ring, queue, slots, grace_s=GRACE_S, debug=True
        ):
            permits = made.wired.permits
            order = permits.order if isinstance(permits, AuthorityClient) else None
            try:
                yield cls(made.settings, Engine(client, queue, order), made.records, made.wired)
            finally:
                leaves(address, queue)

    @property
    def registrar(self) -> Registrar:
        return registrar_of(self.wired)

    @property
    def ring(self) -> Keyring:
        """The keys of the lab's messages."""
        return ring_of(self.settings.home)

    def stored_file(self, digest: str) -> Path:
        """Where an object lies on this machine, for what may happen to it there."""
        store = self.wired.store
        assert isinstance(store, FolderStore)
        return store.path(digest)

    def worker(self) -> temporal.Workers:
        return temporal.worker(
            self.engine.client, self.wired.activities, self.ring, self.engine.queue, grace_s=GRACE_S, debug=True
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
        self.register(*ENVIRONMENT.findall((repo.path / "sluiceway.yaml").read_text()))
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

    def folder_of(self, run: str, job: str, attempt: int = 1) -> Path:
        """Of one attempt of a job, on this machine."""
        return self.settings.home / "jobs" / keys.job_key(run, job, attempt)

    async def begun(self, run: str, job: str = "a") -> int:
        """A process of the job's step, as soon as there is one."""
        return (await until(lambda: steps_of(self.folder_of(run, job))))[0]

    async def result(self, run: str) -> RunResult:
        return await runs.result(self.engine, run)

    async def run(
        self, jobs: str, files: Mapping[str, str] | None = None, head: str = "", **event: Unpack[EventFields]
    ) -> tuple[RunResult, RunView]:
        run = await self.start(jobs, files, head=head, **event)
        return await self.result(run), await runs.view(self.engine, run)

    def register(self, *environments: str) -> None:
        """Registers environments that nobody registered yet, as `sluiceway environment add` does, and who makes the
        commits of a test's repository: a run of a test deploys to what its definition names.
        """
        known = Environments(self.records.definitions)
        self.registrar.give(DEVELOPER, ADDRESS)
        if self.records.identities.get(DEVELOPER) is None:
            self.registrar.person(Identity(DEVELOPER, ""))  # decides nothing: without a key
        for name in {*environments} - {*known.names(), *self.unregistered}:
            self.registrar.environment(name, plain(name))

    def environment(self, name: str, document: str) -> None:
        """Registers an environment by its JSON, as it is: an earlier version's, too."""
        self.records.definitions.save("Environment", name, document)
        said = Registration(topic=Topic.ENVIRONMENT, name=name, body={"document": document})
        assert isinstance(self.wired.permits, AuthorityClient)
        self.wired.permits.register(said)

    def secret(self, name: str, value: str, **points: Unpack[RulePoints]) -> None:
        """Keeps a secret; see `kept_for_all`."""
        kept_for_all(self.settings, name, value, **points)

    def identity(self, name: str, *groups: str) -> None:
        self.registrar.person(identity.create(self.settings.keys, name, groups, ()))

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


def ring_of(home: Path) -> Keyring:
    """The keys of a home; made first if there are none."""
    ring = Keyring.of_home(home)
    ring.make()
    return ring


async def connect(address: str, home: Path) -> Client:
    """A client with the keys of a home. A server's port answers a moment before its frontend is well."""
    ring = ring_of(home)
    return await until(lambda: connection.connect(address, converter=STRICT, ring=ring))


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
    async with asyncio.timeout(patient(timeout_s)):
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
        who = ("-c", f"user.name={DEVELOPER}", "-c", f"user.email={ADDRESS}")
        git.git(*who, "commit", "-q", "--allow-empty", "-m", message, cwd=self.path)
        self.head = git.resolve(self.path, "HEAD")
        return self.head


def mirrors(folder: Path) -> Mirrors:
    return Mirrors(folder / "mirrors")
