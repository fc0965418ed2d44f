"""What the first comment of an example tells people to type."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "pipeline_defs" / "examples"
FILES = sorted(EXAMPLES.rglob("*.yaml"))
INDENT = "#     "


def first_comment(file: Path) -> list[str]:
    lines = file.read_text().splitlines()
    return lines[: next(number for number, line in enumerate(lines) if not line.startswith("#"))]


def commands(file: Path) -> list[str]:
    """Its indented lines, in their order."""
    return [line.removeprefix(INDENT) for line in first_comment(file) if line.startswith(INDENT)]


def named(file: Path) -> str:
    return str(file.relative_to(EXAMPLES))
