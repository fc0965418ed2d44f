"""Who asks: a person, a machine, a repository, or the owner of the home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class PrincipalKind(StrEnum):
    """What sort of asker it is; with the name, its identity in policies, grants and the audit."""

    PERSON = "person"
    TOKEN = "token"
    """A machine token, which has at most the rights that it was made with."""
    WORKLOAD = "workload"
    """A job of another system (GitHub, GitLab, Kubernetes), known by its issuer's JWT."""
    REPOSITORY = "repository"
    """A registered repository, in whose name a push starts a run."""
    OWNER = "owner"
    """Who runs commands in the home itself, as its operating system user."""
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who asks, with what is known of them at this moment."""

    kind: PrincipalKind
    name: str
    """Unique within its kind: a person's name, a token's id, `ISSUER#SUBJECT` of a workload, a repository's name."""
    groups: tuple[str, ...] = ()
    """Sorted; of the registration and of the identity provider."""
    attributes: Mapping[str, str | int | bool] = field(default_factory=lambda: MappingProxyType({}))
    """Set by administrators or by the identity provider: `department`, `tier`, `on_call`."""

    @property
    def id(self) -> str:
        """`person:ann`: unique."""
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a token was made for: it has at most this of its owner's rights."""

    actions: frozenset[str] = frozenset()
    """Of `Action`."""
    resources: frozenset[str] = frozenset()
    """Ids of resources: what is below them is in it. `engine:engine`: everything."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A principal on one way in: what the decision's context and the audit say of a call."""

    principal: Principal
    channel: str = "cli"
    """`cli` (in the home), `api`, `console`, `effect` (an activity, for a run's starter)."""
    on_behalf_of: str = ""
    """Id of the principal whose rights are used: a token's owner, a run's starter; empty: the caller's own."""
    rights_of: Principal | None = None
    """The same principal with what is known of them at this moment: the decision is about them. None: the caller."""
    session: str = ""
    """Public id of the session or token; never its secret."""
    address: str = ""
    """Of the client, as the server's trusted proxy or the socket says; empty: in the home."""
    request: str = ""
    """Id of the request, unique."""
    authenticated_at: float = 0
    """Seconds since the epoch; 0: not at all."""
    second_factor_at: float = 0
    """When a key or passkey was last used in this session; 0: never."""
    scope: Scope | None = None
    """Of a token; None: the principal's rights are not narrowed."""


OWNER = Principal(kind=PrincipalKind.OWNER, name="owner")
ANONYMOUS = Principal(kind=PrincipalKind.ANONYMOUS, name="anonymous")
