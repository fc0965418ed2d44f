"""A pytest plugin: heavy tests are shared out between processes, and each is run once, by one of them.

The tests whose clusters have this machine as a node (`needs_host`) wait much of their time for what kubelets do, and a
network can have the nodes of one process at a time. SLUICEWAY_TESTS_ON chooses; without it all are run:

- `nodes`: those, here; then what `elsewhere` has not come to, from the last file;
- `more-nodes`: those, for a process in a network of its own (tests/support/own-machine), and nothing else;
- `elsewhere`: the rest.

With SLUICEWAY_TESTS_CLAIMS, a folder that all of them know, whoever comes first to a unit has it to itself. A unit is a file;
of tests on nodes that share a cluster with their folder, it is the folder. The longest come first.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.grouping import costs

ON_NODES = ("nodes", "more-nodes")
NEEDS = frozenset({"needs_host", "real_node", "on_this_machine"})
"""The question, the fixture that a few tests ask for by its name, and what makes it."""
PLAYED = frozenset({"memory", "kwok", "terraform", "cluster-api", "kind"})
"""Parameters of tests about providers whose nodes are not this machine."""
CLAIMS = "SLUICEWAY_TESTS_CLAIMS"
_mine: dict[str, bool] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = os.environ.get("SLUICEWAY_TESTS_ON", "")
    if chosen not in (*ON_NODES, "elsewhere"):
        return
    on_nodes = [item for item in items if is_of_a_node(item)]
    known = set(map(id, on_nodes))
    others = [item for item in items if id(item) not in known]
    items[:] = _by_units(on_nodes) if chosen in ON_NODES else others
    left = others if chosen in ON_NODES else on_nodes
    if chosen == "nodes" and os.environ.get(CLAIMS):
        items += _from_the_last_file(others)
        left = []
    config.hook.pytest_deselected(items=left)


def _by_units(items: list[pytest.Item]) -> list[pytest.Item]:
    cost, total = costs(items), Counter[str]()
    for item in {item.path: item for item in items}.values():
        total[unit_of(item)] += cost[item.path]
    return sorted(items, key=lambda item: (-total[unit_of(item)], unit_of(item)))


def _from_the_last_file(items: list[pytest.Item]) -> list[pytest.Item]:
    files = list(dict.fromkeys(item.path for item in items))
    return sorted(items, key=lambda item: -files.index(item.path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """True: it is not run here, because another process has its unit. What was kept for it is ended."""
    claims = os.environ.get(CLAIMS)
    if not claims:
        return None
    unit = unit_of(item)
    if unit not in _mine:
        _mine[unit] = _claim(Path(claims), unit)
    if _mine[unit]:
        return None
    item.session._setupstate.teardown_exact(nextitem)
    return True


def unit_of(item: pytest.Item) -> str:
    """What is run by one process: a file's tests on nodes, or its others; a folder's, where they share a cluster."""
    if not is_of_a_node(item):
        return str(item.path)
    shared = any(one.scope == "package" for one in _definitions(item))
    return f"{item.path.parent if shared else item.path} on nodes"


def _claim(claims: Path, unit: str) -> bool:
    try:
        (claims / hashlib.sha256(unit.encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def is_of_a_node(item: pytest.Item) -> bool:
    """Whether it, one of its fixtures, or a function of its module that may serve it asks whether the machine can be a
    node. Of a test for each provider, those of providers that play their nodes do not.
    """
    spec = getattr(item, "callspec", None)
    if spec and any(isinstance(one, str) and one in PLAYED for one in spec.params.values()):
        return False
    module, own = getattr(item, "module", None), getattr(item, "function", None)
    functions: list[Callable[..., object]] = (
        [one for one in vars(module).values() if inspect.isfunction(one)] if module else []
    )
    serving = [one for one in functions if not one.__name__.startswith("test_") or one is own]
    return any(not NEEDS.isdisjoint(names_of(one)) for one in (*serving, *fixtures_of(item)))


def fixtures_of(item: pytest.Item) -> Iterator[Callable[..., object]]:
    """The functions of all fixtures that it uses."""
    return (one.func for one in _definitions(item))


def _definitions(item: pytest.Item) -> Iterator[pytest.FixtureDef[Any]]:
    known = getattr(item, "_fixtureinfo", None)
    for definitions in known.name2fixturedefs.values() if known else ():
        yield from definitions


def names_of(function: Callable[..., object]) -> tuple[object, ...]:
    """The names and texts of its code; a function that was only imported asks for nothing here."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return (*code.co_names, *code.co_consts) if code and function.__name__ != "needs_host" else ()
