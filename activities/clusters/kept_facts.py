"""The last facts of each cluster in the records: whoever checks a definition asks no cluster."""

from __future__ import annotations

import json
from collections.abc import Sequence

from activities.access.definition_store import DefinitionStore
from activities.storage.schema import Rows
from domain.clusters.facts import KIND, ClusterFacts, document, facts_of
from domain.core.documents import Node


class KeptFacts:
    """Among the registered definitions, by the cluster's name; the cluster's workflow maintains them."""

    def __init__(self, definitions: DefinitionStore) -> None:
        self._definitions = definitions

    def remember(self, facts: ClusterFacts) -> None:
        """Replaces what was known of that cluster."""
        self._definitions.save(KIND, facts.cluster, json.dumps(document(facts)))

    def forget(self, cluster: str) -> None:
        """Forgetting an unknown cluster is fine."""
        self._definitions.remove(KIND, cluster)


def known_of(rows: Rows, clusters: Sequence[str]) -> list[ClusterFacts]:
    """Of those of the clusters that something is known of, in their order.

    Raises:
        SluicewayError: SLW806 or SLW807, the records cannot be used.
    """
    values = {f"name_{index}": name for index, name in enumerate(clusters)}
    if not values:
        return []
    listed = ", ".join(f":{name}" for name in values)
    query = f"select body from definitions where kind = '{KIND}' and name in ({listed})"  # noqa: S608
    read = [facts_of(Node(json.loads(Node(row)["body"].text())).object()) for row in rows.rows(query, **values)]
    known = {one.cluster: one for one in read if one is not None}
    return [known[name] for name in clusters if name in known]
