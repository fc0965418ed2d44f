"""Who has set which field of an object, as server-side apply keeps it; of the API server in memory.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/. Lists are atomic here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json

Path = tuple[str, ...]
_IDENTITY = {
    ("apiVersion",),
    ("kind",),
    ("metadata", "name"),
    ("metadata", "namespace"),
    ("metadata", "resourceVersion"),
}


@dataclass
class Owners:
    """Managers by name, with their fields."""

    by_manager: dict[tuple[str, str], tuple[set[Path], str]] = field(default_factory=dict)
    """Manager and operation to its fields and the time of its last change."""

    def conflicts(self, manager: str, wanted: Mapping[Path, Json], old: Object) -> dict[Path, str]:
        """Fields that others have set to something else, each with its manager."""
        found: dict[Path, str] = {}
        for (other, _), (paths, _) in self.by_manager.items():
            for path in paths & wanted.keys() if other != manager else ():
                if Node(old).at(*path).value != wanted[path]:
                    found[path] = other
        return found

    def words(self, conflicts: Mapping[Path, str]) -> str:
        """As the server says it."""
        said = ", ".join(f'conflict with "{other}": .{".".join(path)}' for path, other in conflicts.items())
        return f"Apply failed with {len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}: {said}"

    def take(self, paths: Mapping[Path, str]) -> None:
        """Nobody has these any more."""
        for mine, _ in self.by_manager.values():
            mine.difference_update(paths)

    def left(self, manager: str, wanted: Mapping[Path, Json]) -> Collection[Path]:
        """Fields that this manager applied before, applies no more, and nobody else has."""
        before = self.by_manager.get((manager, "Apply"), (set(), ""))[0]
        others = [paths for (other, how), (paths, _) in self.by_manager.items() if (other, how) != (manager, "Apply")]
        return before - wanted.keys() - set().union(*others)

    def set(self, manager: str, operation: str, wanted: Mapping[Path, Json], time: str) -> None:
        """An apply replaces what it had; an update adds."""
        before = self.by_manager.get((manager, operation), (set(), ""))[0] if operation == "Update" else set()
        self.by_manager[manager, operation] = (before | wanted.keys(), time)

    def managed_fields(self) -> list[Json]:
        """As `metadata.managedFields`."""
        return [
            {"manager": manager, "operation": how, "time": time, "fieldsType": "FieldsV1", "fieldsV1": _tree(paths)}
            for (manager, how), (paths, time) in self.by_manager.items()
        ]


def _tree(paths: Collection[Path]) -> Manifest:
    made: Manifest = {}
    for path in sorted(paths):
        at = made
        for step in path:
            following = at.setdefault(f"f:{step}", {})
            assert isinstance(following, dict)
            at = following
    return made


def leaves(one: Object, above: Path = ()) -> dict[Path, Json]:
    """The fields of an object without its identity; a list is one field."""
    found: dict[Path, Json] = {}
    for name, value in one.items():
        path = (*above, name)
        if path in _IDENTITY:
            continue
        if isinstance(value, Mapping) and value:
            found |= leaves(value, path)
        else:
            found[path] = value
    return found


def merged(one: Object, other: Object) -> Manifest:
    """As a merge patch (RFC 7396)."""
    made: Manifest = dict(one)
    for name, value in other.items():
        old = made.get(name)
        if value is None:
            made.pop(name, None)
        elif isinstance(value, Mapping):
            made[name] = merged(old if isinstance(old, Mapping) else {}, value)
        else:
            made[name] = value
    return made


def without(one: Object, paths: Collection[Path]) -> Manifest:
    """The object without some fields."""
    made: Manifest = {}
    for name, value in one.items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            continue
        made[name] = without(value, below) if below and isinstance(value, Mapping) else value
    return made
