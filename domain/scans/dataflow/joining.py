"""What holds of either of two values: the value after two branches."""

from __future__ import annotations

from domain.scans.dataflow.values import (
    ANY,
    MAX_HIDDEN,
    MAX_SEVERAL,
    NONE,
    Code,
    Other,
    Ref,
    Several,
    Tuple,
    Value,
    alternatives,
    choice,
    flat,
    is_known,
    refs_in,
    scalars,
    united,
)

MAX_LIBRARIES = 4
"""Things of libraries among several values; tables of them are long, and each is looked at wherever one is used."""


def joined(one: Value, other: Value) -> Value:
    """What holds of both: the value after two branches."""
    if one is other:
        return one
    ones, others = scalars(one), scalars(other)
    if ones is not None and others is not None:
        return choice((*ones, *others))
    if ones == (None,) and not isinstance(other, Other):
        return other
    if others == (None,) and not isinstance(one, Other):
        return one
    if _is_one(one, other):
        return one
    if isinstance(one, Tuple) and isinstance(other, Tuple) and len(one.items) == len(other.items):
        return Tuple(tuple(map(joined, one.items, other.items)))
    if isinstance(one, _APART) or isinstance(other, _APART) or _is_apart(one, other):
        return _several(one, other)
    return _blurred(one, other)


_APART = (Ref, Code, Several)


def _is_one(one: Value, other: Value) -> bool:
    """The same object or function."""
    if isinstance(one, Ref) and isinstance(other, Ref):
        return one.oid == other.oid
    if isinstance(one, Code) and isinstance(other, Code) and one.info is other.info:
        mine, others = one.bound, other.bound
        return mine is others or (isinstance(mine, Ref) and isinstance(others, Ref) and mine.oid == others.oid)
    return False


def _is_apart(one: Value, other: Value) -> bool:
    """Two things of libraries, such as functions: which it is decides what a call does."""
    if not isinstance(one, Other) or not isinstance(other, Other) or one.taint or other.taint:
        return False
    return bool(one.name and other.name) and one.name != other.name and ANY not in (one.name, other.name)


def _several(one: Value, other: Value) -> Value:
    """All that either may be; what can be joined is."""
    found = list(alternatives(one))
    more = any(isinstance(each, Several) and each.more for each in (one, other))
    hidden: dict[tuple[int, int], None] = {}
    for each in (one, other):
        hidden |= dict.fromkeys(each.hidden) if isinstance(each, Several) else {}
    for each in alternatives(other):
        if id(each) in map(id, found):
            continue
        at = next((at for at, known in enumerate(found) if _joins(known, each)), None)
        if at is not None:
            found[at] = joined(found[at], each)
        elif len(found) < MAX_SEVERAL and not (isinstance(each, Other) and _libraries(found) >= MAX_LIBRARIES):
            found.append(each)
        else:
            more = True
            hidden.update(dict.fromkeys(refs_in(each)))
            found = [*found, Other(each.taint)] if each.taint else found
    if len(found) == 1:
        return found[0]
    if isinstance(one, Several) and one.more == more and one.hidden == tuple(hidden) and _all_are(one.values, found):
        return one
    return Several(tuple(found), more, tuple(hidden)[:MAX_HIDDEN])


def _libraries(values: list[Value]) -> int:
    return sum(isinstance(one, Other) for one in values)


def _all_are(values: tuple[Value, ...], found: list[Value]) -> bool:
    return len(values) == len(found) and all(one is other for one, other in zip(values, found, strict=True))


def _joins(one: Value, other: Value) -> bool:
    """They can be told by one value."""
    if isinstance(one, Tuple) and isinstance(other, Tuple):
        return len(one.items) == len(other.items)
    if isinstance(one, (Ref, Code, Tuple)) or isinstance(other, (Ref, Code, Tuple)):
        return _is_one(one, other) or NONE in (one, other)
    return not _is_apart(one, other)


def _common_name(one: str, other: str) -> str:
    if one == other or not (one and other):
        return one or other
    return ANY if ANY in (one, other) else one


def _blurred(one: Value, other: Value) -> Value:
    first, second = (one if isinstance(one, Other) else None), (other if isinstance(other, Other) else None)
    if first and second:
        if first.taint is second.taint and first.name == second.name and first.prefix == second.prefix:
            return first
        name = _common_name(first.name, second.name)
        tainted = [each for each in (first, second) if each.taint]
        return Other(
            united(first.taint, second.taint),
            name,
            prefix=first.prefix if first.prefix == second.prefix else "",
            lead=all(each.lead for each in tainted) and bool(tainted),
            sure=is_known(first) and is_known(second),
        )
    kept = first or second
    if kept is not None:
        other_taint = (other if first else one).taint
        name = "" if scalars(other if first else one) is not None and kept.taint else kept.name
        sure = is_known(one) and is_known(other)
        return Other(united(kept.taint, other_taint), name, prefix="", lead=kept.lead and bool(kept.taint), sure=sure)
    return Other(united(flat(one), flat(other)))
