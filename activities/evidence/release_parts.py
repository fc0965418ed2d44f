"""The clusters or services of a release over many, as a run's report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from activities.storage.port import Store
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.judge.told import Told, told


@dataclass(frozen=True, kw_only=True)
class PartFacts:
    """One of them, as it ended."""

    name: str
    wave: int
    """From 1; of services: their turn."""
    standing: str
    requests: int = 0
    """That its new version was judged by; 0: none, or its ticks are not kept any more."""
    evidence: str = ""
    """Of the metric that was nearest to its threshold."""
    since: str = ""
    """The time of day, UTC."""
    reason: str = ""


def parts_of(result: Node, results: Mapping[str, Node], store: Store) -> Iterator[PartFacts]:
    """In the order of their turn. `results`: release to what it ended with, of the parts themselves.

    Raises:
        SluicewayError: the store is away for now.
    """
    for name, one in result["clusters"].fields():
        own = results.get(one["release"].text(), Node())
        worst = max(_evidence(own["ticks"].text(), store), key=lambda each: each.nearness, default=None)
        since = one["since"].number()
        yield PartFacts(
            name=name,
            wave=one["wave"].whole(),
            standing=one["standing"].text(),
            requests=worst.new[1] if worst else 0,
            evidence=str(worst or ""),
            since=f"{datetime.fromtimestamp(since, UTC):%H:%M:%S}" if since else "",
            reason=one["reason"].text(),
        )


def _evidence(digest: str, store: Store) -> tuple[Told, ...]:
    try:
        return told(store.get(digest)) if digest else ()
    except SluicewayError as gone:
        if gone.transient:
            raise
        return ()
