"""What a person registers by a document: rules of environments, and policies of pushes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from domain.access.verdict import Verdict
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.policies import SignedStep

EventName: TypeAlias = Literal["push", "pull-request", "schedule", "manual"]
"""As `EventKind`: what starts a run."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A document as it would be registered."""

    kind: str
    """`Environment` or `Policy`."""
    name: str
    document: str
    """JSON: exactly what the signer would remember, and what a person's key signs."""
    state: str
    """`new`, `changed`, or `unchanged`."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A document that is registered."""

    kind: str
    name: str
    digest: str
    state: str
    """`registered`, `changed`, or `unchanged`."""


@dataclass(frozen=True, kw_only=True)
class PushPolicyRow:
    """A policy of pushes, and for which it holds; an empty list: for all."""

    name: str
    digest: str
    repositories: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PushPolicy:
    """A policy of pushes with all that it says."""

    row: PushPolicyRow
    document: str
    """JSON, as it was registered."""


@dataclass(frozen=True, kw_only=True)
class AskedPush:
    """A push that is asked about."""

    repository: str
    """An address, or as policies spell it: a path, or `HOST/PATH`."""
    pipeline: str
    event: EventName = "push"
    branch: str = ""
    """Of a pull request: the branch that it wants to change."""
    tag: str = ""
    elsewhere: bool = False
    """The commit comes from another repository: a pull request of a fork."""


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """One value that holds, for people."""

    rule: str
    value: str
    source: str
    """Names of policies, or `default`."""


@dataclass(frozen=True, kw_only=True)
class PushExplanation:
    """What holds for a push, and why."""

    push: AskedPush
    policies: tuple[str, ...]
    """Those that hold for it: each name with the beginning of its digest."""
    rules: tuple[HeldRow, ...]
    refused: tuple[str, ...]
    """What the policies refuse of it, each with its code."""
    decision: Verdict
    """May its repository start the run?"""


class Registrations(Protocol):
    """Raises of every method: RefusedError SLW410 and SLW411, the caller may not."""

    async def prepare(self, text: str) -> Prepared:
        """What `apply` would register of a document of YAML; nothing is kept.

        Raises:
            DefinitionError: with the first error's code, it is not valid; SLW477, this kind is of the engine's machine.
            RefusedError: SLW454, too many texts are read just now.
        """
        ...

    async def apply(self, text: str, signed: SignedStep | None = None) -> Applied:
        """Registers a document. Whoever is not the owner of the home signs it as it was prepared.

        Raises:
            DefinitionError, RefusedError: as `prepare`; SLW435, the signer does not admit it; SLW060, it has no name.
        """
        ...

    async def push_policies(self, page: PageOf) -> Page[PushPolicyRow]:
        """By name.

        Raises:
            SluicewayError: SLW058, one cannot be read.
        """
        ...

    async def push_policy(self, name: str) -> PushPolicy:
        """Raises:
        RefusedError: SLW056, there is none.
        """
        ...

    async def end_policy(self, name: str, signed: SignedStep | None = None) -> Applied:
        """Ends what it demands; its state is `removed`. Signed like a document, which is empty.

        Raises:
            RefusedError: SLW056, there is none; SLW435, the signer does not admit it.
        """
        ...

    async def explain_push(self, push: AskedPush) -> PushExplanation:
        """Raises:
        SluicewayError: SLW058, a policy cannot be read.
        """
        ...
