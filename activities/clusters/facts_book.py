"""The last facts of each cluster, as files of this home: whoever checks a definition asks no cluster."""

from __future__ import annotations

import json
from pathlib import Path

from activities.core.files import write_atomically
from activities.kubernetes.kubeconfigs import NAME
from domain.clusters.facts import ClusterFacts, document, facts_of
from domain.core.documents import Node

MOST_BYTES = 1_000_000


class FactsBook:
    """One file for each cluster below `root`; the cluster's workflow maintains it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def remember(self, facts: ClusterFacts) -> None:
        """Replaces what was known of that cluster."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._at(facts.cluster), json.dumps(document(facts)))

    def forget(self, cluster: str) -> None:
        """Forgetting an unknown cluster is fine."""
        self._at(cluster).unlink(missing_ok=True)

    def find(self, cluster: str) -> ClusterFacts | None:
        """None: nothing is known of it."""
        if not NAME.match(cluster):
            return None
        try:
            with self._at(cluster).open("rb") as file:
                return facts_of(Node(json.loads(file.read(MOST_BYTES))).object())
        except (OSError, ValueError):
            return None

    def _at(self, cluster: str) -> Path:
        return self._root / f"{cluster}.json"
