"""Whether an object that is there is the one that a release would make: names are no proof, anybody may take one first.

Two environments may share a namespace, and a tenant of it may have made the object before its release did.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.releases.kubernetes import naming

_OF_SERVICE = (naming.SERVICE, naming.ENVIRONMENT)
_CONTENT = ("data", "binaryData", "type")


def whose(wanted: Object, live: Object | None) -> str:
    """Why the object of this name is not this release's; empty: it is, or none is there."""
    if live is None:
        return ""
    label = metadata.labels(live).get(naming.RELEASE, "")
    if label == metadata.labels(wanted).get(naming.RELEASE):
        return ""
    return f"it belongs to release {label[:63]}" if label else "no release has made it"


def kept(wanted: Object, live: Object | None) -> str:
    """Who else decides when an object ends; empty: only the release does.

    An owner takes it along when it ends itself, and a finalizer keeps the root and all that it owns.
    """
    if live is None:
        return ""
    if _owners(live) != _owners(wanted):
        return "it has another owner than the release"
    if not _owners(wanted) and Node(live).at("metadata", "finalizers"):
        return "a finalizer keeps it, and it is the release's root"
    return ""


def has_owner(wanted: Object, live: Object) -> bool:
    """Whether its owner is the very root of now, and not one that was there before."""
    return [one["uid"].value for one in metadata.owners(wanted)] == [one["uid"].value for one in metadata.owners(live)]


def _owners(one: Object) -> list[tuple[str, str]]:
    return [(owner["kind"].text(), owner["name"].text()) for owner in metadata.owners(one)]


def altered(wanted: Object, live: Object) -> str:
    """Why an immutable object does not hold what the release would put there; empty: it does."""
    said, there = Node(wanted), Node(live)
    if there["immutable"].value is not True:
        return "it can be changed"
    told = {key: said[key].value for key in _CONTENT if said[key]}
    plain = said["stringData"].strings()
    if plain:
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in plain.items()}
        told["data"] = {**said["data"].object(), **encoded}
    for key in ("data", "binaryData"):
        if (told.get(key) or {}) != there[key].object():
            return f"its {key} is not the release's"
    return "" if told.get("type", there["type"].value) == there["type"].value else "its type is another"


def whose_route(ours: Mapping[str, str], live: Object) -> str:
    """Which other service or environment leads its traffic by an object of this name; empty: none does."""
    there = metadata.labels(live)
    if all(there.get(key, ours.get(key)) == ours.get(key) for key in _OF_SERVICE):
        return ""
    return f"{there.get(naming.SERVICE, '')[:63]} in {there.get(naming.ENVIRONMENT, '')[:63]}"
