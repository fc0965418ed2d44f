"""What a result of another tool means for us. Sections are those of SARIF 2.1.0 (OASIS)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Meaning(StrEnum):
    """What becomes of an imported result."""

    FAILURE = "failure"
    """A finding with the severity of its rule."""
    REMARK = "remark"
    """A finding of severity info: people may look at it, and it blocks nothing from low upwards."""
    NOTHING = "nothing"
    """No finding."""


_REMARKS = ("informational", "open", "review")
_NOTHING = ("pass", "notApplicable")


def meaning(kind: str, baseline_state: str) -> Meaning:
    """The meaning of `kind` (3.27.9) and `baselineState` (3.27.24). An unknown word is a failure.

    A level beside another kind than fail is against the standard (3.27.10) and changes nothing.
    """
    if baseline_state == "absent" or kind in _NOTHING:
        return Meaning.NOTHING
    return Meaning.REMARK if kind in _REMARKS else Meaning.FAILURE


def suppressed_by_tool(statuses: Collection[str]) -> bool:
    """Whether a tool's suppressions (3.27.23) hold: there is one, and each is accepted or has no status (3.35.3)."""
    return bool(statuses) and all(status in ("", "accepted") for status in statuses)
