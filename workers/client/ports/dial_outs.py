"""For the worker in a cluster that dials out: it asks for its work, and tells what is in the cluster.

Asked with a token that was made for exactly this cluster. It gives nothing of the home and of no other cluster, and
what is told with it is written of this cluster alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.inventory.dial_versions import Fits
from domain.inventory.model import EventRow
from domain.inventory.told import Told

MOST_NAMES = 5_000
"""Names of one answer."""
WAIT_S = 20.0
"""How long a question for work waits for some."""


@dataclass(frozen=True, kw_only=True)
class DialledTask:
    """Work for the worker in a cluster."""

    handle: str
    """What its beats and its end are told with; nobody else can make one."""
    kind: str
    """`watch-inventory`, or `dialled-call`."""
    asked: str = ""
    """What a call asks for, packed as `domain.inventory.dialled` says."""


@dataclass(frozen=True, kw_only=True)
class Greeted:
    """What a worker that says its version is answered."""

    version: str
    """Of the server: `0.1.0`."""
    fits: Fits
    """How the worker's version stands to it."""


@dataclass(frozen=True)
class Beaten:
    """What a beat is answered."""

    over: bool
    """Nobody wants the work any more: it was cancelled, or given to somebody else."""


@dataclass(frozen=True)
class Names:
    """Rows that there are, by namespace and name."""

    names: tuple[tuple[str, str], ...]
    whole: bool
    """Whether these are the last ones."""


@dataclass(frozen=True)
class PermitsKey:
    """Of Ed25519."""

    key: str
    """Its 32 bytes, in Base64."""


class DialOuts(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW979, they have no token of exactly this
    cluster; SluicewayError SLW952, they may not know of it, or it does not dial out; PacedError SLW980, more is told of
    this cluster than is taken.
    """

    async def hello(self, cluster: str, version: str, protocol: int) -> Greeted:
        """A worker begins: with its version, and the `PROTOCOL` that it speaks.

        Raises:
            DefinitionError: SLW981, it speaks another one than this server.
        """
        ...

    async def task(self, cluster: str) -> DialledTask | None:
        """The next work; None: there was none for `WAIT_S` seconds.

        Raises:
            UnreachableError: SLW901 or SLW902, the engine does not answer.
            RefusedError: SLW455, many ask for it already.
        """
        ...

    async def call(self, cluster: str) -> DialledTask | None:
        """The next of what it is asked for once, beside its watch; else as `task`."""
        ...

    async def beat(self, cluster: str, handle: str) -> Beaten:
        """It is being done. Without a beat for half a minute it is given to the next who asks.

        Raises:
            DefinitionError: SLW978, the handle is not of this cluster's work.
        """
        ...

    async def end(self, cluster: str, handle: str, said: str, failed: bool) -> None:
        """It is done, or has failed. What was given to somebody else meanwhile, or is over, ends silently.

        Raises:
            DefinitionError: SLW978, the handle is not of this cluster's work.
        """
        ...

    async def answer(self, cluster: str, handle: str, text: str) -> None:
        """What came of a call, packed. To one that nobody waits for any more it is said silently.

        Raises:
            DefinitionError: SLW978, the handle is not of a call to this cluster.
        """
        ...

    async def tell(self, cluster: str, told: Told) -> None:
        """Writes what happened, all of it or nothing.

        Raises:
            DefinitionError: SLW978, it is about another cluster, or no worker of this engine says so.
            SluicewayError: SLW808, the records cannot be written for a moment (transient).
        """
        ...

    async def names(self, cluster: str, kind: str, namespace: str, name: str) -> Names:
        """Of the rows of a kind, those after this one, in order; at most `MOST_NAMES`."""
        ...

    async def going(self, cluster: str) -> tuple[EventRow, ...]:
        """Warnings that have not ended, newest first; at most 5,000."""
        ...

    async def permits_key(self, cluster: str) -> PermitsKey:
        """The public key of the signer's permits, which the worker in a cluster believes: for what is applied there.
        Whoever may read the cluster may have it.

        Raises:
            SluicewayError: SLW017, this home has signed nothing yet; SLW952, no cluster of this name dials out.
        """
        ...
