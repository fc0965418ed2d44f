"""One namespace of a cluster belongs to one environment: names of releases and routes carry the service alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain.core.documents import Object
from domain.releases.kubernetes.registered import registered, text_of

Namespace = tuple[str, str]
"""Cluster and namespace."""


def shared(name: str, document: Object, others: Mapping[str, Object]) -> str:
    """Why an environment cannot be registered beside others, by a namespace that one of them has; empty: it can.

    Two releases `shop-r57` of two environments would be one, and so would be their routes.
    """
    mine = frozenset(_namespaces(document))
    for other in sorted(others) if mine else ():
        for cluster, namespace in sorted(mine.intersection(_namespaces(others[other]))) if other != name else ():
            where = f"namespace {namespace} of cluster {cluster}"
            return f"{where} is environment {other}'s, and two environments cannot share one; give it another namespace"
    return ""


def _namespaces(document: Object) -> Iterable[Namespace]:
    """Of a document that a stranger may have signed: one that cannot be read has no place, and is refused there."""
    try:
        found = registered(text_of(document))
    except ValueError:
        return ()
    return ((cluster, found.namespace) for cluster in found.clusters) if found else ()
