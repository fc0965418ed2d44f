"""Numbers that entity workflows keep."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class IdempotentCounter:
    """Gives each delivery the next number, and a repeated delivery the number it has.

    Of the last `keep` deliveries; a dict keeps insertion order, so the oldest falls out first.
    """

    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    keep: int = 1_000

    def known(self, delivery: str) -> int | None:
        """The number that this delivery got; None: it is new, or so old that it was forgotten."""
        return self.numbers.get(delivery)

    def next(self, delivery: str) -> int:
        """The number of this delivery; a new one gets the next."""
        if delivery in self.numbers:
            return self.numbers[delivery]
        self.last += 1
        self.remember(delivery, self.last)
        return self.last

    def remember(self, delivery: str, number: int) -> None:
        """Number 0 stands for a delivery that started nothing."""
        self.numbers[delivery] = number
        while len(self.numbers) > self.keep:
            del self.numbers[next(iter(self.numbers))]
