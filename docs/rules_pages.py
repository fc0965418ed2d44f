"""Writes docs/rules from the table of weaknesses, and removes pages of none. Called by `make docs`."""

from __future__ import annotations

from pathlib import Path

from domain.scans.rules.pages import pages

FOLDER = Path(__file__).parent / "rules"


def main() -> None:
    """Every page again."""
    FOLDER.mkdir(exist_ok=True)
    made = dict(pages())
    for name, text in made.items():
        (FOLDER / name).write_text(text)
    for old in FOLDER.glob("*.md"):
        if old.name not in made:
            old.unlink()


if __name__ == "__main__":
    main()
