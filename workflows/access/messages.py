"""Inputs, messages and answers of the witness of the audit."""

from __future__ import annotations

from dataclasses import dataclass, field

AUDIT_ID = "audit"
"""Workflow id: one for each namespace, and so for each engine."""
MOST_HEADS = 100


@dataclass(frozen=True)
class WitnessedHead:
    """A head of the log that the witness has seen, and that continues the one before."""

    size: int = 0
    root: str = ""
    """Base64."""
    note: str = ""
    """As it was signed."""


@dataclass
class WitnessState:
    """Of `audit`; carried over by continue-as-new."""

    heads: list[WitnessedHead] = field(default_factory=list)
    """The last ones, oldest first."""
    refused: str = ""
    """Why a head was not taken: the log that was shown does not continue the one that was seen; empty: all do."""


@dataclass(frozen=True)
class NewHead:
    """A checkpoint, with the proof that it continues what the witness has seen."""

    size: int
    root: str
    note: str
    old: int = 0
    """Size of the head that the witness has."""
    proof: tuple[str, ...] = ()
    """Base64."""


@dataclass(frozen=True)
class WitnessAnswer:
    """What the witness has now: what was told, unless it has another size than `old`, or refuses."""

    head: WitnessedHead = WitnessedHead()
    refused: str = ""
