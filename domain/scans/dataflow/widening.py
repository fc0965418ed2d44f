"""What is still known of a loop's variables when they change from round to round: enough for the loop to settle."""

from __future__ import annotations

from collections.abc import Callable

from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.state import Obj, State, joined_objects, same_object
from domain.scans.dataflow.values import (
    ANY,
    Choice,
    Const,
    Other,
    Ref,
    Several,
    Tuple,
    Value,
    alternatives,
    is_known,
    same,
    united,
)

Place = Callable[[object], tuple[int, int]]
"""The place of the list that stands for a variable's tuples."""


def widened(before: State, after: State, place: Place) -> None:
    """What has changed since the last round is no longer a certain constant or text; tuples become lists."""
    for name, value in list(after.env.items()):
        known = before.env.get(name)
        if known is not None and not same(known, value):
            after.env[name] = _loosened(_nameless(value, known), name, after, place)
    for oid, one in list(after.heap.items()):
        content = before.heap.get(oid)
        if content is not None and not same_object(content, one):
            after.heap[oid] = _loosened_object(one, oid, after, place)


def _nameless(value: Value, known: Value) -> Value:
    """Names that grow with each round, such as `node.next.next`, say nothing."""
    if type(value) is Other and isinstance(known, Other) and known.name != value.name:
        return Other(value.taint, ANY, base=value.base, sure=value.sure)
    if not isinstance(value, Several):
        return value
    plain = [one for one in value.values if type(one) is Other]
    rest = [one for one in value.values if type(one) is not Other]
    if len(plain) < 2:
        return value
    other: Value = Other(united(*(one.taint for one in plain)), ANY, sure=all(map(is_known, plain)))
    return Several((*rest, other), value.more, value.hidden) if rest else other


def _loosened(value: Value, name: object, st: State, place: Place) -> Value:
    """Its labels and objects, without what is known of its content."""
    if isinstance(value, Const | Choice):
        return Other(sure=True)
    if type(value) is Other:
        return Other(value.taint, value.name, base=value.base, sure=value.sure)
    tuples = [one for one in alternatives(value) if isinstance(one, Tuple)]
    if not tuples:
        return value
    ref = Ref(place(name))
    content = Obj("list", many=True)
    for one in tuples:
        for item in one.items:
            item = _loosened(item, (name,), st, place)
            content = content.changed(rest=item if content.rest is None else joined(content.rest, item))
    known = st.heap.get(ref.oid)
    st.heap[ref.oid] = content if known is None else joined_objects(known, content)
    result: Value = ref
    for other in alternatives(value):
        result = result if isinstance(other, Tuple) else joined(result, other)
    if isinstance(value, Several) and value.more and isinstance(result, Several):
        return Several(result.values, True, value.hidden)
    return result


def _loosened_object(one: Obj, oid: tuple[int, int], st: State, place: Place) -> Obj:
    items, rest = one.items, one.rest
    if items is not None:
        items = tuple(_loosened(item, (oid, at), st, place) for at, item in enumerate(items))
    entries = {key: _loosened(value, (oid, key), st, place) for key, value in one.entries.items()}
    rest = _loosened(_nameless(rest, rest), oid, st, place) if rest is not None else None
    return one.changed(items=items, entries=entries, rest=rest)
