"""What an approval job asks for."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class ApprovalSpec:
    """Who may approve, how many approvals are needed, and when the request expires; times in seconds."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    quorum: int = 1
    per_group: dict[str, int] = field(default_factory=dict)
    expires_s: float = 86_400
    reminders_s: tuple[float, ...] = ()
    allow_author: bool = False
    allow_committer: bool = False
    allow_starter: bool = False
    message: str = ""
