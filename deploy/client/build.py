"""Builds the thin client: the same command line with the modules that a server needs no engine for.

`python deploy/client/build.py OUTPUT` writes `sluiceway_client-VERSION-py3-none-any.whl`. What is in it follows from
the imports of its roots; a module that would pull in the engine fails the build.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN = ("domain", "workers", "activities", "workflows", "pipeline_defs")
FAR = (
    *(
        "domain",
        "workers.cli.host",
        "workers.cli.main",
        "workers.remote",
        "workers.client.ports",
        "workers.views",
    ),
    *("workers.client.following", "workers.client.audit_memory"),
)
"""What functions may import; what else they import is of the engine's machine, and never reached far from it."""
ALLOWED = (*FAR, "workers.cli", "workers.core")
"""What modules may import when they are loaded."""
LIBRARIES = ("click", "cryptography", "httpx2", "msgspec", "websockets")
"""What it brings: nothing else may be imported when a module is loaded."""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "sluiceway-client"
version = "{version}"
description = "The command line of Sluiceway for a server far away."
readme = "README.md"
license = "Apache-2.0"
requires-python = "{python}"
classifiers = ["Private :: Do Not Upload"]
dependencies = {libraries}

[project.scripts]
sluiceway = "workers.cli.main:main"

[tool.hatch.build.targets.wheel]
packages = ["domain", "workers"]
"""


def roots() -> list[str]:
    """Modules of the commands that a server does, or that ask nobody."""
    sys.path.insert(0, str(ROOT))
    from workers.cli import main, placed

    named = {**main.COMMANDS, **{name: (place, "") for name, place in (placed.SERVED | placed.TEXTS).items()}}
    asking = [named[name][0] for name in named.keys() - placed.HOST - (placed.LOCAL - placed.TEXTS.keys())]
    return ["workers.cli.main", *(f"workers.cli.{place.partition(':')[0]}" for place in sorted(asking))]


def modules() -> list[Path]:
    """Files of the client, relative to the root.

    Raises:
        SystemExit: a module at its top imports what is not allowed.
    """
    waiting = [one for root in roots() for one in _named(root)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        waiting += _packages(file)
        for name, top in _imports(file):
            if name.partition(".")[0] not in OWN:
                if top and not _is_of(name, (*LIBRARIES, *sys.stdlib_module_names)):
                    sys.exit(f"{file} imports {name}, which the client does not bring")
            elif _is_of(name, ALLOWED if top else FAR):
                waiting += _named(name)
            elif top:
                sys.exit(f"{file} imports {name}, which the client has no place for")
    return sorted(found)


def _is_of(name: str, packages: Sequence[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in packages)


def _named(name: str) -> list[Path]:
    """The file of a module or package; of `package.*` all of its modules; nothing for what a module has inside."""
    path = ROOT / Path(*name.removesuffix(".*").split("."))
    if name.endswith(".*"):
        return [one.relative_to(ROOT) for one in sorted(path.glob("*.py"))]
    files = (path.with_suffix(".py"), path / "__init__.py")
    return [one.relative_to(ROOT) for one in files if one.is_file()][:1]


def _packages(file: Path) -> Iterator[Path]:
    for parent in file.parents:
        if (ROOT / parent / "__init__.py").is_file():
            yield parent / "__init__.py"


def _imports(file: Path) -> Iterator[tuple[str, bool]]:
    """Modules that a file imports, and whether it does so when it is loaded."""
    tree = ast.parse((ROOT / file).read_text())
    typing = {id(one) for node in ast.walk(tree) if _is_typing(node) for one in ast.walk(node)}
    inside = {id(one) for node in ast.walk(tree) if _is_function(node) for one in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in typing or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in names:
            yield name, id(node) not in inside


def _is_typing(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def project() -> str:
    """The description of the wheel, with the versions of the engine's."""
    engine = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = [one for one in engine["dependencies"] if one.partition("==")[0] in LIBRARIES]
    return PROJECT.format(version=engine["version"], python=engine["requires-python"], libraries=pinned)


def build(output: Path) -> None:
    """Writes the wheel into a folder."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        for file in modules():
            (stage / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, stage / file)
        shutil.copyfile(Path(__file__).with_name("README.md"), stage / "README.md")
        shutil.copyfile(ROOT / "LICENSE", stage / "LICENSE")
        (stage / "pyproject.toml").write_text(project())
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(output.absolute())]
        subprocess.run(command, cwd=stage, check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
