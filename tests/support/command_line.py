"""The command line in this process: what it prints and how it ends, without half a second to start another one."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from workers.cli import main


@dataclass(frozen=True)
class Said:
    returncode: int
    stdout: str
    stderr: str


def sluiceway(*arguments: object, cwd: Path, env: Mapping[str, str]) -> Said:
    """What a person would see who gives this command in that folder."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.chdir(cwd),
        mock.patch.dict("os.environ", env),
        mock.patch.object(sys, "argv", ["sluiceway", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main._run()
    return Said(code, out.getvalue(), err.getvalue())
