"""A pod that runs, as far as another manifest speaks of the same: so that a diff shows what somebody would change."""

from __future__ import annotations

from collections.abc import Mapping

from domain.core.values import Json

MASKED = "***"
HIDDEN = ("value", "command", "args", "stringData", "data")
"""Keys whose values a reader of a plan is not shown where they are another pod's."""


def like(live: Json, wanted: Json, key: str = "") -> Json:
    """What `live` has of the keys that `wanted` has, lists by their order; what differs in a hidden one is masked."""
    if key in HIDDEN and live != wanted:
        return MASKED if live is not None else None
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        return {name: like(live[name], wanted[name], name) for name in wanted if name in live}
    if isinstance(live, list | tuple) and isinstance(wanted, list | tuple):
        kept = [like(one, other) for one, other in zip(live, wanted, strict=False)]
        return [*kept, *(_named(one) for one in live[len(kept) :])]
    return live


def _named(one: Json) -> Json:
    """Something that the manifest does not have at all: by its name, or its kind of value."""
    if isinstance(one, Mapping):
        return {"name": one.get("name", MASKED)}
    return MASKED
