"""Files written for the purpose: `weak: 78` marks a line with CWE-78, `fine: 78` a line that only looks like one.

`weak next:` is about the line below, where a comment cannot stand behind the code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.scans.findings.cwe import family
from domain.scans.findings.model import FindingKind

ROOT = Path(__file__).parent
FOLDERS = ("python", "other", "secrets", "infrastructure", "dependencies")
"""Those with labels on lines that scanners are measured on; the twins have labels of their own."""
_LABEL = re.compile(r"\s*(?:#|//)\s*(weak|fine)( next)?: ([\w -]+)$")


@dataclass(frozen=True)
class Label:
    path: str
    line: int
    weak: bool
    what: str
    """`CWE-78`, or the identifier of a vulnerability or of a check."""

    @property
    def family(self) -> str:
        return family(self.what)


def labels(*folders: str) -> Iterator[Label]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc" and path.relative_to(ROOT).parts[0] in (*FOLDERS, *folders):
                for number, line in enumerate(path.read_text().splitlines(), 1):
                    if found := _LABEL.search(line):
                        word, following, what = found.groups()
                        for one in what.split():
                            where = number + bool(following)
                            yield Label(
                                path.relative_to(ROOT).as_posix(),
                                where,
                                word == "weak",
                                f"CWE-{one}" if one.isdecimal() else one,
                            )


def bare(line: str) -> str:
    """Without its label."""
    return _LABEL.sub("", line).rstrip()


def kind(path: str) -> FindingKind:
    return _KINDS.get(path.partition("/")[0], FindingKind.SAST)


_KINDS = {
    "secrets": FindingKind.SECRET,
    "dependencies": FindingKind.VULNERABILITY,
    "infrastructure": FindingKind.MISCONFIGURATION,
}


def secret(line: str) -> str:
    """Stands for the HMAC of the value in a line."""
    return hashlib.sha256(max(re.findall(r"[A-Za-z0-9/+_.-]{8,}", line), key=len).encode()).hexdigest()


def package(line: str) -> str:
    name, _, version = line.partition("==")
    return f"pkg:pypi/{name.strip()}@{version.split()[0] if version else ''}"
