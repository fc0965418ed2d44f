"""Trees in which weak code is hidden: archives, notebooks, and plain files."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

WEAK = "import os\n\n\ndef f(x):\n    os.system('ls ' + x)  # nosec\n"
SCRIPT = "document.write(location.hash)  // nosemgrep\n"
W, S = WEAK.encode(), SCRIPT.encode()


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        for name, data in members:
            opened.writestr(name, data)
    return made.getvalue()


def tarred(mode: str, *members: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as opened:  # type: ignore[call-overload]
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            opened.addfile(info, io.BytesIO(data))
    return made.getvalue()


def notebook(code: str, **more: object) -> bytes:
    cells = [{"cell_type": "markdown", "source": "words"}, {"cell_type": "code", "source": code.splitlines(True)}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, **more}, indent=1).encode()


def write(root: Path, path: str, data: bytes) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
