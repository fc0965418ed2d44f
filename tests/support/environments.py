"""Registers the environments that a definition names, as an administrator does before the first run."""

from __future__ import annotations

import re
from pathlib import Path

DEVELOPER = "developer"
ADDRESS = "developer@example.org"
"""Who makes the commits of the repositories of tests."""
ENVIRONMENT = re.compile(r"\benvironment: *([a-z0-9-]+)\b")


def registered(repository: Path) -> None:
    """By the command, for a repository whose definition is run by a command; and who makes its commits."""
    from tests.support.command_line import call, said

    said("identity", "add", DEVELOPER, "--email", ADDRESS)
    for name in sorted({*ENVIRONMENT.findall((repository / "sluiceway.yaml").read_text())}):
        code, _, err = call("environment", "add", name)
        assert code == 0 or "SLW067" in err, err
