"""A machine that has the thin client and its libraries, and nothing of the engine."""

from __future__ import annotations

import importlib.metadata as metadata
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def _needed(names: list[str]) -> set[str]:
    """Distributions with what they need, without extras."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform or version
        found.add(name)
        names += [re.split(r"[^A-Za-z0-9_.-]", one)[0] for one in needs if "extra ==" not in one]
    return found


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program `sluiceway` of an environment with the wheel and its libraries alone."""
    folder = tmp_path_factory.mktemp("machine")
    subprocess.run([sys.executable, ROOT / "deploy/client/build.py", folder], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, packages], check=True)
    about = metadata.Distribution.at(next(packages.glob("sluiceway_client-*.dist-info")))
    for name in _needed([re.split(r"[=<>]", one)[0] for one in about.requires or []]):
        for file in metadata.files(name) or ():
            top = file.parts[0]
            source, target = Path(str(file.locate())), packages / top
            if top != ".." and not target.exists():
                target.symlink_to(source.parents[len(file.parts) - 2] if len(file.parts) > 1 else source)
    program = folder / "venv" / "bin" / "sluiceway"
    program.write_text(f"#!{folder}/venv/bin/python\nfrom workers.cli.main import main\nmain()\n")
    program.chmod(0o755)
    return program
