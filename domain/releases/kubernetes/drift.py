"""What differs from the objects that a release applied, and who has done it: read from `managedFields`.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management. A field that a release has
applied and does not own any more was set to something else by whoever owns it now.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from domain.clusters import metadata
from domain.clusters.health import quantity
from domain.core.documents import Manifest, Node, Object
from domain.releases.kubernetes import naming, scaling

Path = tuple[str, ...]
"""Steps of FieldsV1, without the `.` that stands for an object itself."""
MOST = 20
"""Lines of one object; a stranger may have set any number of fields."""
DEEPEST = 40
DECISIVE = (
    *(("spec", "template", "spec"), ("spec", "selector"), ("spec", "ports"), ("data",)),
    *(("spec", "scaleTargetRef"), ("spec", "metrics"), ("spec", "behavior")),
    *(("spec", "minAvailable"), ("spec", "maxUnavailable")),
)
"""Of workloads, Services and configuration; of autoscalers, but for their numbers; of budgets."""


@dataclass(frozen=True)
class Taken:
    """A field of a release that another manager owns now."""

    field: str
    manager: str
    time: str


def lines(wanted: Object, live: Object | None) -> list[str]:
    """Differences of one applied object from what was applied, one line each. What was added to it: see `additions`."""
    what = f"{Node(wanted)['kind'].text()} {metadata.name(wanted)}"
    if live is None:
        return [f"{what} is gone"]
    others = taken(wanted, live)
    told = [f"{what}: {one.manager} has set {one.field} at {one.time}" for one in others]
    known = tuple(one.field for one in others)
    hidden = [field for field in changed(wanted, live) if not field.startswith(known)]
    told += [f"{what}: {field} is not as released, by whoever" for field in hidden]
    return [*told, *selects_less(wanted, live)][:MOST]


def selects_less(wanted: Object, live: Object) -> list[str]:
    """Labels that a Service selects by beyond those that were applied: it leads to fewer pods, or to none."""
    more = Node(selecting(wanted, live)).at("spec", "selector").fields()
    return [f"Service {metadata.name(wanted)}: it selects by {key} as well, by whoever" for key, _ in more][:MOST]


def selecting(wanted: Object, live: Object) -> Manifest:
    """A merge patch (RFC 7396) that takes such labels away, which no apply does; empty: there are none."""
    own, there = (Node(one).at("spec", "selector") for one in (wanted, live))
    more = [key for key, _ in there.fields() if own[key].value is None]
    return {"spec": {"selector": dict.fromkeys(more)}} if more and Node(wanted)["kind"].text() == "Service" else {}


def changed(wanted: Object, live: Object) -> list[str]:
    """Fields that decide what runs, and what is led to it, with other values: a manager's name is anybody's to choose.

    What the server leaves out, and how it writes a quantity, is no other value.
    """
    one, there = Node(scaling.ordered(wanted)), Node(scaling.ordered(live))
    return [
        words(path)
        for part in DECISIVE
        if one.at(*part).value is not None
        for path in differing(one.at(*part), there.at(*part), tuple(f"f:{step}" for step in part))
    ][:MOST]


def differing(one: Node, live: Node, path: Path) -> Iterator[Path]:
    """Paths below `path` at which `live` has another value than `one`; what it leaves out is none."""
    if live.value is None or len(path) > DEEPEST:
        return
    if isinstance(one.value, Mapping):
        for name, below in one.fields():
            yield from differing(below, live[name], (*path, f"f:{name}"))
    elif isinstance(one.value, list) and len({below["name"].text() for below in one} - {""}) == len(one.value):
        for below in one:
            keys = json.dumps({"name": below["name"].value})
            step, found = (*path, f"k:{keys}"), _item(live, keys)
            yield from differing(below, found, step) if found.value is not None else (step,)
    elif isinstance(one.value, list):
        pairs = zip_longest(one, live, fillvalue=Node())
        if any((a.value is None) != (b.value is None) or [*differing(a, b, path)] for a, b in pairs):
            yield path
    elif one.value != live.value and not _same_amount(one, live):
        yield path


def _same_amount(one: Node, other: Node) -> bool:
    amounts = [quantity(each.value) if isinstance(each.value, str | int | float) else 0.0 for each in (one, other)]
    return bool(amounts[0]) and amounts[0] == amounts[1]


def taken(wanted: Object, live: Object) -> list[Taken]:
    """Fields of `wanted` that others have set to other values, in the order of the object's managers."""
    ours: set[Path] = set()
    others: list[tuple[Path, str, str]] = []
    for entry in Node(live).at("metadata", "managedFields"):
        found = set(paths(entry["fieldsV1"]))
        if entry["manager"].text() == naming.WORKLOADS and entry["operation"].text() == "Apply":
            ours |= found
        elif entry["manager"].text() != naming.NUMBERS:
            others += [(path, entry["manager"].text(), entry["time"].text()) for path in sorted(found)]
    root = Node(wanted)
    return [
        Taken(words(path), manager, time)
        for path, manager, time in others
        if path not in ours and _is_in(root, path) and not _is_status(path)
    ]


def paths(fields: Node, above: Path = (), depth: int = 0) -> Iterator[Path]:
    """The leaves of FieldsV1: `f:NAME`, `k:{KEYS}` and `v:VALUE`, each below the other."""
    below = [(step, one) for step, one in fields.fields() if step != "."]
    if not below or depth > DEEPEST:
        if above:
            yield above
        return
    for step, one in below:
        yield from paths(one, (*above, step), depth + 1)


def _is_in(one: Node, path: Path) -> bool:
    """Whether an applied object has a field of its own there."""
    for step in path:
        kind, _, rest = step.partition(":")
        found = one[rest] if kind == "f" else _item(one, rest) if kind == "k" else Node()
        if found.value is None:
            return False
        one = found
    return True


def _item(items: Node, keys: str) -> Node:
    """The element of a list that has these values, as JSON."""
    try:
        wanted = Node(json.loads(keys)).object()
    except ValueError:
        return Node()
    return next((one for one in items if all(one[name].value == value for name, value in wanted.items())), Node())


def _is_status(path: Path) -> bool:
    return path[:1] == ("f:status",)


def words(path: Path) -> str:
    """A field as the API server names a field in a conflict: `.spec.template.spec.containers[name="main"].image`."""
    said = ""
    for step in path:
        kind, _, rest = step.partition(":")
        if kind == "f":
            said += f".{rest}"
        elif kind == "k":
            keys = Node(_loaded(rest)).fields()
            said += "[" + ",".join(f"{name}={json.dumps(value.value)}" for name, value in keys) + "]"
    return said


def _loaded(text: str) -> Object:
    try:
        return Node(json.loads(text)).object()
    except ValueError:
        return {}
