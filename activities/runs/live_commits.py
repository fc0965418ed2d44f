"""The commits of what is live in an environment, as runs and releases recorded them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from activities.releases.release_reader import ReleaseReader
from activities.runs.run_reader import RunReader
from activities.source.mirrors import SNAPSHOT
from domain.core.documents import Node
from domain.releases.actions import ReleaseVerdict
from domain.releases.record import ReleaseRecord
from domain.runs.record import RunRecord
from domain.triggers.events import EventKind

LOOKED_AT = 200
"""The latest releases of an environment."""
BACK = 10
"""Releases that one by hand may have gone back to: which of them, the record does not say."""


@dataclass(frozen=True)
class LiveCommits:
    """Reads the records."""

    runs: RunReader
    releases: ReleaseReader

    def __call__(self, environment: str, repo: str) -> tuple[str, ...]:
        """One of each service that was released from this repository; empty text: it is not known which."""
        by_service: dict[str, list[ReleaseRecord]] = {}
        for release in self.releases.of_environment(environment, LOOKED_AT):
            if Node(json.loads(release["result"] or "{}"))["verdict"].text() == ReleaseVerdict.LIVE:
                by_service.setdefault(release["service"], []).append(release)
        found = [commit for releases in by_service.values() for commit in self._of_service(releases, repo)]
        return tuple(dict.fromkeys(found))

    def _of_service(self, newest_first: list[ReleaseRecord], repo: str) -> Iterator[str]:
        for release in newest_first[:BACK]:
            run = self.runs.get(release["run"])
            event = Node(json.loads(run["event"])) if run else Node()
            if run and event["repo"].text() != repo:
                return
            if run:
                yield event["head"].text() if _of_folder(run, event) else event["commit"].text()
                return
            # released by hand: the ones before it are looked at, too


def _of_folder(run: RunRecord, event: Node) -> bool:
    """Whether it ran the files of a folder, with their uncommitted changes: no branch has that commit."""
    source = Node(json.loads(run["source"]))["repo"].text()
    by_hand = event["kind"].text() == EventKind.MANUAL  # the oldest records do not say from where
    return source.startswith(SNAPSHOT) or (by_hand and not source)
