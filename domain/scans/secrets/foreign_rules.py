"""gitleaks' own configuration without what lets files through by their path: a repository chooses its paths."""

from __future__ import annotations

import re

_PATHS = re.compile(r"^paths = \[.*?^\]\n", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"(?=^\[\[)", re.MULTILINE)


def without_paths(text: str) -> str:
    """The same rules; neither the general list of paths nor an exception of a rule for paths is left in it."""
    return "".join(
        _PATHS.sub("", section) if not section.startswith("[[rules") else section
        for section in _SECTION.split(text)
        if not (section.startswith("[[rules.allowlists]]") and "\npaths = [" in section)
    )
