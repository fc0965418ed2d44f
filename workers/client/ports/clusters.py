"""Clusters made, changed and ended by people: always a plan first, and then exactly that plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from domain.access.keys import KeyProof
from domain.core.values import Scalar
from workers.client.ports.runs import ParamField

ClusterVerb: TypeAlias = Literal["create", "scale", "upgrade", "heal", "guard", "delete"]
MOST_LINES, MOST_LOST = 500, 50
UNMADE = "new"
"""The name that no cluster has: its page would be that of the form."""


@dataclass(frozen=True, kw_only=True)
class ClusterTemplateRow:
    """A template that clusters can be made from."""

    name: str
    about: str = ""
    provider: str = ""
    params: tuple[ParamField, ...] = ()
    text: str = ""
    """YAML."""


@dataclass(frozen=True, kw_only=True)
class RepairWish:
    """Automatic repair, as `sluiceway cluster guard` takes it."""

    on: bool = True
    dry_run: bool = False
    actions: int = 3
    """In an hour, 0 to 100."""
    unready_percent: int = 40
    grace_s: int = 60
    autoscale: bool = False
    idle_s: int = 600


@dataclass(frozen=True, kw_only=True)
class ClusterWish:
    """What somebody wants of a cluster. `create` also changes an existing one to what it says."""

    name: str = ""
    verb: ClusterVerb = "create"
    template: str = ""
    """Of `create`: name of a template. `values` are its parameters, `settings` win over what it says."""
    values: Mapping[str, Scalar] = field(default_factory=dict)
    settings: str = ""
    """JSON: keys of `cluster` in a definition."""
    text: str = ""
    """Of `create`, without a template: a definition in YAML. It names templates by their name, and no file."""
    pools: Mapping[str, int] = field(default_factory=dict)
    """Of `scale`: number of nodes by pool."""
    version: str = ""
    """Of `upgrade`."""
    repair: RepairWish = RepairWish()
    """Of `guard`."""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """What happens to one object of the cluster."""

    verb: str
    """`create`, `update`, `replace`, `keep`, `delete`."""
    phase: str
    kind: str
    name: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class PlanRemark:
    """What is wrong with a wish. Errors prevent it; warnings are told."""

    code: str
    severity: str
    what: str
    path: str = ""
    """The key at fault: `network.pods`; empty: see line and column."""
    line: int = 0
    """Of `text`; 0: it is not about a place in it."""
    column: int = 0
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is gone with a cluster, as it was last heard of. `number` counts all, `names` the first of them."""

    kind: str
    """`namespaces`, `claims`, `workloads`."""
    number: int
    names: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderToSign:
    """What the person signs, with a time and a nonce of their own: `domain.authority.order_proofs.order_text`."""

    kind: str
    cluster: str
    person: str
    """`person:NAME`."""
    what: str = ""
    """SHA-256 of `ClusterPlan.definition`, for what makes or changes a cluster."""
    actions: int = 0
    home: str = ""
    """Whose signer believes it: the origin of its log."""


@dataclass(frozen=True, kw_only=True)
class ClusterPlan:
    """What would happen. Nothing did."""

    name: str
    verb: ClusterVerb
    digest: str
    """Of all that is shown here and decides what happens; `apply` names it."""
    exists: bool = False
    status: str = ""
    """Of the existing one."""
    lines: tuple[PlanLine, ...] = ()
    """In the order of their phases, as the definitions say; at most 500."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """All lines, by verb."""
    remarks: tuple[PlanRemark, ...] = ()
    lost: tuple[Loss, ...] = ()
    definition: str = ""
    """JSON of what the cluster is to be; no secret is in it, names of secrets are."""
    order: OrderToSign | None = None
    """None: nothing has to be signed."""

    @property
    def prevented(self) -> bool:
        """Whether it cannot be done."""
        return any(one.severity == "error" for one in self.remarks)


@dataclass(frozen=True, kw_only=True)
class SignedOrder:
    """The signature of an order by a key of the person: of `domain.authority.order_proofs.order_text`."""

    expires_at: int
    """In seconds since the epoch, at most ten minutes from now."""
    nonce: str
    """Never used before."""
    proof: KeyProof


@dataclass(frozen=True)
class ClusterStarted:
    """What is under way now."""

    id: str
    """Of the cluster's workflow."""
    said: str


@dataclass(frozen=True, kw_only=True)
class PhaseStep:
    """A phase of an operation."""

    phase: str
    state: str
    """`waiting`, `under way`, `done`, `stopped`, `being undone`, `undone`."""


@dataclass(frozen=True, kw_only=True)
class ProgressEntry:
    """What a cluster's workflow has noted."""

    at: float
    words: str


@dataclass(frozen=True, kw_only=True)
class ClusterProgress:
    """How far the last operation on a cluster is; also of one that is gone, while its workflow is remembered."""

    name: str
    status: str
    operation: str = ""
    """`create`, `update`, `heal`, `delete`."""
    going: bool = False
    """Whether something is under way or requested."""
    since: float = 0
    steps: tuple[PhaseStep, ...] = ()
    blocker: str = ""
    blocker_phase: str = ""
    blocker_since: float = 0
    tries: int = 0
    log: tuple[ProgressEntry, ...] = ()
    """Newest first; at most 50."""
    temporal: str = ""


class Clusters(Protocol):
    """Raises of every method: RefusedError SLW410 and SLW411, the caller may not."""

    async def templates(self) -> tuple[ClusterTemplateRow, ...]:
        """By name; at most 100. For whoever may make a cluster, or change one."""
        ...

    async def progress(self, name: str) -> ClusterProgress:
        """How far it is.

        Raises:
            SluicewayError: SLW907, there is no such cluster, and was none lately.
        """
        ...

    async def plan(self, wish: ClusterWish) -> ClusterPlan:
        """What would happen, and what is wrong with it.

        Raises:
            SluicewayError: SLW907, there is no such cluster.
        """
        ...

    async def apply(
        self, wish: ClusterWish, digest: str, signed: SignedOrder | None = None, key: str = ""
    ) -> ClusterStarted:
        """Begins exactly what was planned; returns at once. Whoever is not the owner of the home signs what
        `ClusterPlan.order` says. `digest`: of that plan. `key` makes a repeated call the same one.

        Raises:
            RefusedError: SLW958, the plan is another one by now; SLW948, the cluster refuses it; SLW049, it is not
                signed as it has to be; SLW484, the signer finds that the caller may not.
            DefinitionError: with the first error's code, it cannot be done at all.
        """
        ...
