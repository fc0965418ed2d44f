"""Each row of the security model names a test that exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security-model.md").read_text()
ACTORS = (
    "A stranger at the server",
    *("A stranger on the network", "A local user", "The author of a pull request", "An author on a protected branch"),
    *("An approver", "A release manager", "An administrator", "A compromised job", "A compromised worker"),
    "A compromised database",
)
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows() -> Iterator[str]:
    for line in PAGE.splitlines():
        if line.startswith("| ") and not line.startswith(("| he tries |", "| it tries |", "| it says |")):
            yield line


@pytest.mark.parametrize("actor", ACTORS)
def test_each_actor_has_its_table(actor: str) -> None:
    section = PAGE.partition(f"\n## {actor}\n")[2].partition("\n## ")[0]
    assert _NAMED.search(section)


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: row[2:60])
def test_each_row_names_a_test_that_exists(row: str) -> None:
    named = _NAMED.findall(row)
    assert named
    for file, name in named:
        text = (ROOT / file).read_text()
        assert not name or f"def {name}(" in text, f"{file} has no {name}"
