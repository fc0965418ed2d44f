"""Commands that pages name are there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from workers.cli.main import cli

TEMPLATES = Path(__file__).parents[3] / "workers" / "console" / "templates"
NAMED = re.compile(r"`sluiceway ((?:[a-z-]+ ?)+)")


def named() -> set[str]:
    return {match[1].strip() for file in TEMPLATES.rglob("*.j2") for match in NAMED.finditer(file.read_text())}


@pytest.mark.parametrize("words", sorted(named()))
def test_a_command_that_a_page_names_is_there(words: str) -> None:
    command: click.Command = cli
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), word)
        assert found is not None, f"`sluiceway {words}`: there is no {word}"
        command = found
