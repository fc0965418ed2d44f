"""The view: each readable file of any tree is in it, or named; and it leads back to where everything was."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.scans.view.view import View, build
from domain.scans.files.model import FileKind
from tests.support.profile import times

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..", ".git") and len(name.encode()) < 200
)
SUFFIXES = st.sampled_from(["", ".py", ".PY", ".js", ".mts", ".ipynb", ".html", ".vue", ".zip", ".pyc", ".txt", ".go"])
CODE = st.sampled_from(["import os\nos.system(x)\n", "f(\n", "x = 1\r# a\rf()\n", "# coding: utf-7\nx\n", "a <- 1"])
NOTEBOOKS = st.lists(CODE, max_size=3).map(
    lambda cells: json.dumps(
        {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    ).encode()
)


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return made.getvalue()


PLAIN = st.binary(max_size=60) | CODE.map(str.encode) | CODE.map(lambda text: text.encode("utf-16")) | NOTEBOOKS
DATA = PLAIN | st.dictionaries(st.tuples(NAMES, SUFFIXES).map("".join), PLAIN, max_size=3).map(zipped)
TREES = st.dictionaries(st.tuples(NAMES, NAMES, SUFFIXES), DATA, max_size=5)


def made(tree: dict[tuple[str, str, str], bytes], folder: Path) -> View:
    root = folder / "target"
    root.mkdir()
    for (above, name, suffix), data in tree.items():
        (root / above).mkdir(exist_ok=True)
        (root / above / f"{name}{suffix}").write_bytes(data)
    return build(root, folder / "view")


@settings(max_examples=times(20, 60), deadline=None)
@given(TREES)
def test_each_readable_file_of_any_tree_is_in_the_view_or_named(tree):
    with tempfile.TemporaryDirectory() as folder:
        view = made(tree, Path(folder))
        inside = {unit.path for unit in view.units.values()}
        named = {one.path.partition("!")[0] for one in view.unscanned}

        assert {entry.path for entry in view.entries} == {f"{above}/{name}{suffix}" for above, name, suffix in tree}
        for entry in view.entries:
            if entry.kind in (FileKind.CODE, FileKind.TEXT, FileKind.NOTEBOOK, FileKind.TEMPLATE):
                assert entry.path in inside | named


@settings(max_examples=times(20, 60), deadline=None)
@given(TREES)
def test_each_file_of_the_view_is_a_plain_file_of_it_and_leads_back(tree):
    with tempfile.TemporaryDirectory() as folder:
        view = made(tree, Path(folder))
        there = {path.relative_to(view.root).as_posix() for path in view.root.rglob("*") if path.is_file()}
        entries = {entry.path for entry in view.entries}

        assert there == set(view.units)
        for name, unit in view.units.items():
            assert unit.path in entries
            lines = (view.root / name).read_bytes().count(b"\n") + 1
            assert all(unit.place(line).line >= 1 for line in range(1, lines + 1))


@settings(max_examples=times(10, 30), deadline=None)
@given(TREES)
def test_the_same_tree_has_the_same_view(tree):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, second = made(tree, Path(one)), made(tree, Path(other))

        assert {name: (first.root / name).read_bytes() for name in first.units} == {
            name: (second.root / name).read_bytes() for name in second.units
        }


def test_a_file_more_renames_no_other_in_the_view(tmp_path):
    tree = {("a", "b", ".PY"): b"x = 1\n", ("c", "d e", ".py"): b"y = 1\n"}
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    before = made(tree, tmp_path / "one")
    after = made({("a", "a", ".PY"): b"z = 1\n", **tree}, tmp_path / "two")

    assert before.units.items() <= after.units.items()


def test_a_file_with_the_name_of_the_views_own_folder_is_in_it(tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "_").write_text("words\n")
    (tmp_path / "target" / "a.PY").write_text("x = 1\n")

    view = build(tmp_path / "target", tmp_path / "view")

    assert not view.unscanned
    assert sorted(unit.path for unit in view.units.values()) == ["_", "a.PY"]


def test_a_page_in_a_language_without_rules_and_commands_in_it_are_both_read(tmp_path):
    tree = {("a", "b", ".php"): b"<?php a() ?>\n<script>eval(x)</script>\n<!-- python3 -c 'import os' -->"}
    view = made(tree, tmp_path)

    assert sorted(Path(name).suffix for name in view.units) == [".js", ".php", ".py"]


def test_python_is_found_behind_a_name_of_something_else_and_control_bytes(tmp_path):
    code = b"import os\nos.system(x)\n"
    cells = json.dumps(
        {"metadata": {"a": "b" * 140_000}, "nbformat": 4, "cells": [{"source": code.decode()}], "c": "d" * 140_000}
    )
    tree = {
        ("a", "shebang", ".html"): b"#!/usr/bin/env python3\nf(\n",
        ("a", "page", ".html"): code,
        ("a", "bytes", ""): b"#" + b"\x01\x02" * 9_000 + b"\n" + code,
        ("a", "return", ""): b"# a\r" + code,
        ("a", "cells", ".json"): cells.encode(),
        (
            "a",
            "escaped",
            ".json",
        ): b'{"c\\u0065lls": [{"cell_type": "code", "source": "import os"}], "nbform\\u0061t": 4}',
    }
    view = made(tree, tmp_path)

    assert {unit.path for name, unit in view.units.items() if name.endswith(".py")} == {
        f"a/{name}{suffix}" for _, name, suffix in tree
    }
    assert any(b"# a\nimport os" in (view.root / name).read_bytes() for name in view.units)


def test_packed_data_that_only_its_name_tells_is_named(tmp_path):
    view = made({("a", "app.js", ".br"): bytes(range(256)) * 9}, tmp_path)

    assert [(one.path, one.gap) for one in view.unscanned] == [("a/app.js.br", True)]


def test_a_file_is_read_by_the_names_that_links_give_it(tmp_path):
    root = tmp_path / "target"
    root.mkdir()
    (root / "data.txt").write_text("eval(x)\n")
    (root / "page.txt").write_text("<p>\n<script>eval(x)</script>\n")
    (root / "run.js").symlink_to("data.txt")
    (root / "page.html").symlink_to("./page.txt")
    (root / "out.js").symlink_to("../../secret.txt")

    view = build(root, tmp_path / "view")

    assert sorted((unit.path, Path(name).suffix) for name, unit in view.units.items() if name.endswith(".js")) == [
        ("data.txt", ".js"),
        ("page.txt", ".js"),
    ]
