"""What was refused because this engine had not sealed it: counted in a file of the home, for `sluiceway status`."""

from __future__ import annotations

import fcntl
import json
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from activities.core.files import write_atomically
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import number

FILE = "refused.json"
MAX_TEXT = 200


@dataclass(frozen=True)
class Refused:
    """How much was refused so far, and the last of it. Times are in seconds since the epoch."""

    messages: int = 0
    executions: int = 0
    """Executions of others that could not start and were ended."""
    since: float = 0
    at: float = 0
    kind: str = ""
    name: str = ""
    workflow_id: str = ""
    why: str = ""
    identity: str = ""
    """Of the sender, as he calls himself; empty: the history does not tell."""

    def __str__(self) -> str:
        """A line for people."""
        began = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.since))
        counts = f"{number(self.messages, 'message')} refused and {number(self.executions, 'execution')} ended"
        return f"{counts}, not sealed by this engine, since {began}; the last: {self.last()}"

    def last(self) -> str:
        """The last of them."""
        who = f", from {self.identity}" if self.identity else ""
        return f"{self.kind} {self.name} of {self.workflow_id}{who}: {self.why}"


class Refusals:
    """Collects what the workflows of one process refuse; `flush` adds it to the file, which all processes share."""

    def __init__(self, home: Path) -> None:
        self._home, self._lock, self._new = home, threading.Lock(), Refused()

    def tell(self, kind: str, name: str, workflow_id: str, why: str, identity: str = "") -> None:
        """A message was refused. Returns at once: it is called by workflows."""
        with self._lock:
            self._add(replace(self._new, messages=self._new.messages + 1), kind, name, workflow_id, why, identity)

    def ended(self, type: str, workflow_id: str, why: str, identity: str = "") -> None:
        """An execution was ended."""
        with self._lock:
            grown = replace(self._new, executions=self._new.executions + 1)
            self._add(grown, "start", type, workflow_id, why, identity)

    def _add(self, grown: Refused, kind: str, name: str, workflow_id: str, why: str, identity: str) -> None:
        now = time.time()
        texts = [text[:MAX_TEXT] for text in (kind, name, workflow_id, why, identity)]
        self._new = replace(
            grown, since=grown.since or now, at=now,
            kind=texts[0], name=texts[1], workflow_id=texts[2], why=texts[3], identity=texts[4],
        )  # fmt: skip

    def flush(self) -> Refused | None:
        """Adds what is new to the file; returns it, or None without any."""
        with self._lock:
            new, self._new = self._new, Refused()
        if not new.messages and not new.executions:
            return None
        with open(self._home / f".{FILE}.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            old = read(self._home)
            total = replace(
                new,
                messages=old.messages + new.messages,
                executions=old.executions + new.executions,
                since=old.since or new.since,
            )
            write_atomically(self._home / FILE, json.dumps(total.__dict__))
        return new


def read(home: Path) -> Refused:
    """All that was refused in this home; nothing where there is no such file."""
    try:
        found = Node(json.loads((home / FILE).read_text()))
        return Refused(
            found.need_whole("messages"),
            found.need_whole("executions"),
            found.need_number("since"),
            found.need_number("at"),
            *(found[one].text() for one in ("kind", "name", "workflow_id", "why", "identity")),
        )
    except (OSError, ValueError, SluicewayError):
        return Refused()
