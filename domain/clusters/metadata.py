"""Metadata of any Kubernetes object; empty where it is missing.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
"""

from collections.abc import Mapping
from datetime import datetime

from domain.core.documents import Manifest, Node, Object

_NONE: Mapping[str, str] = {}


def name(one: Object) -> str:
    """The object's name, without its namespace."""
    return Node(one).at("metadata", "name").text()


def namespace(one: Object) -> str:
    """Empty: it is cluster-scoped."""
    return Node(one).at("metadata", "namespace").text()


def full_name(one: Object) -> str:
    """`NAMESPACE/NAME`."""
    return f"{namespace(one)}/{name(one)}"


def uid(one: Object) -> str:
    """Distinguishes it from another object of the same name."""
    return Node(one).at("metadata", "uid").text()


def labels(one: Object) -> dict[str, str]:
    """All labels by name."""
    return Node(one).at("metadata", "labels").strings()


def annotations(one: Object) -> dict[str, str]:
    """All annotations by name."""
    return Node(one).at("metadata", "annotations").strings()


def owners(one: Object) -> list[Node]:
    """Its owner references."""
    return list(Node(one).at("metadata", "ownerReferences"))


def created(one: Object) -> str:
    """When the server created it (RFC 3339)."""
    return Node(one).at("metadata", "creationTimestamp").text()


def is_ending(one: Object) -> bool:
    """Whether its deletion was requested."""
    return bool(Node(one).at("metadata", "deletionTimestamp"))


def event_time(event: Object) -> str:
    """The last time of an Event, as a text that sorts."""
    said = Node(event)
    return said["lastTimestamp"].text() or said["eventTime"].text() or created(event)


def epoch(text: str) -> float:
    """An RFC 3339 time in seconds since the epoch; 0 when it is invalid."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def marked(one: Object, *, labels: Mapping[str, str] = _NONE, annotations: Mapping[str, str] = _NONE) -> Manifest:
    """The object with additional labels and annotations; existing ones stay."""
    said = Node(one)["metadata"]
    added = {"labels": labels, "annotations": annotations}
    more = {key: {**said[key].object(), **values} for key, values in added.items() if values}
    return {**one, "metadata": {**said.object(), **more}}
