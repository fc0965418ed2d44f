"""Why something is allowed or not, labels, projects, and sets of policies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from domain.access.actions import Action
from domain.access.keys import KeyProof
from domain.access.policy_sets import PolicyState
from domain.access.resource import Resource
from domain.access.verdict import Verdict
from workers.client.ports.access import GrantRow
from workers.client.ports.pages import Page, PageOf

if TYPE_CHECKING:
    from domain.authority.registrations import Registration


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """A rule that matches a question."""

    rule: str
    layer: str
    """`mac`, `rbac`, `abac`, `pbac`, `dac`."""
    permits: bool
    """False: it forbids."""


@dataclass(frozen=True, kw_only=True)
class LabelRow:
    """The label of a person or a resource."""

    subject: str
    """`person:ann`, `pipeline:web-shop`."""
    level: int = 0
    compartments: tuple[str, ...] = ()
    integrity: int = 1
    waiting: bool = False
    """Whether it waits for a second security administrator, and does not hold yet."""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A decision with everything that it depended on."""

    verdict: Verdict
    rules: tuple[RuleRow, ...] = ()
    """All that match; those that forbid first."""
    grants: tuple[GrantRow, ...] = ()
    """That the asker has on the resource, or on what it belongs to."""
    above: tuple[str, ...] = ()
    """Ids of the resource and of what it belongs to: a grant or a label on any of these counts."""
    clearance: LabelRow | None = None
    label: LabelRow | None = None
    second_factor_age_s: int = 0


@dataclass(frozen=True, kw_only=True)
class PolicySetRow:
    """One version of a set."""

    name: str
    version: int
    state: PolicyState
    digest: str


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """Who brought a version where."""

    state: PolicyState
    person: str
    at: float
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedStep:
    """The signature of a step or a document, by a key of whoever makes it: of `Registration.text` of what is said."""

    expires_at: int
    """In seconds since the epoch."""
    nonce: str
    proof: KeyProof
    home: str = ""
    """Of the installation that it was signed for."""

    def on(self, said: Registration) -> Registration:
        """What was signed."""
        return replace(said, expires_at=self.expires_at, nonce=self.nonce, home=self.home)


@dataclass(frozen=True, kw_only=True)
class PolicySetDetails:
    """A version with its text and its way."""

    row: PolicySetRow
    text: str
    steps: tuple[StepRow, ...] = ()
    home: str = ""
    """The name of this installation in what a person signs of a step; empty: its signer has never run."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A recorded decision that would have been another one."""

    at: float
    principal: str
    action: str
    resource: str
    before: str
    """The rule that decided."""
    after: str
    """The rule that would decide."""
    allowed: bool
    """What it would be."""


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """A set on recorded decisions, beside what is active."""

    name: str
    version: int
    decisions: int
    """That it was tried on."""
    refused: int = 0
    """That were allowed, and would be refused."""
    allowed: int = 0
    """That were refused, and would be allowed."""
    differences: tuple[Difference, ...] = ()
    """The newest, at most 100."""


class Policies(Protocol):
    """Raises of every method: RefusedError SLW410 and SLW411, the caller may not."""

    async def explain(self, action: Action, resource: Resource, principal: str = "") -> Explanation:
        """Why the caller, or another principal, may or may not. About others it needs `access:read`."""
        ...

    async def labels(self, page: PageOf) -> Page[LabelRow]:
        """By subject."""
        ...

    async def label(self, subject: str, level: int, compartments: tuple[str, ...], integrity: int = 1) -> LabelRow:
        """Sets a label when two security administrators say the same; the first one's waits.

        Raises:
            DefinitionError: SLW412, there can be no such label.
        """
        ...

    async def move(self, subject: str, project: str) -> None:
        """Into a project: a pipeline, repository, environment, cluster or secret."""
        ...

    async def policy_sets(self) -> tuple[PolicySetRow, ...]:
        """All versions, by name, newest first."""
        ...

    async def policy_set(self, name: str, version: int = 0) -> PolicySetDetails:
        """Of this version; 0: the newest.

        Raises:
            SluicewayError: SLW415, there is none.
        """
        ...

    async def draft(self, name: str, text: str) -> PolicySetRow:
        """The next version.

        Raises:
            DefinitionError: SLW413, it is not valid.
        """
        ...

    async def simulate(self, name: str, version: int = 0) -> Simulation:
        """Tries a version on recorded decisions; one in the shadow, on those since it is there.

        Raises:
            SluicewayError: SLW415, there is none.
        """
        ...

    async def step(self, name: str, version: int, to: PolicyState, signed: SignedStep | None = None) -> PolicySetRow:
        """To `shadow`, `active` or `retired`. Whoever is not the owner of the home signs it.

        Raises:
            RefusedError: SLW414, it cannot be brought there, or not by the caller; SLW435, the signer does not admit
                the signature.
        """
        ...
