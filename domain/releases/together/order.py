"""Which services of one release call which: a service that is called moves first, and goes back last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

MOST_SERVICES = 20

Needs = Mapping[str, Sequence[str]]
"""Service to the services that it calls."""


def order(needs: Needs) -> tuple[str, ...]:
    """All services, each after those that it calls; ties in the order of the definition. Call `complaints` first."""
    known = {name: [one for one in needs if one in called] for name, called in needs.items()}
    return tuple(TopologicalSorter(known).static_order())


def levels(needs: Needs) -> tuple[tuple[str, ...], ...]:
    """The same in groups: each service is in the first one after all that it calls."""
    found: dict[str, int] = {}
    for name in order(needs):
        found[name] = max((found[one] + 1 for one in needs[name]), default=0)
    return tuple(tuple(name for name in found if found[name] == depth) for depth in range(max(found.values()) + 1))


def callers(needs: Needs, service: str) -> tuple[str, ...]:
    """The services that call one directly."""
    return tuple(name for name, called in needs.items() if service in called)


def complaints(needs: Needs) -> Iterator[tuple[str, str]]:
    """What is wrong with the calls: a service (empty: all of them), and a sentence."""
    if not 2 <= len(needs) <= MOST_SERVICES:
        yield "", f"a release of several services has 2 to {MOST_SERVICES}, not {len(needs)}"
        return
    unknown = [(name, one) for name, called in needs.items() for one in called if one not in needs]
    yield from ((name, f"it needs '{one[:80]}', which is none of {', '.join(needs)}") for name, one in unknown)
    try:
        tuple(TopologicalSorter(needs).static_order())
    except CycleError as found:
        cycle = list(found.args[1])
        yield cycle[0], f"services that call each other in a circle have no order: {' -> '.join(reversed(cycle))}"
