"""A pytest plugin: which tests stay in one process (xdist's `--dist loadgroup`), and what is run first.

Every test is dealt out by itself but for two kinds. Tests of a module that share an expensive fixture stay together, so
that it is made once; and properties, which need the processor and nothing else, have a process to themselves, so that they
do not stand in the way of whatever waits for a server.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test

PROPERTIES = "properties"
LONG_S = 180
SYSTEM = Path(__file__).parents[1] / "system"


@pytest.hookimpl(tryfirst=True)  # before xdist writes the groups into the names
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_is_long, reverse=True)  # else one process is in a long one at the end, and the others have nothing
    for item in items:
        if item.path.is_relative_to(SYSTEM):
            item.add_marker("system")
        if {"temporal_address", "lab"} & _fixtures(item):
            item.add_marker("server")
        if {"daemon", "shell_image"} & _fixtures(item):
            item.add_marker("docker")
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(group))


def group_of(item: pytest.Item) -> str:
    """The group of a test; "": it may run anywhere."""
    if is_hypothesis_test(getattr(item, "obj", None)) or item.name == "runTest":
        return PROPERTIES
    if any(_is_shared(item, name) for name in _fixtures(item)):
        return str(item.path.relative_to(item.config.rootpath).with_suffix(""))
    return ""


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def _is_shared(item: pytest.Item, name: str) -> bool:
    """Whether a fixture of ours is made once for a module."""
    info = getattr(item, "_fixtureinfo", None)
    found = info.name2fixturedefs.get(name, ()) if info else ()
    return any(one.scope == "module" and one.func.__module__.startswith("tests.") for one in found)


def _is_long(item: pytest.Item) -> bool:
    limit = item.get_closest_marker("timeout")
    return limit is not None and limit.args[0] > LONG_S
