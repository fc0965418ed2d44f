"""A pytest plugin: what is run first, so that no process is still in a long file when the others have nothing left.

The tests of a file stay in one process (xdist's `--dist loadfile --no-loadscope-reorder`): what they share is made once.
Groups by marker would be finer, but pytest 9.2 no longer takes the names that xdist 3.8 gives to grouped tests.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

LONG_S = 180
SYSTEM, HEAVY = (Path(__file__).parents[1] / name for name in ("system", "heavy"))
SERVERS = {
    "temporal_address": "server",
    "lab": "server",
    "up": "server",
    "inherited": "server",
    "daemon": "docker",
    "shell_image": "docker",
}
"""Fixture to the marker of the tests that use it."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is not to be run is not loaded either: each process would read the clients of Kubernetes for nothing."""
    chosen = config.option.markexpr
    return True if collection_path in (SYSTEM, HEAVY) and f"not {collection_path.name}" in chosen else None


@pytest.hookimpl(tryfirst=True)  # of_nodes.py reorders what is sorted here, and patience.py makes limits longer
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SYSTEM in item.path.parents:
            item.add_marker("system")
        for marker in {SERVERS[name] for name in SERVERS.keys() & getattr(item, "fixturenames", ())}:
            item.add_marker(marker)
    cost = costs(items)
    order = {path: at for at, path in enumerate(sorted(cost, key=lambda path: (-cost[path], str(path))))}
    items.sort(key=lambda item: order[item.path])


def costs(items: list[pytest.Item]) -> Counter[Path]:
    """About how long each file takes, in hundredths of a second: what its tests use tells it, or the marker `long`."""
    found: Counter[Path] = Counter()
    for item in items:
        found[item.path] += _cost(item)
    return found


def _cost(item: pytest.Item) -> int:
    marks = {mark.name: mark for mark in item.iter_markers()}
    if "timeout" in marks and marks["timeout"].args[0] > LONG_S:
        return 1_000
    if marks.keys() & {"docker", "long", "system"}:
        return 300
    return 100 if "server" in marks else 1
