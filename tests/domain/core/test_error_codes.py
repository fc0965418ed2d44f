"""Each error code is explained once, is used, and is provoked by a test."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from domain.core.error_codes import BY_CODE, GROUPS
from domain.core.error_codes.page import explained, page
from tests.support.asserted import asserted
from workers.cli.main import COMMANDS

ROOT = Path(__file__).parents[3]
REGISTRY = ROOT / "domain" / "core" / "error_codes"
CODE = re.compile(r"SLW\d{3}")

NOT_PROVOKED: dict[str, str] = {}
"""Codes that no test provokes, and why none can."""


@cache
def _named(*folders: str) -> frozenset[str]:
    """Codes in the texts of programs; comments and docstrings do not count."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    others = [file for file in files if REGISTRY not in file.parents and file != Path(__file__)]
    return frozenset(code for file in others for code in _codes(file))


def _codes(file: Path) -> Iterator[str]:
    text = file.read_text()
    tree = ast.parse(text if CODE.search(text) else "")
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from CODE.findall(node.value)


def _used() -> frozenset[str]:
    return _named("domain", "pipeline_defs", "activities", "workflows", "workers")


def test_every_code_in_use_is_explained() -> None:
    assert sorted(_used() - BY_CODE.keys()) == []


def test_every_code_that_is_explained_is_in_use() -> None:
    assert sorted(BY_CODE.keys() - _used()) == []


def test_a_code_is_explained_once() -> None:
    counted = Counter(one.code for group in GROUPS.values() for one in group)
    assert [code for code, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("part", ["title", "why"])
def test_no_two_codes_share_their_text(part: str) -> None:
    counted = Counter(getattr(one, part) for one in BY_CODE.values())
    assert [text for text, times in counted.items() if times > 1] == []


def test_every_code_says_why_and_what_to_do() -> None:
    poor = [one.code for one in BY_CODE.values() if not (one.title and one.why.endswith(".") and one.fix.endswith("."))]
    assert poor == []


def test_the_page_is_made_from_the_codes() -> None:
    assert (ROOT / "docs" / "errors.md").read_text() == page(), "run `make docs`"


def test_one_code_is_explained_whatever_its_case() -> None:
    assert explained("slw801").startswith("SLW801: an object is not in the store\n  why: ")


def test_the_commands_that_are_advised_exist() -> None:
    advised = {found for one in BY_CODE.values() for found in re.findall(r"`sluiceway ([a-z]+)(?: ([a-z]+))?", one.fix)}
    wrong = [" ".join(words) for words in sorted(advised) if not _is_command(*words)]
    assert wrong == []


def _is_command(name: str, below: str) -> bool:
    if name not in COMMANDS:
        return False
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(importlib.import_module(f"workers.cli.{module}"), attribute)
    return not (below and isinstance(found, click.Group)) or below in found.commands


def test_the_pages_that_are_advised_exist() -> None:
    advised = {name for one in BY_CODE.values() for name in re.findall(r"docs/[\w-]+\.md", one.fix)}
    assert [name for name in sorted(advised) if not (ROOT / name).is_file()] == []


@cache
def _provoked() -> frozenset[str]:
    """Codes that an assertion expects; to name one, or to put it in with a stand-in's error, is not enough."""
    samples = ROOT / "tests" / "corpus"
    found = [file for file in (ROOT / "tests").rglob("*.py") if samples not in file.parents or file.parent == samples]
    texts = {file: file.read_text() for file in found if file != Path(__file__)}
    files = {file: text for file, text in texts.items() if "SLW" in text or not file.name.startswith("test_")}
    return frozenset(code for text in asserted(files) for code in CODE.findall(text))


def test_every_code_is_expected_by_an_assertion_of_a_test() -> None:
    assert sorted(BY_CODE.keys() - _provoked() - NOT_PROVOKED.keys()) == []


def test_an_exemption_is_needed_and_gives_a_reason() -> None:
    assert [code for code, reason in NOT_PROVOKED.items() if not reason or code in _provoked()] == []
    assert len(NOT_PROVOKED) < 10
