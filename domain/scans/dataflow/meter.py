"""What an analysis may cost: every step counts what it does, so that no small program keeps it busy for long."""

from __future__ import annotations

from dataclasses import dataclass

MAX_STEPS = 100_000
"""Steps from one entry function; what is left then is named as not followed."""
MAX_TOTAL = 20_000_000
"""Steps of a whole project, two minutes or three; entries after that are named as not followed."""


class OverBudget(Exception):  # noqa: N818  (it ends one entry function)
    """An entry function took too many steps."""


@dataclass
class Meter:
    """One step is about the work of a plain expression, five microseconds."""

    steps: int = 0
    """Since the last entry function began."""
    total: int = 0
    """Of the entries before."""
    lossy: bool = False
    """Something was left out of a value since the last entry function began."""

    def spend(self, steps: int) -> None:
        """Counts steps.

        Raises:
            OverBudget: there are none left.
        """
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise OverBudget

    def begin(self) -> None:
        """The next entry function has steps of its own."""
        self.total += self.steps
        self.steps, self.lossy = 0, False

    @property
    def exhausted(self) -> bool:
        """Nothing more is entered."""
        return self.total > MAX_TOTAL
