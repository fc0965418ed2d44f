"""`quality.yaml` of every folder of adapters: what their port promises, and the test that shows it.

`python -m tests.contracts.quality` writes docs/how-to/keep-a-contract.md.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

ROOT = Path(__file__).parents[2]
FILE = "quality.yaml"
PAGE = ROOT / "docs" / "how-to" / "keep-a-contract.md"
SKIPPING = frozenset({"skip", "skipif", "xfail"})
Reason = Annotated[str, Field(min_length=10)]


class Rule(BaseModel):
    """One promise of a port."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    done: tuple[str, ...] = ()
    """Names of tests, all of which show it."""
    exempt: Reason | None = None
    """Why nothing shows it."""
    without: dict[str, Reason] = {}
    """Adapters that it does not hold for, or that these tests leave out, with the reason."""

    @model_validator(mode="after")
    def _is_done_or_exempt(self) -> Rule:
        if bool(self.done) == bool(self.exempt):
            raise ValueError(f"'{self.rule}': either done or exempt")
        return self


class Quality(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    port: str
    """`module:Class`."""
    adapters: tuple[str, ...]
    rules: tuple[Rule, ...]

    def named(self) -> set[str]:
        """Adapters that a rule speaks of."""
        return {name for rule in self.rules for name in rule.without}

    def shown(self) -> set[str]:
        """Adapters that a test shows at least one promise of."""
        return {name for rule in self.rules if rule.done for name in self.adapters if name not in rule.without}

    def promises(self) -> type:
        module, _, name = self.port.partition(":")
        found = getattr(importlib.import_module(module), name)
        assert isinstance(found, type)
        return found


def folders() -> list[Path]:
    """Of adapters that are described."""
    return sorted(path.parent for path in (ROOT / "activities").rglob(FILE))


def read(folder: Path) -> Quality:
    return Quality.model_validate(yaml.safe_load((folder / FILE).read_text()))


@cache
def tests() -> dict[str, bool]:
    """Every test function of the suite by name, and whether something skips it whatever the machine has."""
    return {name: skips for path in sorted((ROOT / "tests").rglob("test_*.py")) for name, skips in _tests_in(path)}


def _tests_in(path: Path) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(path.read_text())
    marked = [node.value for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.dump(node)]
    owners: list[ast.Module | ast.ClassDef] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
    for owner in owners:
        around = [*marked, *(owner.decorator_list if isinstance(owner, ast.ClassDef) else ())]
        for node in owner.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                yield node.name, _skips([*around, *node.decorator_list])


def _skips(marks: Iterable[ast.expr]) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr in SKIPPING for mark in marks for node in ast.walk(mark))


def page() -> str:
    parts = [_INTRODUCTION]
    for folder in folders():
        quality = read(folder)
        parts.append(f"## {folder.relative_to(ROOT / 'activities')}\n")
        promise = quality.port.replace(":", ".")
        parts.append(f"Port `{promise}`; adapters: {', '.join(quality.adapters)}.\n")
        parts += [f"* {_told(rule)}" for rule in quality.rules]
        parts[-1] += "\n"
    return "\n".join(parts)


def _told(rule: Rule) -> str:
    shown = ", ".join(f"`{name}`" for name in rule.done) if rule.done else f"exempt: {rule.exempt}"
    reasons: dict[str, list[str]] = {}
    for name, reason in rule.without.items():
        reasons.setdefault(reason, []).append(name)
    left_out = "; ".join(f"not {', '.join(names)}: {reason}" for reason, names in reasons.items())
    return f"{rule.rule}  \n  {shown}" + (f"  \n  {left_out}" if left_out else "")


_INTRODUCTION = """# Keep a contract

<!-- made by `make docs` from the files named quality.yaml; a test compares -->

A port is a promise to the code that calls it. Each folder of adapters has a `quality.yaml` that lists the rules of the promise, one by
one: `done` names the tests that show it, `exempt` says why none does, `without` names adapters that a rule leaves out, and why.

1. For a new adapter: its name in `adapters`. Make it a parameter of the tests that `done` names; what it cannot do goes into `without`.
2. For a new rule: a line in the port's docstring, a rule here, and a test whose name is the promise.
3. `make docs` rewrites the lists below. `tests/contracts/test_quality.py` fails when a test is gone, was renamed or is skipped
   whatever the machine has, when a registry knows an adapter that no list has, and when this page is not what the files say.
"""

if __name__ == "__main__":
    PAGE.write_text(page())
