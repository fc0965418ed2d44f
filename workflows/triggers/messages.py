"""Query and update answers of `pipeline/NAME`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DeliveryAnswer:
    """Number 0: no run was started, for the given reason."""

    number: int
    run: str = ""
    reason: str = ""
    repeated: bool = False
    problems: tuple[str, ...] = ()
    """Errors of the definition, if the delivery asked for them."""


@dataclass
class PipelineState:
    """The whole state of `pipeline/NAME`; carried over by continue-as-new."""

    name: str = ""
    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    """Run number to its last attempt, for recent reruns."""


@dataclass(frozen=True)
class RerunAnswer:
    """The new attempt, and which jobs run again."""

    run: str
    earlier: str
    again: dict[str, str] = field(default_factory=dict)
    """Job, cell or item to why it runs again; only the first of very many."""
    count: int = 0
    jobs: int = 0
    """Number of jobs in the plan."""
