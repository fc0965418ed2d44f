"""What a test replaces is there to be replaced: a name that has moved is told by every run, not by the suite that is run last."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("activities", "domain", "workers", "workflows", "pipeline_defs")


def test_every_name_of_ours_that_a_test_replaces_exists() -> None:
    gone = [f"{file.relative_to(ROOT)}:{line}: {target}" for file, line, target in replaced() if not exists(target)]
    assert not gone, "\n".join(gone)


def test_a_name_that_has_moved_is_found() -> None:
    assert list(targets(ast.parse('from workers.worker import wiring\nmonkeypatch.setattr(wiring, "gone", 1)'))) == [
        (2, "workers.worker.wiring.gone")
    ]
    assert not exists("workers.worker.wiring.gone")
    assert exists("workers.worker.local_wiring.executors_of")


@pytest.mark.parametrize(
    "call",
    [
        "monkeypatch.setattr('workers.worker.wiring.gone', 1)",
        "request.getfixturevalue('monkeypatch').setattr(workers.worker.wiring, 'gone', 1)",
    ],
)
def test_every_way_to_replace_a_name_is_read(call: str) -> None:
    assert [target for _, target in targets(ast.parse("import workers.worker.wiring\n" + call))] == [
        "workers.worker.wiring.gone"
    ]


def replaced() -> Iterator[tuple[Path, int, str]]:
    """File, line and dotted name of everything of the product that a test replaces."""
    for file in sorted((ROOT / "tests").rglob("*.py")):
        text = file.read_text()
        if "setattr(" in text and "corpus" not in file.parts and file.name != Path(__file__).name:
            for line, target in targets(ast.parse(text)):
                yield file, line, target


def targets(tree: ast.AST) -> Iterator[tuple[int, str]]:
    names = dict(imported(tree))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "setattr":
            if any(word.arg == "raising" for word in call.keywords):
                continue
            target = dotted(call.args, names)
            if target.startswith(tuple(f"{package}." for package in OURS)):
                yield call.lineno, target


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (one.asname or one.name.partition(".")[0], (one.asname and one.name) or one.name.partition(".")[0])
                for one in node.names
            )


def dotted(given: list[ast.expr], names: dict[str, str]) -> str:
    """The name that a call replaces; nothing for one that only a run knows."""
    match given:
        case [ast.Constant(value=str(whole)), _]:
            return whole
        case [on, ast.Constant(value=str(name)), _]:
            words = ast.unparse(on).split(".")
            return ".".join([names[words[0]], *words[1:], name]) if words[0] in names else ""
        case _:
            return ""


def exists(target: str) -> bool:
    words = target.split(".")
    for end in range(len(words) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(words[:end]))
        except ModuleNotFoundError:
            continue
        for word in words[end:]:
            if not hasattr(found, word):
                return word in getattr(found, "__annotations__", {})
            found = getattr(found, word)
        return True
    return False
