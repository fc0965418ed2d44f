"""Long files are taken apart in a child process without rights, with limits of time and memory; short ones here."""

from __future__ import annotations

from activities.core import sandboxed
from activities.core import serialization as serial
from activities.core.sandboxed_child import Desk
from domain.scans.files.inside import Asked, Inside, inside
from domain.scans.files.model import FileKind

MAX_HERE = 500_000
"""Bytes of a notebook or a page that is taken apart in the worker itself: starting a child takes as long."""
MAX_LINES_HERE = 3_000_000
"""As MAX_HERE, of other files, which are only searched."""
_SAMPLES = (
    (Asked(FileKind.NOTEBOOK, "a.ipynb", "", ""), b'{"cells": [{"cell_type": "code", "source": "%%html\\n<p>"}]}'),
    (Asked(FileKind.TEMPLATE, "a.html", "", ""), b"<p onclick='&lt;eval(x)'><script>a</script>"),
    (Asked(FileKind.TEXT, "a.sh", "", ""), b"python -c 'import os'"),
    (Asked(FileKind.CODE, "a.py", "python", ".py"), b"try: f()\nexcept A, B: g({{ a }})\n"),
)


def read(asked: Asked, data: bytes) -> Inside:
    """What is in a file; one that breaks the limits is named."""
    heavy = asked.kind in (FileKind.NOTEBOOK, FileKind.TEMPLATE)
    if len(data) <= (MAX_HERE if heavy else MAX_LINES_HERE):
        return inside(asked, data)
    try:
        answer = sandboxed.pool(__name__).ask("inside", serial.dump(asked), content=lambda _: data)
        return serial.load(Inside, answer)
    except ValueError as beyond:
        return Inside(left=((f"it is not taken apart: {beyond}"[:500], True),))


def make_ready() -> None:
    """Loads what a child needs."""
    for asked, data in _SAMPLES:
        serial.dump(inside(serial.load(Asked, serial.dump(asked)), data))


def _inside(desk: Desk, asked: bytes) -> bytes:
    return serial.dump(inside(serial.load(Asked, asked), desk.file("")))


TASKS = {"inside": _inside}
"""Run by a child of `sandboxed`."""
