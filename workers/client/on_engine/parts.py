"""What the ports work with: one of each a process, opened when it is first needed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from domain.access.principal import Caller, PrincipalKind
from domain.triggers.events import EventSource
from workers.client.on_engine.requests.kept_grounds import KeptGrounds
from workers.client.shared_answers import SharedAnswers
from workers.core.settings import Settings

if TYPE_CHECKING:
    from activities.jobs.directories import JobDirectories
    from activities.pods.reading import PodClusters
    from activities.storage.port import Store
    from activities.storage.schema import Rows
    from domain.access.keys import KeyProof
    from domain.authority.cluster_orders import Order
    from domain.authority.registrations import Registration
    from workers.client.client import Engine
    from workers.client.findings import OpenFindings
    from workers.core.far_clusters import FarClusters
    from workers.core.records import Records

T = TypeVar("T")
RECORDED_LOOKS, RECORDED_EVERY_S = 100, 0.03
"""How long a start waits for the first entry of its run or release: three seconds."""
_SLOW = ThreadPoolExecutor(16, thread_name_prefix="slow")
"""Of all callers: whoever waits for git or a signer holds up no login and no list, which have threads of their own."""


@dataclass
class EngineParts:
    """Of one home, for all callers."""

    settings: Settings
    rows: Rows
    """What lists read."""
    open_store: Callable[[], Store]
    """The objects of the home, by whoever wires this process; like what is known of default branches."""
    open_findings: Callable[[Records], OpenFindings] | None = None
    in_threads: bool = True
    """False: `rows` belongs to the thread that opened it."""
    opened: Records | None = None
    tell: Callable[[Registration, KeyProof | None], None] | None = None
    """To the signer, what was decided about rights; None: this process changes none."""
    order: Callable[[Order, KeyProof | None], None] | None = None
    """To the signer, what a person wants of a cluster; None: this process takes no orders of people."""
    grounds: KeptGrounds = field(default_factory=KeptGrounds, init=False)
    """What registered clusters have said of namespaces that requests are about."""
    shared: SharedAnswers = field(default_factory=SharedAnswers, init=False)
    """Those that many callers ask for at once."""
    _engine: Engine | None = field(default=None, init=False)
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def read(self, look: Callable[[], T]) -> T:
        """What a blocking look at the database or the store finds."""
        return await asyncio.to_thread(look) if self.in_threads else look()

    async def blocking(self, call: Callable[[], T]) -> T:
        """What a call finds that takes its time: git, and changes of records."""
        called = partial(copy_context().run, call)
        return await asyncio.get_running_loop().run_in_executor(_SLOW, called)

    @cached_property
    def records(self) -> Records:
        """All records, writable."""
        from workers.core.records import open_records

        return self.opened or open_records(self.settings)

    @cached_property
    def store(self) -> Store:
        """The objects of the home."""
        return self.open_store()

    @cached_property
    def findings(self) -> OpenFindings:
        """Of default branches."""
        assert self.open_findings is not None, "this process is not wired for findings"
        return self.open_findings(self.records)

    @cached_property
    def jobs(self) -> JobDirectories:
        """Where running jobs write."""
        from activities.jobs.directories import JobDirectories

        return JobDirectories(self.settings.home / "jobs")

    @cached_property
    def clusters(self) -> PodClusters:
        """How clusters are reached, for what only their own API can say."""
        from activities.kubernetes.kubeconfigs import AddressBook
        from activities.pods.reading import pod_clusters

        return pod_clusters(AddressBook(self.settings.addresses), self.settings.clusters, self.far)

    @cached_property
    def far(self) -> FarClusters:
        """The workers in clusters that dial out."""
        from workers.core.far_clusters import FarClusters

        return FarClusters(self.settings, self.records.inventory.may)

    async def engine(self) -> Engine:
        """The connected engine.

        Raises:
            UnreachableError: SLW901 or SLW902, as `connect`.
        """
        from workers.client.client import connect

        async with self._connecting:
            if self._engine is None:
                self._engine = await connect(self.settings)
            return self._engine


def update_id(caller: Caller, verb: str, key: str) -> str:
    """Id of an update: the same for a repeated call of the same caller; empty without a key."""
    if not key:
        return ""
    whose = f"{caller.principal.id}\0{key}"
    return f"{verb}-{hashlib.sha256(whose.encode()).hexdigest()[:32]}"


def starter(caller: Caller) -> tuple[str, str]:
    """Who starts something, and the channel that knows it: a person's name, also of whoever a token belongs to."""
    from workers.client.deliveries import me

    if caller.principal.kind is PrincipalKind.OWNER:
        return me(), EventSource.SYSTEM
    who = caller.on_behalf_of or caller.principal.id
    return who.removeprefix(f"{PrincipalKind.PERSON}:"), EventSource.SERVER


def temporal_path(workflow: str, namespace: str = "default") -> str:
    """Path of an execution in the Temporal UI, which the server proxies."""
    return f"/temporal/namespaces/{quote(namespace, safe='')}/workflows/{quote(workflow, safe='')}"
