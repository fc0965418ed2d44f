"""The audit: entries, and the proof that none was changed, left out or swapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Empty fields filter nothing; times are seconds since the epoch, 0: no limit."""

    actor: str = ""
    action: str = ""
    resource: str = ""
    outcome: str = ""
    since: float = 0
    until: float = 0


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One entry of the log."""

    seq: int
    """From 0, without gaps."""
    at: float
    kind: str
    """`decision`, `login`, `key`, `grant`, `label`, `policy`, `secret`, `exec`, `intent`, `outcome`, ..."""
    actor: str
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
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A signed note (C2SP tlog-checkpoint) over the whole log up to a size."""

    size: int
    root: str
    """SHA-256 of RFC 6962, in Base64."""
    note: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Proof:
    """That an entry is in the log of a checkpoint (RFC 6962 inclusion proof)."""

    row: AuditRow
    leaf: str
    """The canonical bytes of the entry, as text."""
    hashes: tuple[str, ...]
    """Base64, from the leaf's sibling to the root."""
    checkpoint: Checkpoint


class Audit(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not."""

    async def query(self, which: AuditFilter, page: PageOf) -> Page[AuditRow]:
        """Newest first."""
        ...

    async def prove(self, seq: int) -> Proof:
        """The proof of one entry under the latest checkpoint."""
        ...

    async def checkpoint(self) -> Checkpoint:
        """The latest one."""
        ...

    async def consistency(self, old_size: int) -> tuple[str, ...]:
        """RFC 6962 consistency proof from an older size to the latest checkpoint's, in Base64."""
        ...
