"""The audit: entries, and the proof that none was changed, left out or swapped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Empty fields filter nothing; times are seconds since the epoch, 0: no limit."""

    kind: str = ""
    actor: str = ""
    """Whoever did it, or on whose behalf it was done."""
    action: str = ""
    resource: str = ""
    outcome: str = ""
    since: float = 0
    until: float = 0


UNREADABLE = "unreadable"
"""Kind of an entry that is not as it was written: `verify` says what is wrong with it."""


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
    """`allowed`, `denied`, `begun`, `done`, `failed`."""
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
    key: str = ""
    """Of the signature, as C2SP signed-note writes a verifier key. Who verifies keeps the first one that they saw."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """That an entry is in the log of a checkpoint (RFC 6962 inclusion proof)."""

    row: AuditRow
    leaf: str
    """The canonical bytes of the entry, as text."""
    hashes: tuple[str, ...]
    """Base64, from the leaf's sibling to the root."""
    checkpoint: Checkpoint


@dataclass(frozen=True, kw_only=True)
class AuditCheck:
    """What a check of the whole log has found."""

    size: int
    signed: int
    """Entries that a checkpoint covers; later ones are as safe as the database."""
    problems: tuple[str, ...] = ()
    """Sentences; empty: nothing was changed, left out, swapped or cut off."""
    witnesses: Mapping[str, int] = field(default_factory=dict)
    """Who has kept checkpoints elsewhere, and up to which size."""
    checkpoint: Checkpoint | None = None
    """The latest; None: the log is empty, or nobody could sign."""


MOST_EXPORTED = 1_000


class Audit(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SluicewayError SLW481, the audit is damaged."""

    async def query(self, which: AuditFilter, page: PageOf) -> Page[AuditRow]:
        """Newest first."""
        ...

    async def prove(self, seq: int) -> Proof:
        """The proof of one entry under the latest checkpoint.

        Raises:
            RefusedError: SLW483, there is no such entry, or no checkpoint covers it yet.
        """
        ...

    async def checkpoint(self) -> Checkpoint:
        """The latest one.

        Raises:
            RefusedError: SLW483, there is none yet.
        """
        ...

    async def consistency(self, old_size: int, size: int) -> tuple[str, ...]:
        """RFC 6962 consistency proof from an older size to that of a checkpoint, in Base64.

        Raises:
            RefusedError: SLW483, the log has no such sizes: its end was cut off, or the sizes are of another log.
        """
        ...

    async def verify(self) -> AuditCheck:
        """Looks at every entry, every hash, and what every witness has kept."""
        ...

    async def export(self, which: AuditFilter, first: int = 0, limit: int = MOST_EXPORTED) -> tuple[AuditRow, ...]:
        """Entries from the number `first` on, oldest first, at most `limit`: the next part begins after the last one's
        number. Each part is an entry itself. Where nothing but such entries of the caller is new, nothing is given,
        so that whoever follows the log does not follow themselves.
        """
        ...
