"""A long file is taken apart in a child process as a short one is here; one that breaks the limits is named."""

import json

import pytest

from activities.core import sandboxed
from activities.scans.view import reading
from domain.scans.files.inside import Asked, inside
from domain.scans.files.model import FileKind

FILES = (
    (Asked(FileKind.NOTEBOOK, "a.ipynb", "", ""), json.dumps({"cells": [{"source": "f('\ud800')\n!ls"}]}).encode()),
    (Asked(FileKind.NOTEBOOK, "a.ipynb", "", ""), b"{"),
    (Asked(FileKind.TEMPLATE, "a.html", "", ""), b"<p onclick='//&#10;eval(x)'>"),
    (Asked(FileKind.TEMPLATE, "a.html", "", ""), b"<meta charset=gbk><script>eval(x)</script>"),
    (Asked(FileKind.CODE, "a.py", "python", ".py"), b"# a\rf()\n"),
    (Asked(FileKind.CODE, "a.py", "python", ".py"), b"# coding: unheard-of\nf()\n"),
    (Asked(FileKind.CODE, "a.php", "php", ""), b"<script>eval(x)</script>\xff python -c 'f()'"),
)


def test_a_child_reads_what_is_read_here(monkeypatch):
    monkeypatch.setattr(reading, "MAX_HERE", -1)
    monkeypatch.setattr(reading, "MAX_LINES_HERE", -1)

    for asked, data in FILES:
        assert reading.read(asked, data) == inside(asked, data)


def test_a_file_that_breaks_the_limits_is_named(monkeypatch):
    def refuse(*args: object, **more: object) -> bytes:
        raise sandboxed.BeyondLimitsError("it took too long")

    monkeypatch.setattr(reading, "MAX_HERE", -1)
    monkeypatch.setattr(reading, "MAX_LINES_HERE", -1)
    monkeypatch.setattr(sandboxed.Pool, "ask", refuse)
    ((why, gap),) = reading.read(*FILES[0]).left

    assert gap
    assert "took too long" in why


@pytest.mark.parametrize(("asked", "data"), FILES)
def test_what_is_in_a_file_can_be_written(asked, data):
    found = inside(asked, data)

    assert all(piece.text.encode() for piece in found.pieces)
