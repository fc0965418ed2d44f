"""Numbers and locks that entity workflows keep."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Gives each delivery the next number, and a repeated delivery the number it has.

    Of the last `keep` deliveries; a dict keeps insertion order, so the oldest falls out first.
    """

    last: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    keep: int = 1_000

    def known(self, delivery: str) -> int | None:
        return self.numbers.get(delivery)

    def next(self, delivery: str) -> int:
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


@dataclass
class Lock:
    """One holder at a time, the others in the order in which they asked."""

    holder: str = ""
    queue: list[str] = field(default_factory=list)

    def ask(self, who: str) -> bool:
        """Whether `who` holds the lock now. Asking again changes nothing."""
        if not self.holder:
            self.holder = who
        if self.holder != who and who not in self.queue:
            self.queue.append(who)
        return self.holder == who

    def release(self, who: str) -> str:
        """Gives up the lock or the place in the queue; returns the new holder if there is one."""
        if who in self.queue:
            self.queue.remove(who)
        if self.holder != who:
            return ""
        self.holder = self.queue.pop(0) if self.queue else ""
        return self.holder
