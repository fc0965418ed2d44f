"""An inventory that keeps nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from activities.inventory.port import ClusterLife
from domain.inventory.model import EventRow, ObjectRow, WatchRow


class NoWriter:
    """See `InventoryWriter`."""

    def names(self, cluster: str, kind: str) -> set[tuple[str, str]]:
        return set()

    def apply(self, cluster: str, changed: Sequence[ObjectRow], gone: Iterable[tuple[str, str, str]] = ()) -> None:
        pass

    def heard(self, row: WatchRow) -> None:
        pass

    def warn(self, cluster: str, events: Sequence[EventRow]) -> None:
        pass

    def end_events(
        self, cluster: str, about: Iterable[str], at: float, because: str, *, events: Iterable[str] = ()
    ) -> None:
        pass

    def going(self, cluster: str) -> Sequence[EventRow]:
        return ()

    def lives(self, life: ClusterLife) -> None:
        pass

    def forget(self, cluster: str) -> None:
        pass
