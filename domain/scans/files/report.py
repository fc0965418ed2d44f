"""What a scan was about, and what nothing has looked at: kept with its report."""

from __future__ import annotations

from dataclasses import dataclass, field


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
