"""What requests have changed in objects of others, kept in an annotation of each: so each is taken back by itself.

An object of a cluster that was made elsewhere is its owner's. A request sets single fields of it and remembers what
they were; taking it back restores them, unless somebody has set them to something else since.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.clusters import metadata
from domain.clusters.health import quantity
from domain.clusters.manifests import OURS
from domain.core.documents import Manifest, Node, Object

MARK = "sluiceway.dev/requests"
"""Annotation: the requests in the order in which they were done."""
MOST = 20
"""Requests that one object remembers."""
CONTAINER = "Container"
LIMITS = ("max", "default", "defaultRequest", "min")


@dataclass
class Change:
    """Of one field: what it was and what it is to be; empty: it is not there."""

    before: str
    after: str


@dataclass
class Mark:
    """What one request has done to one object. `id`: with its home (`requests.at_home`). `until`: in Unix seconds;
    0: it stays.
    """

    id: str
    until: int = 0
    fields: dict[str, Change] = field(default_factory=dict)


def marks_of(one: Object) -> list[Mark]:
    """The oldest first. What is no such annotation is none: an object's owner may write there, too."""
    try:
        said = Node(json.loads(metadata.annotations(one).get(MARK, "[]")))
    except (ValueError, RecursionError):
        return []
    kind = Node(one)["kind"].text()
    return [
        Mark(
            each["id"].text(),
            each["until"].whole(),
            {
                name: Change(value["before"].text(), value["after"].text())
                for name, value in each["fields"].fields()
                if _is_field(kind, name)
            },
        )
        for each in said
    ]


def _is_field(kind: str, name: str) -> bool:
    """Whether an object of this kind has such a field, as `fields_of` names it."""
    word, _, resource = name.partition(".")
    return kind == "ResourceQuota" or (word in LIMITS and resource != "")


def fields_of(one: Object) -> dict[str, str]:
    """Of a ResourceQuota `requests.cpu`, of a LimitRange `max.cpu` of its containers: to the quantity."""
    spec = Node(one)["spec"]
    if Node(one)["kind"].text() == "ResourceQuota":
        return spec["hard"].strings()
    entry = next((each for each in spec["limits"] if each["type"].text() == CONTAINER), Node())
    return {f"{word}.{name}": value for word in LIMITS for name, value in entry[word].strings().items()}


def done(one: Object, mark: Mark) -> Manifest | None:
    """The merge patch that does a request in an object; None: it is done there already.

    Raises:
        ValueError: the object remembers too many requests.
    """
    known = marks_of(one)
    if any(each.id == mark.id for each in known):
        return None
    if len(known) >= MOST:
        raise ValueError(f"{metadata.full_name(one)} remembers {MOST} requests already: end some of them first")
    return _patch(one, {name: change.after for name, change in mark.fields.items()}, [*known, mark])


def taken_back(one: Object, id_: str) -> Manifest | None:
    """The merge patch that takes a request back; None: there is nothing of it."""
    known = marks_of(one)
    at = next((number for number, each in enumerate(known) if each.id == id_), -1)
    if at < 0:
        return None
    mine, later, now = known[at], known[at + 1 :], fields_of(one)
    restored: dict[str, str] = {}
    for name, change in mine.fields.items():
        follows = next((each.fields[name] for each in later if name in each.fields), None)
        if follows is None:
            restored |= {name: change.before} if alike(now.get(name, ""), change.after) else {}
        elif alike(follows.before, change.after):  # the later one restores what was before both
            follows.before = change.before
    return _patch(one, restored, [*known[:at], *later])


def is_left_over(one: Object, patch: Object) -> bool:
    """Whether an object of ours says nothing any more after this patch."""
    ours = all(metadata.labels(one).get(name) == value for name, value in OURS.items())
    after = {**fields_of(one), **_said(one, patch)}
    return ours and len(marks_of(one)) <= 1 and not any(after.values())


def _said(one: Object, patch: Object) -> dict[str, str]:
    """Fields as a patch of this module leaves them; empty: gone."""
    if Node(one)["kind"].text() == "ResourceQuota":
        return {name: value.text() for name, value in Node(patch).at("spec", "hard").fields()}
    if not Node(patch)["spec"]:
        return {}
    left = fields_of({**one, "spec": Node(patch)["spec"].object()})
    return dict.fromkeys(fields_of(one), "") | left


def alike(one: str, other: str) -> bool:
    """Whether two quantities say the same: 1000m is 1."""
    return one == other or (bool(one) and bool(other) and quantity(one) == quantity(other))


def _patch(one: Object, fields: Mapping[str, str], marks: list[Mark]) -> Manifest:
    """With the version that was looked at: whoever changed the object meanwhile is not overwritten."""
    said: Manifest | None = {MARK: json.dumps([_plain(each) for each in marks])} if marks else {MARK: None}
    patch: Manifest = {
        "metadata": {"annotations": said, "resourceVersion": Node(one).at("metadata", "resourceVersion").text()}
    }
    if not fields:
        return patch
    if Node(one)["kind"].text() == "ResourceQuota":
        hard: Manifest = {name: value or None for name, value in fields.items()}
        return {**patch, "spec": {"hard": hard}}
    return {**patch, "spec": {"limits": list(_limits(one, fields))}}


def _limits(one: Object, fields: Mapping[str, str]) -> Iterator[Object]:
    """A list, so it is replaced as a whole; an entry without anything goes."""
    entries = [each.object() for each in Node(one).at("spec", "limits")]
    if not any(Node(each)["type"].text() == CONTAINER for each in entries):
        entries.append({"type": CONTAINER})
    for entry in entries:
        if Node(entry)["type"].text() != CONTAINER:
            yield entry
        elif made := _entry(entry, fields):
            yield {"type": CONTAINER, **made}


def _entry(entry: Object, fields: Mapping[str, str]) -> Manifest:
    whole: dict[str, dict[str, str]] = {word: dict(Node(entry)[word].strings()) for word in LIMITS}
    for name, value in fields.items():
        word, _, resource = name.partition(".")
        whole[word].pop(resource, None)
        whole[word] |= {resource: value} if value else {}
    others = {key: value for key, value in entry.items() if key not in (*LIMITS, "type")}
    return {**others, **{word: values for word, values in whole.items() if values}}


def _plain(mark: Mark) -> Object:
    fields = {name: {"before": one.before, "after": one.after} for name, one in mark.fields.items()}
    return {"id": mark.id, "until": mark.until, "fields": fields}
