"""What people have said that is remembered for a time: so much of each, so that nobody forgets what others said."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass
class HeldEach(Generic[K, V]):
    """By key; of each person the newest `most`."""

    most: int
    _of: dict[K, tuple[str, V]] = field(default_factory=dict)
    _by: dict[str, dict[K, None]] = field(default_factory=dict)
    """Each person's keys, oldest first."""

    def put(self, key: K, value: V, person: str) -> None:
        """Whose it is now. Whoever has too many loses their own oldest."""
        self._drop(key)
        own = self._by.setdefault(person, {})
        own[key], self._of[key] = None, (person, value)
        if len(own) > self.most:
            self._drop(next(iter(own)))

    def get(self, key: K) -> V | None:
        """None: it was not said, or is forgotten."""
        found = self._of.get(key)
        return found[1] if found else None

    def __len__(self) -> int:
        return len(self._of)

    def _drop(self, key: K) -> None:
        if (before := self._of.pop(key, None)) is None:
            return
        own = self._by[before[0]]
        del own[key]
        if not own:
            del self._by[before[0]]
