"""The state at a point of a function: variables, objects, and what checks have proven about labels."""

from __future__ import annotations

from collections.abc import Mapping

from domain.scans.dataflow.values import (
    Code,
    Facts,
    LabelKey,
    Other,
    Ref,
    Scalar,
    Taint,
    Tuple,
    Value,
    flat,
    joined,
    retainted,
    same,
    united,
)

MAX_ENTRIES = 64
"""Known elements of a list or dict; more are kept as one."""
MAX_DEPTH = 4
"""Objects in objects that a value's labels are collected from."""


Key = Scalar | tuple[Scalar, ...]
Entries = dict[Key, Value]


def keyed(named: Mapping[str, Value]) -> Entries:
    """Names as keys."""
    return {name: value for name, value in named.items()}  # noqa: C416  (a dict's keys are invariant)


class Obj:
    """The content of an object; immutable, replaced at every change.

    `items` are a list's elements while their order is known; `entries` a dict's, or an instance's fields; `rest` stands
    for all elements that are not known one by one. `name` is a library's class, `cls` a class of the project.
    """

    __slots__ = ("cls", "entries", "items", "kind", "name", "rest")

    def __init__(
        self,
        kind: str,
        *,
        items: tuple[Value, ...] | None = None,
        entries: Entries | None = None,
        rest: Value | None = None,
        name: str = "",
        cls: Value | None = None,
    ) -> None:
        self.kind, self.items, self.rest, self.name, self.cls = kind, items, rest, name, cls
        self.entries = entries if entries is not None else {}

    def changed(
        self,
        *,
        items: tuple[Value, ...] | None = None,
        entries: Entries | None = None,
        rest: Value | None = None,
    ) -> Obj:
        """With other content, of the same kind."""
        entries = self.entries if entries is None else entries
        return Obj(self.kind, items=items, entries=entries, rest=rest, name=self.name, cls=self.cls)

    def values(self) -> list[Value]:
        """Everything inside."""
        return [*(self.items or ()), *self.entries.values(), *([self.rest] if self.rest is not None else [])]


Heap = dict[tuple[int, int], Obj]


class State:
    """Mutable; `copy` at a branch, `merge` where branches meet."""

    __slots__ = ("alive", "base", "env", "facts", "heap")

    def __init__(self, env: dict[str, Value], heap: Heap, facts: Facts, base: Heap) -> None:
        self.env, self.heap, self.facts, self.alive = env, heap, facts, True
        self.base = base
        """Objects of modules; they are never changed here."""

    def copy(self) -> State:
        """An independent state with the same content."""
        made = State(dict(self.env), dict(self.heap), dict(self.facts), self.base)
        made.alive = self.alive
        return made

    def become(self, other: State) -> None:
        """Takes over the content of another."""
        self.env, self.heap, self.facts, self.alive = other.env, other.heap, other.facts, other.alive

    def assume(self, facts: Facts | None) -> None:
        """Adds what a check has proven."""
        for key, harms in (facts or {}).items():
            self.facts[key] = self.facts.get(key, frozenset()) | harms

    def obj(self, ref: Ref) -> Obj | None:
        """The content of an object."""
        return self.heap.get(ref.oid) or self.base.get(ref.oid)

    def labels(self, value: Value, depth: int = MAX_DEPTH) -> Taint:
        """All labels in a value and the objects that it holds."""
        if isinstance(value, Ref):
            found = self.obj(value)
            if found is None or depth == 0:
                return ()
            return united(*(self.labels(one, depth - 1) for one in found.values()))
        if isinstance(value, Tuple):
            return united(*(self.labels(one, depth - 1) for one in value.items)) if depth else ()
        if isinstance(value, Code):
            return ()
        return value.taint


def merged(states: list[State]) -> State | None:
    """What holds in all states that are alive; None: there is none."""
    living = [state for state in states if state.alive]
    if not living:
        return None
    first = living[0]
    for other in living[1:]:
        facts = _both(first.facts, other.facts)
        env = _joined_env(_baked(first, facts), _baked(other, facts))
        first = State(env, _joined_heap(first.heap, other.heap), facts, first.base)
    return first


def _baked(state: State, kept: Facts) -> dict[str, Value]:
    """The variables, with those facts in their labels that do not hold after the branch."""
    if not state.facts or state.facts == kept:
        return state.env
    return {name: baked(value, state.facts) for name, value in state.env.items()}


def baked(value: Value, facts: Facts) -> Value:
    """The value with what is proven about its labels written into them."""
    if not facts or isinstance(value, (Ref, Code)) or not flat(value):
        return value
    if isinstance(value, Tuple):
        return Tuple(tuple(baked(item, facts) for item in value.items))
    if not isinstance(value, Other) or not any(label.key in facts for label in value.taint):
        return value
    return retainted(value, tuple(label.cleared(facts.get(label.key, frozenset())) for label in value.taint))


def _joined_env(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    made = dict(one)
    for name, value in other.items():
        known = made.get(name)
        if known is None:
            made[name] = value
        elif known is not value:
            made[name] = joined(known, value)
    return made


def _joined_heap(one: Heap, other: Heap) -> Heap:
    if one is other:
        return one
    made = dict(one)
    for oid, content in other.items():
        known = made.get(oid)
        if known is None:
            made[oid] = content
        elif known is not content:
            made[oid] = joined_objects(known, content)
    return made


def joined_objects(one: Obj, other: Obj) -> Obj:
    """The content after two branches."""
    items: tuple[Value, ...] | None = None
    rests = [each for each in (one.rest, other.rest) if each is not None]
    if one.items is not None and other.items is not None and len(one.items) == len(other.items):
        items = tuple(map(joined, one.items, other.items))
    else:
        rests += [*(one.items or ()), *(other.items or ())]
    entries = dict(one.entries)
    for key, value in other.entries.items():
        entries[key] = joined(entries[key], value) if key in entries else value
    rest: Value | None = None
    for each in rests:
        rest = each if rest is None else joined(rest, each)
    return Obj(one.kind, items=items, entries=entries, rest=rest, name=one.name, cls=one.cls)


def _both(one: Facts, other: Facts) -> Facts:
    if one is other or not one or not other:
        return dict(one) if one is other else {}
    return {key: harms for key in one if key in other and (harms := one[key] & other[key])}


def either(one: Facts | None, other: Facts | None) -> Facts:
    """What is known when one of two conditions holds, and nobody knows which."""
    return _both(one or {}, other or {})


def all_of(one: Facts | None, other: Facts | None) -> Facts:
    """What is known when both hold."""
    made: Facts = dict(one or {})
    for key, harms in (other or {}).items():
        made[key] = made.get(key, frozenset()) | harms
    return made


def settled(before: State, after: State) -> bool:
    """A loop's body changes nothing any more."""
    return (
        all(name in before.env and same(before.env[name], value) for name, value in after.env.items())
        and before.facts == after.facts
        and all(oid in before.heap and _same_object(before.heap[oid], one) for oid, one in after.heap.items())
    )


def _same_object(one: Obj, other: Obj) -> bool:
    if one is other:
        return True
    ones, others = one.values(), other.values()
    return len(ones) == len(others) and all(map(same, ones, others))


def fact(taint: Taint, harms: frozenset[str]) -> Facts:
    """These labels are cleaned against these kinds of harm."""
    return {label.key: harms for label in taint}


def proven(facts: Facts, key: LabelKey) -> frozenset[str]:
    """What checks have proven about a label."""
    return facts.get(key, frozenset())
