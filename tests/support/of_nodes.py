"""A pytest plugin: the tests whose clusters have this machine as a node, and the others, each in a process of its own.

One process at a time may have the machine as a node (`needs_host`), and waits much of its time for what kubelets do.
`make test-heavy` runs the rest beside it. SLUICEWAY_TESTS_ON=nodes or =elsewhere chooses; without it all are run.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator

import pytest

NEEDS = frozenset({"needs_host", "real_node"})
"""The question, and the fixture that a few tests ask for by its name."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = os.environ.get("SLUICEWAY_TESTS_ON", "")
    if chosen not in ("nodes", "elsewhere"):
        return
    of_nodes = {item.path for item in items if is_of_a_node(item)}
    left = [item for item in items if (item.path in of_nodes) != (chosen == "nodes")]
    items[:] = [item for item in items if (item.path in of_nodes) == (chosen == "nodes")]
    config.hook.pytest_deselected(items=left)


def is_of_a_node(item: pytest.Item) -> bool:
    """Whether it, one of its fixtures, or a function of its module asks whether the machine can be a node."""
    module = getattr(item, "module", None)
    functions: list[Callable[..., object]] = (
        [one for one in vars(module).values() if inspect.isfunction(one)] if module else []
    )
    return any(not NEEDS.isdisjoint(names_of(one)) for one in (*functions, *fixtures_of(item)))


def fixtures_of(item: pytest.Item) -> Iterator[Callable[..., object]]:
    """The functions of all fixtures that it uses."""
    known = getattr(item, "_fixtureinfo", None)
    for definitions in known.name2fixturedefs.values() if known else ():
        yield from (one.func for one in definitions)


def names_of(function: Callable[..., object]) -> tuple[object, ...]:
    """The names and texts of its code; a function that was only imported asks for nothing here."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return (*code.co_names, *code.co_consts) if code and function.__name__ != "needs_host" else ()
