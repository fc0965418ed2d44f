"""Grants: who has which role on what, until when; and shares, which owners give (DAC)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.access.actions import Action
from domain.access.principal import Caller, PrincipalKind
from domain.access.resource import Resource, ResourceKind
from domain.access.role import ROLES, Role
from domain.core import names

MAX_SHARE_S = 90 * 24 * 3600
"""A share ends after a quarter at the latest: its giver has moved on by then."""
GROUP = "group"
HOLDERS = frozenset(
    {PrincipalKind.PERSON, PrincipalKind.TOKEN, PrincipalKind.WORKLOAD, PrincipalKind.REPOSITORY, GROUP}
)
MAX_ID = 300


class GrantKind(StrEnum):
    """Who gave it."""

    ROLE = "role"
    """An administrator."""
    SHARE = "share"
    """The owner of the resource."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role on a resource, and on everything below it."""

    id: int
    kind: GrantKind
    principal: str
    """`person:ann`, `group:release-managers`, ..."""
    role: Role
    resource: str
    """Id."""
    by: str = ""
    at: float = 0
    until: float = 0
    """Seconds since the epoch; 0: without an end."""
    revoked_at: float = 0
    """0: it is not."""

    @property
    def rule(self) -> str:
        """As verdicts and the audit name it: `grant/7`, `share/8`."""
        return f"{'grant' if self.kind == GrantKind.ROLE else 'share'}/{self.id}"

    def holds(self, now: float) -> bool:
        """Whether it has neither ended nor been revoked."""
        return not self.revoked_at and (not self.until or now < self.until)

    def permits(self, holders: frozenset[str], action: Action, resource: Resource) -> bool:
        """Whether one of these principals may do it by this grant."""
        return self.principal in holders and action in ROLES[self.role] and self.resource in resource.above


def holders_of(caller: Caller) -> frozenset[str]:
    """Ids whose grants count for a caller: their own, and those of their groups.

    Of who acts for somebody, those of that one alone: by a grant of its own a token would have more than its owner, who
    could give it what nobody gives themselves.
    """
    about = caller.rights_of or caller.principal
    return frozenset({rights_id(caller)} | {f"{GROUP}:{group}" for group in about.groups})


def rights_id(caller: Caller) -> str:
    """Id of the principal whose rights a caller uses."""
    return caller.rights_of.id if caller.rights_of else caller.on_behalf_of or caller.principal.id


def holder_problem(principal: str) -> str:
    """Why a text names nobody who could hold a grant; empty: it does."""
    kind, colon, name = principal.partition(":")
    if not colon or kind not in HOLDERS:
        return f"{principal[:80]!r} is none of {', '.join(f'{one}:NAME' for one in sorted(HOLDERS))}"
    if len(principal) > MAX_ID or not _is_plain(name):
        return f"{principal[:80]!r} has no valid name"
    if kind == PrincipalKind.PERSON and not names.is_person(name):
        return f"{name[:80]!r} is no name of a person"
    return ""


def receiver_problem(principal: str) -> str:
    """Why nothing is given to a text; empty: it may be. A token may what its owner may, and is given nothing."""
    if principal.partition(":")[0] in (PrincipalKind.TOKEN, PrincipalKind.WORKLOAD):
        return f"{principal[:80]!r} has the rights of its owner alone: give them to the owner"
    return holder_problem(principal)


def resource_problem(resource: str) -> str:
    """Why a text is no id of a resource; empty: it is one."""
    kind, colon, name = resource.partition(":")
    if not colon or kind not in set(ResourceKind) or len(resource) > MAX_ID or not _is_plain(name):
        return f"{resource[:80]!r} is no resource: KIND:NAME, with one of {', '.join(ResourceKind)}"
    return ""


def share_problem(role: Role, until: float, now: float, held: frozenset[Action]) -> str:
    """Why an owner may not give this share; empty: they may. `held`: what they may do with the resource themselves."""
    if not now < until <= now + MAX_SHARE_S:
        return f"a share needs an end within {MAX_SHARE_S // 86_400} days"
    missing = sorted(ROLES[role] - held)
    return f"{role} has {missing[0]}, which you do not have yourself" if missing else ""


def _is_plain(name: str) -> bool:
    return bool(name) and name.isprintable() and name == name.strip()
