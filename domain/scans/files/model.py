"""What a file of a commit is."""

from __future__ import annotations

from dataclasses import dataclass
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
    HUGE = "huge"
    """Too big to be taken from a folder that is no repository."""


READABLE = frozenset(
    {
        FileKind.CODE,
        FileKind.TEXT,
        FileKind.NOTEBOOK,
        FileKind.TEMPLATE,
        FileKind.ARCHIVE,
        FileKind.UNREADABLE,
        FileKind.HUGE,
    }
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
