"""What the audit is told: who asked for what, which rule decided, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.access.principal import Caller
from domain.access.verdict import Verdict
from domain.core.values import Json


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the audit, before it has its number. Empty fields are not known, or there is none."""

    kind: str
    """`decision`, `intent`, `outcome`, `grant`, `label`, `policy`, `login`, `key`, ..."""
    at: float
    """Seconds since the epoch."""
    actor: str
    """Id of the principal."""
    on_behalf_of: str = ""
    action: str = ""
    resource: str = ""
    outcome: str = ""
    """`allowed`, `denied`, `done`, `failed`."""
    rule: str = ""
    policy_digest: str = ""
    session: str = ""
    address: str = ""
    request: str = ""
    channel: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)


def entry_of(
    kind: str, caller: Caller, verdict: Verdict, outcome: str, details: Mapping[str, Json] | None = None
) -> Entry:
    """The entry of a decision about a caller, at the verdict's time."""
    return Entry(
        kind=kind,
        at=verdict.at,
        actor=caller.principal.id,
        on_behalf_of=caller.on_behalf_of,
        action=verdict.action,
        resource=verdict.resource,
        outcome=outcome,
        rule=verdict.rule,
        policy_digest=verdict.policy_digest,
        session=caller.session,
        address=caller.address,
        request=caller.request,
        channel=caller.channel,
        details=dict(details or {}),
    )
