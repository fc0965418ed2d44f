"""A pytest plugin: the tests whose clusters have this machine as a node, and the others, in two processes side by side.

One process at a time may have the machine as a node (`needs_host`), and waits much of its time for what kubelets do.
`make test-heavy` runs the rest beside it. SLUICEWAY_TESTS_ON=nodes or =elsewhere chooses; without it all are run.

With SLUICEWAY_TESTS_CLAIMS, a folder that both know, neither is idle while the other has files left: whoever has begun
with a file that needs no node has it to itself, and the first process goes on with what the second has not come to.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NEEDS = frozenset({"needs_host", "real_node", "on_this_machine"})
"""The question, the fixture that a few tests ask for by its name, and what makes it."""
PLAYED = frozenset({"memory", "kwok", "terraform", "cluster-api", "kind"})
"""Parameters of tests about providers whose nodes are not this machine."""
CLAIMS = "SLUICEWAY_TESTS_CLAIMS"
_mine: dict[Path, bool] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = os.environ.get("SLUICEWAY_TESTS_ON", "")
    if chosen not in ("nodes", "elsewhere"):
        return
    on_nodes = [item for item in items if is_of_a_node(item)]
    known = set(map(id, on_nodes))
    others = [item for item in items if id(item) not in known]
    items[:] = others if chosen == "elsewhere" else on_nodes
    left = on_nodes if chosen == "elsewhere" else others
    if chosen == "nodes" and os.environ.get(CLAIMS):
        items += _from_the_last_file(others)
        left = []
    config.hook.pytest_deselected(items=left)


def _from_the_last_file(items: list[pytest.Item]) -> list[pytest.Item]:
    files = list(dict.fromkeys(item.path for item in items))
    return sorted(items, key=lambda item: -files.index(item.path))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """True: it is not run here, because the other process has its file. What was kept for it is ended."""
    claims = os.environ.get(CLAIMS)
    if not claims or is_of_a_node(item):
        return None
    if item.path not in _mine:
        _mine[item.path] = _claim(Path(claims), item.path)
    if _mine[item.path]:
        return None
    item.session._setupstate.teardown_exact(nextitem)
    return True


def _claim(claims: Path, file: Path) -> bool:
    try:
        (claims / hashlib.sha256(bytes(file)).hexdigest()).touch(exist_ok=False)
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
    known = getattr(item, "_fixtureinfo", None)
    for definitions in known.name2fixturedefs.values() if known else ():
        yield from (one.func for one in definitions)


def names_of(function: Callable[..., object]) -> tuple[object, ...]:
    """The names and texts of its code; a function that was only imported asks for nothing here."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return (*code.co_names, *code.co_consts) if code and function.__name__ != "needs_host" else ()
