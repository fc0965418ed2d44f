"""The state at a point of a function: variables, objects, and what checks have proven about labels."""

from __future__ import annotations

from collections.abc import Mapping

from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.meter import Meter
from domain.scans.dataflow.values import (
    MAX_HIDDEN,
    Facts,
    LabelKey,
    Other,
    Ref,
    Scalar,
    Several,
    Taint,
    Value,
    mapped,
    refs_in,
    retainted,
    same,
    size_of,
    united,
)

MAX_ENTRIES = 200
"""Known elements of a list or dict; more are kept as one."""

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

    __slots__ = ("_held", "cls", "entries", "items", "kind", "many", "name", "rest")

    def __init__(
        self,
        kind: str,
        *,
        items: tuple[Value, ...] | None = None,
        entries: Entries | None = None,
        rest: Value | None = None,
        name: str = "",
        cls: Value | None = None,
        many: bool = False,
    ) -> None:
        self.kind, self.items, self.rest, self.name, self.cls = kind, items, rest, name, cls
        self.entries = entries if entries is not None else {}
        self.many = many
        """It stands for several objects, made at one place in a loop: a change may not be of all of them."""
        self._held: tuple[Taint, tuple[tuple[int, int], ...]] | None = None

    def held(self) -> tuple[Taint, tuple[tuple[int, int], ...]]:
        """Its own labels, and the objects in it."""
        if self._held is None:
            values = self.values()
            refs = dict.fromkeys(oid for one in values for oid in refs_in(one))
            self._held = united(*(one.taint for one in values)), tuple(refs)
        return self._held

    def changed(
        self,
        *,
        items: tuple[Value, ...] | None = None,
        entries: Entries | None = None,
        rest: Value | None = None,
    ) -> Obj:
        """With other content, of the same kind."""
        entries = self.entries if entries is None else entries
        return Obj(self.kind, items=items, entries=entries, rest=rest, name=self.name, cls=self.cls, many=self.many)

    def size(self) -> int:
        """How much work it is to look at all of it."""
        return len(self.entries) + (sum(map(size_of, self.items)) if self.items else 0)

    def values(self) -> list[Value]:
        """Everything inside."""
        return [*(self.items or ()), *self.entries.values(), *([self.rest] if self.rest is not None else [])]


Heap = dict[tuple[int, int], Obj]


class Base(Heap):
    """Objects of modules, which no state changes, and the meter that counts what all states do."""

    __slots__ = ("meter",)

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter


class State:
    """Mutable; `copy` at a branch, `merge` where branches meet."""

    __slots__ = ("alive", "base", "env", "facts", "heap")

    def __init__(self, env: dict[str, Value], heap: Heap, facts: Facts, base: Base) -> None:
        self.env, self.heap, self.facts, self.alive = env, heap, facts, True
        self.base = base

    def copy(self) -> State:
        """An independent state with the same content."""
        self.base.meter.spend((len(self.env) + len(self.heap) + len(self.facts)) >> 7)
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

    def obj_at(self, oid: tuple[int, int]) -> Obj | None:
        """The same by the object's place."""
        return self.heap.get(oid) or self.base.get(oid)

    def labels(self, value: Value) -> Taint:
        """All labels in a value and the objects that it holds, however deep; each object is looked at once."""
        refs = refs_in(value)
        if isinstance(value, Several) and len(value.hidden) == MAX_HIDDEN:
            self.base.meter.lossy = True
        if not refs:
            return value.taint
        found = {value.taint: None}
        todo, seen = list(refs), set(refs)
        while todo:
            content = self.obj_at(todo.pop())
            if content is None:
                continue
            taint, inner = content.held()
            found[taint] = None
            todo += [one for one in inner if one not in seen]
            seen.update(inner)
        self.base.meter.spend(len(seen) >> 2)
        return united(*found)


def merged(states: list[State]) -> State | None:
    """What holds in all states that are alive; None: there is none."""
    living = [state for state in states if state.alive]
    if not living:
        return None
    first = living[0]
    for other in living[1:]:
        first.base.meter.spend((len(first.env) + len(other.env) + len(first.heap)) >> 5)
        facts = _both(first.facts, other.facts)
        env = _joined_env(_baked(first, facts), _baked(other, facts), first.base.meter)
        first = State(env, _joined_heap(first.heap, other.heap, first.base.meter), facts, first.base)
    return first


def meet(st: State, states: list[State]) -> None:
    """The state after branches: what holds in all of them that are alive."""
    after = merged(states)
    if after is None:
        st.alive = False
    else:
        st.become(after)
        st.alive = True


def _baked(state: State, kept: Facts) -> dict[str, Value]:
    """The variables, with those facts in their labels that do not hold after the branch."""
    if not state.facts or state.facts == kept:
        return state.env
    return {name: baked(value, state.facts) for name, value in state.env.items()}


def baked(value: Value, facts: Facts) -> Value:
    """The value with what is proven about its labels written into them."""
    if not facts or not any(label.key in facts for label in value.taint):
        return value

    def with_facts(one: Other) -> Value:
        return retainted(one, tuple(label.cleared(facts.get(label.key, frozenset())) for label in one.taint))

    return mapped(value, with_facts)


def _joined_env(one: dict[str, Value], other: dict[str, Value], meter: Meter) -> dict[str, Value]:
    made = dict(one)
    for name, value in other.items():
        known = made.get(name)
        if known is None:
            made[name] = value
        elif known is not value:
            meter.spend(_work(known, value))
            made[name] = joined(known, value)
    return made


def _work(one: Value, other: Value) -> int:
    """Steps that it takes to join them: each of several is compared with others."""
    if isinstance(one, Several) and isinstance(other, Several):
        return (one.size + other.size + len(one.refs) + len(other.refs)) >> 1
    return (size_of(one) + size_of(other)) >> 3


def _joined_heap(one: Heap, other: Heap, meter: Meter) -> Heap:
    if one is other:
        return one
    made = dict(one)
    for oid, content in other.items():
        known = made.get(oid)
        if known is None:
            made[oid] = content
        elif known is not content:
            meter.spend((known.size() + content.size()) >> 3)
            if known.rest is not None and content.rest is not None:
                meter.spend(_work(known.rest, content.rest))
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
    many = one.many or other.many
    return Obj(one.kind, items=items, entries=entries, rest=rest, name=one.name, cls=one.cls, many=many)


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
    after.base.meter.spend((len(after.env) + len(after.heap)) >> 5)
    return (
        all(name in before.env and same(before.env[name], value) for name, value in after.env.items())
        and before.facts == after.facts
        and all(oid in before.heap and same_object(before.heap[oid], one) for oid, one in after.heap.items())
    )


def same_object(one: Obj, other: Obj) -> bool:
    """No difference in what two contents hold."""
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
