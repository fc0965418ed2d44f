"""Runs a renderer of others on a stranger's files: without network, and without any other file, process or right.

What a template can do there is to use up its time. Closed: where a machine cannot confine a program, none is run.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from activities.core import process
from activities.releases.rendering.confined_child import NOBODY, REFUSED
from activities.releases.rendering.port import MAX_TEXT, RENDER_S
from domain.core.errors import SluicewayError

CODE, UNABLE = "SLW965", "SLW967"
LIBRARIES = ("/lib", "/lib64", "/usr/lib")
MEMORY_MB = 2_000
_ROOT = Path(__file__).parents[3]
_ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "", "GOMAXPROCS": "2"}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that the program may write to, and nobody else reads."""
    with tempfile.TemporaryDirectory(prefix="sluiceway-render-") as made:
        folder = Path(made, "own")
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chmod(made, 0o711)  # noqa: S103  (passed through, not listed)
            os.chown(folder, NOBODY, NOBODY)
        yield folder


def program(name: str) -> str:
    """The path of a renderer.

    Raises:
        SluicewayError: SLW967, it is not on the worker's PATH.
    """
    found = shutil.which(name)
    if found is None:
        fix = f"install {name} on the worker's PATH; `deploy/go-tool {name}` builds one"
        raise SluicewayError(UNABLE, f"{name} is not installed on this worker", fix=fix)
    return os.path.realpath(found)


async def run(
    name: str, arguments: Sequence[str], checkout: Path, folder: Path, env: Mapping[str, str] | None = None
) -> bytes:
    """What the program prints. `folder`: of `scratch`; all that it writes is gone with it.

    Raises:
        SluicewayError: SLW965, it refuses, or goes beyond a limit; SLW967, it cannot be run here.
    """
    spec = {
        "program": program(name), "name": name, "arguments": list(arguments), "look": [str(checkout), *LIBRARIES],
        "write": [str(folder)], "bytes": MAX_TEXT,
        "env": {**_ENVIRONMENT, "HOME": str(folder), "TMPDIR": str(folder), **(env or {})},
    }  # fmt: skip
    child = str(Path(__file__).with_name("confined_child.py"))
    command = [sys.executable, "-I", "-B", child, str(_ROOT), json.dumps(spec)]
    with tempfile.TemporaryDirectory(prefix="sluiceway-render-") as outside:
        printed = Path(outside, "printed")
        key = Path(outside).name  # marks its processes
        ended = await process.run(
            command,
            cwd=Path(outside),
            env={"LANG": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
            timeout_s=RENDER_S,
            key=key,
            memory_mb=MEMORY_MB,
            network=True,  # the child gives it up itself, or ends
            stdout=printed,
        )
        told = ended.output.decode("utf-8", "replace").replace(str(checkout), ".").strip()
        if ended.exit_code == REFUSED:
            raise SluicewayError(UNABLE, f"this machine cannot keep {name} from its files and its network", why=told)
        if ended.stopped or ended.exit_code:
            why = ended.stopped or told[-600:] or _signal(ended.exit_code)
            raise SluicewayError(CODE, f"{name} cannot render the source", why=why)
        return printed.read_bytes()


def _signal(code: int) -> str:
    limits = ", as a program does that goes beyond its limits" if code < 0 else ""
    return f"it ended with {code}{limits}"
