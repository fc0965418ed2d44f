"""What people who change the project rely on: hooks that fetch nothing, fragments that are read."""

from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
KINDS = {"added", "changed", "fixed", "security"}


def test_no_hook_is_fetched_from_elsewhere() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {entry["repo"] for entry in hooks} == {"local"}


def test_every_fragment_of_the_changelog_is_of_a_known_kind() -> None:
    for file in (ROOT / "docs" / "changes").glob("*.md"):
        assert file.name == "README.md" or file.name.split(".")[-2] in KINDS, file
