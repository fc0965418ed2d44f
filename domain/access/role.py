"""Roles: sets of actions with a name (RBAC; NIST, INCITS 359-2012)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.access.actions import EFFECTS, READS, Action


class Role(StrEnum):
    """What a grant gives, or a share."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"
    SECURITY_ADMIN = "security-admin"
    """Keeps labels and policies, and gives nobody any other right."""
    AUDITOR = "auditor"


_RULES = frozenset({Action.ACCESS_LABEL, Action.ACCESS_POLICY})
"""Of the security administrator alone: whoever gives rights does not also write what stands above rights."""
_INNER = frozenset(
    {Action.PEOPLE_READ, Action.ACCESS_READ, Action.AUDIT_READ, Action.TEMPORAL_READ, Action.SECRETS_READ}
)
_VIEWER = READS - _INNER
_DEVELOPER = _VIEWER | {
    *(Action.RUNS_START, Action.RUNS_CANCEL, Action.RUNS_RERUN, Action.FINDINGS_TRIAGE),
    Action.CLUSTERS_REQUEST,
    *(EFFECTS - {Action.EFFECT_CLUSTER}),
}
_OPERATOR = _VIEWER | {
    *(Action.RUNS_CANCEL, Action.RUNS_RERUN, Action.RELEASES_PAUSE, Action.RELEASES_RESUME),
    *(Action.RELEASES_PROMOTE, Action.RELEASES_ABORT, Action.RELEASES_ROLLBACK, Action.RELEASES_OVERRIDE),
    Action.TEMPORAL_READ,
    *(Action.CLUSTERS_REQUEST, Action.CLUSTERS_CHANGE, Action.CLUSTERS_DELETE, Action.CLUSTERS_EXEC),
    Action.CLUSTERS_REPORT,
    *(Action.EFFECT_DEPLOY, Action.EFFECT_CLUSTER),
}
ROLES: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.VIEWER: _VIEWER,
        Role.DEVELOPER: _DEVELOPER,
        Role.OPERATOR: _OPERATOR,
        Role.APPROVER: _VIEWER | {Action.APPROVALS_DECIDE},
        Role.ADMIN: frozenset(Action) - _RULES - {Action.APPROVALS_DECIDE},
        Role.SECURITY_ADMIN: _RULES | {Action.PEOPLE_READ, Action.ACCESS_READ, Action.AUDIT_READ, Action.AUDIT_EXPORT},
        Role.AUDITOR: READS | {Action.AUDIT_EXPORT},
    }
)
"""An administrator does not approve, and does not keep labels and policies: each is a role of its own."""
OWNED = frozenset(
    {
        *(Action.RUNS_READ, Action.LOGS_READ, Action.FINDINGS_READ, Action.RELEASES_READ, Action.PEOPLE_READ),
        *(Action.RUNS_CANCEL, Action.RUNS_RERUN, Action.ACCESS_SHARE, Action.KEYS_ENROL, Action.TOKENS_CREATE),
    }
)
"""What whoever owns something may do with it (DAC): the run that a person started, and the person themself."""
PUSHED = frozenset(
    {Action.RUNS_START, Action.EFFECT_EXECUTE, Action.EFFECT_DEPLOY, Action.EFFECT_SECRET, Action.EFFECT_PUBLISH}
)
"""What a registered repository may do in its project, so that the first push runs at once. Policies narrow it."""
FOUNDERS = (Role.ADMIN, Role.SECURITY_ADMIN, Role.APPROVER)
"""Of the first administrator, who is alone."""


def roles_with(action: Action) -> tuple[Role, ...]:
    """The roles that an action is in, smallest first."""
    return tuple(sorted((role for role in Role if action in ROLES[role]), key=lambda role: len(ROLES[role])))
