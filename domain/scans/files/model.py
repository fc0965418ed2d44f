"""The files of a commit by kind and class, and what nothing has looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.scans.findings.model import FileClass


class FileKind(StrEnum):
    """What is in a file, by its bytes and its name."""

    CODE = "code"
    TEXT = "text"
    NOTEBOOK = "notebook"
    TEMPLATE = "template"
    """Text with code of another language in it: HTML, single-file components, server templates."""
    ARCHIVE = "archive"
    """Files in a file: zip, tar, wheels, or one compressed file."""
    IMAGE = "image"
    BINARY = "binary"
    EMPTY = "empty"
    LFS_POINTER = "LFS pointer"
    SUBMODULE = "submodule"
    LINK = "link"
    SPECIAL = "special"
    """A pipe, a socket, a device."""
    UNREADABLE = "unreadable"


READABLE = frozenset(
    {FileKind.CODE, FileKind.TEXT, FileKind.NOTEBOOK, FileKind.TEMPLATE, FileKind.ARCHIVE, FileKind.UNREADABLE}
)
"""Kinds in which a reviewer could have read something: unscanned, they leave a scan incomplete."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of what is scanned."""

    path: str
    """Relative to the target; bytes that are not UTF-8 as `surrogateescape` has them."""
    kind: FileKind
    language: str = ""
    """Of code, by name or shebang; of an archive, its format. Empty: none, or unknown."""
    file_class: FileClass = FileClass.OWN
    size: int = 0
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Unscanned:
    """A file, or a part of one, that nothing fitting has looked at."""

    path: str
    reason: str
    gap: bool = True
    """Whether the scan is incomplete because of it."""


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What a scan was about. Empty where no source was scanned, such as for an image."""

    files: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Files per FileKind."""
    classes: dict[str, int] = field(default_factory=dict)
    """Files per FileClass."""
    languages: dict[str, int] = field(default_factory=dict)
    """Files of code per language."""
    inner: int = 0
    """Pieces of code and text that were read within notebooks, templates and archives."""
    unscanned: tuple[Unscanned, ...] = ()
    """At most MAX_UNSCANNED of them, those that leave a gap first."""
    unscanned_count: int = 0
    gaps: int = 0
    """How many of them leave the scan incomplete."""
    ignored: int = 0
    """Files that git ignores, and that were left out."""


MAX_UNSCANNED = 200
