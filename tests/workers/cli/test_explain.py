"""`sluiceway explain` tells what a code means."""

from __future__ import annotations

from click.testing import CliRunner

from workers.cli.main import cli


def test_a_code_is_explained_with_its_reason_and_its_remedy() -> None:
    done = CliRunner().invoke(cli, ["explain", "SLW803"])
    assert done.exit_code == 0
    assert done.output.startswith("SLW803: the store is full\n")
    assert "sluiceway gc" in done.output


def test_an_unknown_code_is_an_error_of_usage() -> None:
    done = CliRunner().invoke(cli, ["explain", "SLW999"])
    assert done.exit_code == 2
    assert "docs/errors.md" in done.output
