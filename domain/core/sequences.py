"""Sequence numbers of entity workflows."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class IdempotentCounter:
    """Gives each delivery the next number; a repeated delivery gets its earlier number again.

    Keeps the last `keep` deliveries and drops the oldest first.
    """

    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    keep: int = 1_000

    def known(self, delivery: str) -> int | None:
        """The number of this delivery; None when it is new, or was dropped."""
        return self.numbers.get(delivery)

    def next(self, delivery: str, taken: int = 0) -> int:
        """The number of this delivery; a new delivery gets the next one, above those that records say are taken: a new
        Temporal may meet old records.
        """
        if delivery in self.numbers:
            return self.numbers[delivery]
        self.last = max(self.last, taken) + 1
        self.remember(delivery, self.last)
        return self.last

    def remember(self, delivery: str, number: int) -> None:
        """Number 0 stands for a delivery that started no run."""
        self.numbers[delivery] = number
        while len(self.numbers) > self.keep:
            del self.numbers[next(iter(self.numbers))]
