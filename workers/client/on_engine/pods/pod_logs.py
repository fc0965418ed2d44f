"""Logs of pods in clusters, for people: a file of masked lines that grows as it is looked at, read like a job's log.

The API server knows no numbers of lines, and gives a log from a time on. So what it gave is kept in a file of the home
while somebody looks: lines have numbers, are searched, and are asked for once, however many look. It is removed when
nobody has looked for a while; a pod's logs are kept for good by its workflow.
"""

from __future__ import annotations

import base64
import contextlib
import json
import math
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from activities.jobs.log_pages import Lines, LogPages
from activities.pods.reading import PodReader
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.core.masking import Masker
from domain.pods.log_lines import NANO, PodLine, Together, line_of
from workers.client.on_engine.pods.pod_names import missing
from workers.client.ports.pods import PodLogs

LOOK_S = 1.0
"""The cluster is asked at most this often, whoever looks."""
IDLE_S = 900.0
MOST_SPOOLS, MOST_FILE, MOST_CONTAINERS, MOST_SECRETS = 64, 256 << 20, 20, 20
ENDED = ("Succeeded", "Failed")
FULL = "so much is not followed here: look at the log again from its end"


def containers_of(pod: Object) -> tuple[str, ...]:
    """Init containers first, then the others, then those that somebody debugs with."""
    spec = Node(pod)["spec"]
    parts = ("initContainers", "containers", "ephemeralContainers")
    return tuple(one["name"].text() for part in parts for one in spec[part])[:MOST_CONTAINERS]


def secrets_of(server: PodReader, pod: Object) -> list[str]:
    """Values of the Secrets that its variables name, to be masked; those that may not be read are not known."""
    namespace, wanted = metadata.namespace(pod), dict[str, set[str]]()
    for part in ("initContainers", "containers"):
        for one in Node(pod)["spec"][part]:
            for variable in one["env"]:
                key = variable.at("valueFrom", "secretKeyRef")
                wanted.setdefault(key["name"].text(), set()).add(key["key"].text())
            for source in one["envFrom"]:
                wanted.setdefault(source.at("secretRef", "name").text(), set()).add("")
    values = []
    for name, keys in [found for found in wanted.items() if found[0]][:MOST_SECRETS]:
        with contextlib.suppress(SluicewayError):
            for known, value in Node(server.get("v1", "Secret", name, namespace))["data"].strings().items():
                if known in keys or "" in keys:
                    values.append(base64.b64decode(value).decode("utf-8", "replace"))
    return values


def read(spools: Spools, server: PodReader, which: PodLogs, pod: Object, whose: str = "") -> Spool:
    """The reading of a pod that is there, as far as its log has come. `whose`: the user as whom the cluster is asked,
    who sees what they may; empty: the engine, for everybody.

    Raises:
        SluicewayError: SLW950, it has no such container; SLW943, the cluster does not answer.
    """
    known = containers_of(pod)
    if which.container and which.container not in known:
        where = f"container {which.container[:60]} in {which.cluster}/{which.namespace}/{which.pod}"
        raise missing(where, f"it has {', '.join(known)}")
    wanted = (which.container,) if which.container else known

    def make(path: Path) -> Spool:
        return Spool(path, which, wanted, Masker(secrets_of(server, pod)))

    spool = spools.of(which, metadata.uid(pod), make, whose)
    spool.look(server, lambda: Node(pod).at("status", "phase").text() in ENDED)
    return spool


def kept(spools: Spools, which: PodLogs, digest: str, get: Callable[[str], bytes]) -> Spool:
    """The reading of what was kept of a pod that is gone."""
    spool = spools.of(which, digest, lambda path: Spool(path, which, (), Masker(())))
    if not spool.ended:
        spool.fill(get(digest).decode("utf-8", "replace"))
    return spool


@dataclass
class Spool:
    """Of one reading of one pod."""

    path: Path
    which: PodLogs
    containers: Sequence[str]
    masker: Masker
    ended: bool = False
    used_at: float = 0
    _together: Together = field(default_factory=Together)
    _lines: int = 0
    _looked_at: float = -math.inf
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, server: PodReader, is_over: Callable[[], bool]) -> None:
        """Adds what is new. `is_over`: whether nothing can follow, asked before the last look."""
        with self._lock:
            now = self.used_at = time.monotonic()
            if self.ended or now - self._looked_at < LOOK_S:
                return
            over, which = is_over() or self.which.previous, self.which
            given = {
                name: server.log(which.namespace, which.pod, name, self._together.since(name), previous=which.previous)
                for name in self.containers
            }
            self._append(self._together.new({name: self._masked(text) for name, text in given.items()}))
            self._looked_at, self.ended = now, over
            if self.path.stat().st_size > MOST_FILE:
                self._append([PodLine(int(time.time()) * NANO, "", FULL)])
                self.ended = True

    def is_recent(self) -> bool:
        """Whether another look would find nothing that is new."""
        return time.monotonic() - self._looked_at < LOOK_S

    def fill(self, kept: str) -> None:
        """With what was kept of a pod that has ended: masked already."""
        with self._lock:
            if not self.ended:
                self._append([line_of("", text) for text in kept.splitlines()])
                self.ended = True

    def _masked(self, text: str) -> str:
        return self.masker.whole(text.encode("utf-8", "replace")).decode("utf-8", "replace")

    def _append(self, lines: Iterable[PodLine]) -> None:
        several, told = len(self.containers) > 1, []
        for line in lines:
            self._lines += 1
            text = f"[{line.container}] {line.text}" if several and line.container else line.text
            entry = {"n": self._lines, "t": line.at / NANO, "s": 0, "o": "out", "l": text}
            told.append(json.dumps(entry, ensure_ascii=False))
        if told:
            with self.path.open("a", encoding="utf-8", errors="replace") as file:
                file.write("\n".join(told) + "\n")


class Spools:
    """All of a process. Files are below a folder of its own, which is removed with the process."""

    def __init__(self) -> None:
        self._pages = LogPages()
        self._known: dict[tuple[PodLogs, str, str], Spool] = {}
        self._lock = threading.Lock()
        self._folder: Path | None = None

    def of(self, which: PodLogs, uid: str, make: Callable[[Path], Spool], whose: str = "") -> Spool:
        """The one of a reading; another pod of the name has another UID. See `read` for `whose`."""
        with self._lock:
            self._forget()
            found = self._known.get((which, uid, whose))
            if found is None:
                path = self._own_folder() / f"{time.monotonic_ns()}.jsonl"
                path.touch(mode=0o600)
                found = self._known[(which, uid, whose)] = make(path)
            found.used_at = time.monotonic()
            return found

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="sluiceway-pod-logs-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def recent(self, which: PodLogs, whose: str = "") -> Spool | None:
        """The reading that was looked at just now, whoever looked: the cluster is not asked for it. See `read` for
        `whose`.
        """
        wanted = (which, whose)
        with self._lock:
            found = [one for (known, _, of), one in self._known.items() if (known, of) == wanted and one.is_recent()]
        return found[-1] if found else None

    def _forget(self) -> None:
        """What nobody looks at, and where there are too many, what was looked at longest ago."""
        old = sorted(self._known, key=lambda key: self._known[key].used_at)
        before = time.monotonic() - IDLE_S
        spare = len(old) - MOST_SPOOLS + 1
        for at, key in enumerate(old):
            if at < spare or self._known[key].used_at < before:
                self._known.pop(key).path.unlink(missing_ok=True)

    def lines(self, spool: Spool, first: int, limit: int) -> Lines:
        """Lines by number; 0: the last ones."""
        read = self._pages.lines if first > 0 else None
        if read:
            return read(spool.path, first, limit, ended=spool.ended)
        return self._pages.last(spool.path, limit, ended=spool.ended)

    def holding(self, spool: Spool, text: str, limit: int) -> tuple[int, ...]:
        """Numbers of the first lines that hold a text."""
        return tuple(self._pages.holding(spool.path, text, limit))
