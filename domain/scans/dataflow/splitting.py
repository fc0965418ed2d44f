"""Values that may be one of several objects or functions: each is looked at with a state of its own."""

from __future__ import annotations

from collections.abc import Callable

from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.state import State, baked, merged
from domain.scans.dataflow.values import UNKNOWN, Other, Several, Value


def each(value: Several, st: State, use: Callable[[Value, State], Value]) -> Value:
    """What `use` gives for any of them; afterwards that holds which holds whichever it was."""
    result: Value | None = Other(st.labels(value)) if value.more else None
    ends: list[State] = []
    for one in value.values:
        here = st.copy()
        found = use(one, here)
        ends.append(here)
        if here.alive:
            found = baked(found, here.facts)
            result = found if result is None else joined(result, found)
    after = merged(ends)
    if after is None:
        st.alive = False
        return UNKNOWN
    st.become(after)
    return UNKNOWN if result is None else result
