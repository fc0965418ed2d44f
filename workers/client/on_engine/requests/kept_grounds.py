"""What registered clusters have said of their namespaces: kept for a moment, and for longer where one answers slowly.

A page asks for a plan with each look. It waits for a cluster no longer than a second: what was said last stands there
meanwhile, with its age, and the answer is there at the next look.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, field, replace

from domain.clusters.request_ground import Ground

FRESH_S = 10.0
"""An answer of this age is not asked for once more."""
KEPT_S = 900.0
"""An older one is not shown: nobody should agree by it."""
PATIENCE_S = 1.0
LIVE_S = 10.0
"""How long whoever signs by the answer waits for it."""
MOST_KEPT = 500
MOST_ASKED = 2
"""Questions to one cluster at a time: one that hangs takes no more threads."""
Key = tuple[str, str, str]
"""Cluster, namespace, and what is asked about."""


@dataclass
class KeptGrounds:
    """Of one process, for all callers: what a cluster says is the same for each, by its one credential."""

    clock: Callable[[], float] = time.time
    patience_s: float = PATIENCE_S
    live_s: float = LIVE_S
    _kept: OrderedDict[Key, Ground] = field(default_factory=OrderedDict)
    _asked: dict[Key, Future[Ground]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, key: Key, look: Callable[[], Ground], *, live: bool = False) -> Ground:
        """`look` asks the cluster, and takes as long as it takes. `live`: nothing that is kept will do. The answer says
        when it was given (`Ground.at`).
        """
        with self._lock:
            known = None if live else self._kept.get(key)
            age_s = self.clock() - known.at if known else KEPT_S
            if known and age_s <= FRESH_S:
                return known
            asked = self._asked.get(key) or self._ask(key, look)
        instead, patience_s = known if age_s < KEPT_S else None, self.live_s if live else self.patience_s
        if asked is None:
            return instead or Ground(trouble=f"{MOST_ASKED} questions to it are open already")
        try:
            found = asked.result(patience_s)
        except TooSlow:
            return instead or Ground(trouble=f"it has not answered within {patience_s:g} s")
        return (instead or found) if found.trouble else found

    def _ask(self, key: Key, look: Callable[[], Ground]) -> Future[Ground] | None:
        if sum(one[0] == key[0] for one in self._asked) >= MOST_ASKED:
            return None
        asked: Future[Ground] = Future()
        self._asked[key] = asked
        threading.Thread(target=self._answered, args=(key, look, asked), daemon=True, name="ground").start()
        return asked

    def _answered(self, key: Key, look: Callable[[], Ground], asked: Future[Ground]) -> None:
        try:
            found = replace(look(), at=self.clock())
        except BaseException as broken:
            with self._lock:
                del self._asked[key]
            asked.set_exception(broken)
            return
        with self._lock:
            del self._asked[key]
            if not found.trouble:
                self._kept[key] = found
                self._kept.move_to_end(key)
                while len(self._kept) > MOST_KEPT:
                    self._kept.popitem(last=False)
        asked.set_result(found)
