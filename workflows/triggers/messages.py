"""What `pipeline/NAME` answers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DeliveryAnswer:
    """Number 0: the delivery started nothing, for the reason given."""

    number: int
    run: str = ""
    reason: str = ""
    repeated: bool = False
    problems: tuple[str, ...] = ()
    """Errors of the definition, where the delivery asked to be rejected for them."""


@dataclass
class PipelineState:
    """All that `pipeline/NAME` knows; carried over by continue-as-new."""

    name: str = ""
    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    """Run's number to its last attempt, for runs that were run again lately."""


@dataclass(frozen=True)
class RerunAnswer:
    """The new attempt, and what of it runs again."""

    run: str
    earlier: str
    again: dict[str, str] = field(default_factory=dict)
    """Job, cell or item to why it runs again; of very many only the first."""
    count: int = 0
    jobs: int = 0
    """Of the plan."""
