"""Labels (MAC): levels, compartments and integrity. No grant and no policy passes them.

Bell and LaPadula (1973) for confidentiality, Biba (1977) for integrity.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.core import names

MAX_LEVEL = 9
MAX_COMPARTMENTS = 32


@dataclass(frozen=True, kw_only=True)
class Label:
    """Of a person: what they are cleared for. Of a resource: what it takes to see it."""

    level: int = 0
    """0 to 9; higher is more secret."""
    compartments: frozenset[str] = frozenset()
    integrity: int = 1
    """Of resources: 0, what comes from strangers; 1, what is trusted."""

    def clears(self, other: Label) -> bool:
        """Whether whoever has this label may see what has the other (the lattice's order)."""
        return self.level >= other.level and self.compartments >= other.compartments


PUBLIC = Label()


def together(labels: Iterable[Label]) -> Label:
    """What belongs to several is as secret as the most secret, and as trusted as the least trusted."""
    level, compartments, integrity = 0, frozenset[str](), 1
    for one in labels:
        level, integrity = max(level, one.level), min(integrity, one.integrity)
        compartments |= one.compartments
    return Label(level=level, compartments=compartments, integrity=integrity)


def problem(label: Label) -> str:
    """Why a label cannot be set; empty: it can."""
    if not 0 <= label.level <= MAX_LEVEL:
        return f"a level is 0 to {MAX_LEVEL}"
    if label.integrity not in (0, 1):
        return "integrity is 0 or 1"
    if len(label.compartments) > MAX_COMPARTMENTS:
        return f"at most {MAX_COMPARTMENTS} compartments"
    wrong = [one for one in sorted(label.compartments) if not names.is_name(one)]
    return f"{wrong[0][:80]!r} is no name of a compartment" if wrong else ""
