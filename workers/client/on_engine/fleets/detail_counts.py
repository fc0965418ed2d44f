"""How many objects say the same of a detail, from rows that are counted already."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from domain.core.documents import Node
from workers.client.ports.fleets import DetailCount, DetailCounts

LABELS = "labels"
DETAILS = ("priority", LABELS)
"""Details that can be counted."""


def detail_counts(detail: str, found: Sequence[tuple[str, str, str, int]], most: int) -> DetailCounts:
    """`found`: cluster, namespace, what it says and how many; labels are JSON, whose order means nothing."""
    numbers = Counter[tuple[str, str, str]]()
    for cluster, namespace, said, number in found[:most]:
        text = json.dumps(_labels(said), sort_keys=True) if detail == LABELS else said
        numbers[cluster, namespace, text] += number
    return DetailCounts(
        items=tuple(_count(detail, *place, number) for place, number in sorted(numbers.items())),
        cut=len(found) > most,
    )


def _labels(said: str) -> dict[str, str]:
    return Node(json.loads(said or "{}")).strings()


def _count(detail: str, cluster: str, namespace: str, said: str, number: int) -> DetailCount:
    if detail == LABELS:
        return DetailCount(cluster=cluster, namespace=namespace, labels=_labels(said), number=number)
    return DetailCount(cluster=cluster, namespace=namespace, text=said, number=number)
