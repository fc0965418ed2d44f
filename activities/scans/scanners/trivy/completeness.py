"""What trivy should have said, and has not: it exits with 0 whatever it did not understand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from domain.core.documents import Node

PATTERNS = (
    "pip:(?i).*requirements.*\\.txt$",
    "dockerfile:(?i)(^|[/_.-])(docker|container)file([_-][a-z0-9_-]+)?\\s*$",
)
"""Names of files that trivy reads besides those that it knows: by default only requirements.txt and Dockerfile."""
MAX_BYTES = 1_000_000
_BUILD_FILE = re.compile(
    r"(?i)(?:.*[/_.-])?(?:docker|container)file(?:[_-][a-z0-9_-]+)?\s*|(?:.*/)?(?-i:Dockerfile|Containerfile)\..+"
)
_FROM = re.compile(rb"^\s*FROM\s+\S", re.I | re.M)
_REQUIREMENT = re.compile(r"^\s*[A-Za-z0-9][\w.-]*\s*(\[[^]]*\])?\s*([=<>!~;@#]|$)")
_REQUIREMENTS = re.compile(r".*requirements.*\.txt", re.I)


def unread(results: Iterable[Node], every: Iterable[Path], target: Path) -> frozenset[str]:
    """Paths of build files that its report of configurations does not have."""
    read = {result.need("Target").text() for result in results if result["Class"].text() == "config"}
    wanted = {path.relative_to(target).as_posix(): path for path in every}
    return frozenset(name for name, path in wanted.items() if name not in read and _is_build_file(name, path))


def _is_build_file(name: str, path: Path) -> bool:
    """By its name, and by the instruction without which there is no build."""
    if not _BUILD_FILE.fullmatch(name):
        return False
    with path.open("rb") as file:
        return bool(_FROM.search(file.read(MAX_BYTES)))


def unversioned(every: Iterable[Path], target: Path, packages: Mapping[str, int]) -> str:
    """The first file with requirements that were not looked up; empty: none. `packages`: path to number of packages."""
    for path in every:
        name = path.relative_to(target).as_posix()
        if not _REQUIREMENTS.fullmatch(name):
            continue
        wanted, known = _requirements(path), packages.get(name, 0)
        if known < wanted:
            few = f"{wanted - known} of {wanted} requirements in {name}"
            return f"{few} have no exact version (==), and were not looked at"
    return ""


def _requirements(path: Path) -> int:
    lines = path.read_text("utf-8", "replace").splitlines()
    return len([line for line in lines if _REQUIREMENT.match(line) and not line.lstrip().startswith("#")])
