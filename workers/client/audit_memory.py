"""What a client remembers of an audit: the last checkpoint that it saw. So every client is a witness.

A server that is asked about itself is no witness: signature, key and consistency are checked here.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from domain.access.checkpoint import MAX_PROOF, proof_of, public_key
from domain.access.merkle import extends
from domain.access.signed_note import verified
from domain.core.documents import Manifest, Node
from domain.core.errors import RefusedError, SluicewayError
from workers.client.ports.audit import Audit, Checkpoint

FILE = "audit-seen.json"
MOST_LOGS = 100
NO_CHECKPOINT = frozenset({"SLW481", "SLW482", "SLW483"})


@dataclass(frozen=True)
class Seen:
    """The last checkpoint of a log that this client has verified."""

    key: str
    size: int
    root: str
    note: str


@dataclass(frozen=True)
class AuditMemory:
    """A file of one person: the name of a log (a home, a server's address) to its last checkpoint."""

    path: Path

    def last(self, log: str) -> Seen | None:
        """None: this client has never seen that log."""
        said = Node(self._read())[log]
        if not said:
            return None
        return Seen(said["key"].text(), said["size"].whole(), said["root"].text(), said["note"].text())

    def remember(self, log: str, seen: Seen) -> None:
        """Replaces the one before; other logs stay."""
        known = {name: one for name, one in self._read().items() if name != log}
        while len(known) >= MOST_LOGS:
            del known[next(iter(known))]
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        new.write_text(json.dumps({**known, log: asdict(seen)}, indent=1) + "\n")
        new.replace(self.path)

    def _read(self) -> Manifest:
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


async def look(audit: Audit, memory: AuditMemory, log: str) -> tuple[Checkpoint | None, str]:
    """The latest checkpoint, and why it does not continue the remembered one; empty: it does, and is remembered now.

    None: there is no checkpoint.
    """
    before = memory.last(log)
    try:
        latest = await audit.checkpoint()
    except SluicewayError as refused:
        if refused.code not in NO_CHECKPOINT:
            raise
        if refused.code != "SLW483":
            return None, f"{refused.what}: {refused.why}"
        return None, f"this client has seen a checkpoint of {before.size} entries, and there is none" if before else ""
    problem = await _problem(audit, before, latest)
    if not problem:
        memory.remember(log, Seen(latest.key, latest.size, latest.root, latest.note))
    return latest, problem


async def _problem(audit: Audit, before: Seen | None, latest: Checkpoint) -> str:
    try:
        head = verified(latest.note, public_key(before.key if before else latest.key)).head
    except (SluicewayError, ValueError) as wrong:
        known = " that this client knows" if before else ""
        return f"its checkpoint is not signed by the key{known}: {getattr(wrong, 'why', '') or wrong}"
    if (head.size, base64.b64encode(head.root).decode()) != (latest.size, latest.root):
        return "the checkpoint is not what its note says"
    if before is None:
        return ""
    if head.size < before.size:
        return f"this client has seen {before.size} entries, and {head.size} are signed: the end was cut off"
    try:
        proof = proof_of((await audit.consistency(before.size, head.size))[: MAX_PROOF + 1])
        continues = extends(before.size, base64.b64decode(before.root), head.size, head.root, proof)
    except ValueError:
        continues = False
    except RefusedError as refused:
        return f"this client has seen {before.size} entries: {refused.what}"
    return "" if continues else f"the first {before.size} entries are not those that this client has seen"
