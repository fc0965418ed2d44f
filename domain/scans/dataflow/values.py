"""Abstract values: constants, choices of constants, tuples, references to objects, code, and everything else.

A label says from which place outside a value comes, and against which kinds of harm it was cleaned since.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from domain.scans.findings.model import Step

if TYPE_CHECKING:
    from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo

MAX_STEPS = 24
"""Steps of a trail; later ones are left out until the sink."""
MAX_LABELS = 32
"""Sources of one value; later ones are kept as one that no check of another can clean."""
MAX_SEVERAL = 12
"""Objects and functions that a value may be."""
MAX_HIDDEN = 400
"""Further objects, of which only the labels count."""
MAX_SIZE = 64
"""Elements of a tuple, those of tuples in it too; a bigger one that is put together is a list."""
MAX_CHOICES = 12
ANY = "?"
"""The name of what has too many."""
MAX_NAME = 200
"""Characters of a dotted name; of longer ones the last part is known."""
MAX_KEYS = 3
"""Keys that distinguish parts of one outside value, such as `data["user"]["name"]`."""

Scalar = str | bytes | int | float | bool | None
LabelKey = tuple[str | int, ...]
EVERYTHING = "*"
"""Cleaned against every kind of harm."""
LISTED = "listed"
"""The same, as far as nobody puts a stranger's values into the list that it was found in: no finding, and no proof."""


class Trail:
    """The way of a value so far, as a linked list: the newest step first."""

    __slots__ = ("before", "length", "line", "path", "text")

    def __init__(self, before: Trail | None, path: str, line: int, text: str) -> None:
        self.before, self.path, self.line, self.text = before, path, line, text
        self.length: int = before.length + 1 if before else 1

    def steps(self) -> tuple[Step, ...]:
        """From the source on."""
        found, at = [], self
        while True:
            found.append(Step(at.path, at.line, at.text))
            if at.before is None:
                return tuple(reversed(found))
            at = at.before


class Label:
    """Where a value comes from; `cleaned` names the kinds of harm that it can do no more."""

    __slots__ = ("cleaned", "key", "kind", "trail")

    def __init__(self, key: LabelKey, kind: str, trail: Trail, cleaned: frozenset[str] = frozenset()) -> None:
        self.key, self.kind, self.trail, self.cleaned = key, kind, trail, cleaned

    def stepped(self, path: str, line: int, text: str) -> Label:
        """The label with one more step, unless the trail is full or already there."""
        trail = self.trail
        if trail.length >= MAX_STEPS or (trail.path == path and trail.line == line and trail.text == text):
            return self
        return Label(self.key, self.kind, Trail(trail, path, line, text), self.cleaned)

    def cleared(self, harms: frozenset[str]) -> Label:
        """The label, cleaned against these kinds of harm too."""
        return self if harms <= self.cleaned else Label(self.key, self.kind, self.trail, self.cleaned | harms)

    def part(self, key: str | int) -> Label:
        """The label of one part of a structured value."""
        if len(self.key) >= 4 + MAX_KEYS:
            return self
        trail = self.trail
        if trail.before is None and isinstance(key, str) and not trail.text.endswith("]"):
            trail = Trail(None, trail.path, trail.line, f"{trail.text}[{key[:60]!r}]")
        return Label((*self.key, key), self.kind, trail, self.cleaned)


Taint = tuple[Label, ...]
Oids = tuple[tuple[int, int], ...]
"""Places of objects."""
Facts = dict[LabelKey, frozenset[str]]


class Value:
    """Base of abstract values; immutable."""

    __slots__ = ("taint",)
    taint: Taint


class Const(Value):
    """A known scalar."""

    __slots__ = ("value",)

    def __init__(self, value: Scalar) -> None:
        self.taint, self.value = (), value


class Choice(Value):
    """One of a few known scalars."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Scalar, ...]) -> None:
        self.taint, self.values = (), values


class Tuple(Value):
    """A tuple with known elements; `refs`: the objects in it, `size`: all elements, of tuples in it too."""

    __slots__ = ("items", "refs", "size")

    def __init__(self, items: tuple[Value, ...]) -> None:
        self.items = items
        self.taint = united(*(one.taint for one in items))
        self.refs = tuple(dict.fromkeys(oid for one in items for oid in refs_in(one)))
        self.size: int = 1 + sum(size_of(one) for one in items)


class Ref(Value):
    """A list, dict, set, instance or tracked library object; its content is in the state's heap."""

    __slots__ = ("oid",)

    def __init__(self, oid: tuple[int, int]) -> None:
        self.taint, self.oid = (), oid


class Code(Value):
    """A function, class or module of the project; `bound` is the instance of a method."""

    __slots__ = ("bound", "closure", "info")

    def __init__(
        self,
        info: FuncInfo | ClassInfo | ModuleInfo,
        bound: Value | None = None,
        closure: dict[str, Value] | None = None,
    ) -> None:
        self.taint, self.info, self.bound, self.closure = (), info, bound, closure


class Several(Value):
    """One of a few objects, functions and other values that cannot be joined to one."""

    __slots__ = ("hidden", "more", "refs", "size", "values")

    def __init__(self, values: tuple[Value, ...], more: bool = False, hidden: Oids = ()) -> None:
        self.values, self.more, self.hidden = values, more, hidden
        """`more`: others were left out; of those, `hidden` are the objects, whose labels count."""
        self.taint = united(*(one.taint for one in values))
        self.refs: Oids = tuple(dict.fromkeys(chain(*map(refs_in, values), hidden)))
        self.size: int = sum(map(size_of, values))


def refs_in(value: Value) -> tuple[tuple[int, int], ...]:
    """The places of the objects that a value holds by itself."""
    if isinstance(value, Tuple | Several):
        return value.refs
    return (value.oid,) if isinstance(value, Ref) else ()


def size_of(value: Value) -> int:
    """How many values are in it, itself among them."""
    return value.size if isinstance(value, Tuple | Several) else 1


def alternatives(value: Value) -> tuple[Value, ...]:
    """The values that it may be."""
    return value.values if isinstance(value, Several) else (value,)


class Other(Value):
    """Anything else: `name` is its dotted name in a library, `()` after calls; empty: unknown."""

    __slots__ = ("base", "lead", "name", "no", "prefix", "sure", "yes")

    def __init__(
        self,
        taint: Taint = (),
        name: str = "",
        *,
        prefix: str = "",
        lead: bool = False,
        yes: Facts | None = None,
        no: Facts | None = None,
        base: Value | None = None,
        sure: bool | None = None,
    ) -> None:
        self.taint = taint
        self.name = name if len(name) < MAX_NAME else "?." + name.rpartition(".")[2][-MAX_NAME:]
        self.prefix = prefix
        """Known first characters of a text."""
        self.lead = lead
        """The text begins with something that no stranger sets."""
        self.yes, self.no = yes, no
        """For a truth value: what is known when it is true, and when it is false."""
        self.base = base
        """For a method of a value: the value."""
        self.sure = sure
        """Every part of it is a constant or has a label; None: nothing was said, and a label counts for the whole."""


UNKNOWN = Other()
NONE, TRUE, FALSE = Const(None), Const(True), Const(False)


def is_known(value: Value) -> bool:
    """A constant, or every part of it has a label; without the objects that it holds."""
    if isinstance(value, Other):
        return bool(value.taint) if value.sure is None else value.sure
    if isinstance(value, Several):
        return not value.more and all(map(is_known, value.values))
    return isinstance(value, Const | Choice) or (isinstance(value, Tuple) and all(map(is_known, value.items)))


def united(*taints: Taint) -> Taint:
    """All labels; of the same source the one that was cleaned less."""
    present = [taint for taint in taints if taint]
    if len(present) < 2:
        return present[0] if present else ()
    if all(taint is present[0] for taint in present):
        return present[0]
    found: dict[LabelKey, Label] = {}
    for taint in present:
        for label in taint:
            known = found.get(label.key)
            if known is None:
                found[label.key] = label
            elif not known.cleaned <= label.cleaned:
                found[label.key] = Label(label.key, label.kind, known.trail, known.cleaned & label.cleaned)
    return tuple(found.values()) if len(found) <= MAX_LABELS else _crowded(list(found.values()))


def _crowded(labels: list[Label]) -> Taint:
    """Of very many sources the first are kept apart, and the others, by kind, as one each."""
    kept = labels[: MAX_LABELS - 4]
    rest: dict[LabelKey, Label] = {}
    for one in labels[MAX_LABELS - 4 :]:
        key: LabelKey = ("more", one.kind)
        known = rest.get(key)
        rest[key] = Label(key, one.kind, (known or one).trail, one.cleaned & (known.cleaned if known else one.cleaned))
    return (*kept, *rest.values())


def same_scalar(one: Scalar, other: Scalar) -> bool:
    """Equal and of the same type: `1`, `1.0` and `True` differ."""
    return type(one) is type(other) and one == other


def scalars(value: Value) -> tuple[Scalar, ...] | None:
    """All scalars that the value can be; None: unknown."""
    if type(value) is Const:
        return (value.value,)
    return value.values if type(value) is Choice else None


def choice(values: Iterable[Scalar]) -> Value:
    """One of these; unknown when there are too many."""
    found: list[Scalar] = []
    for one in values:
        if not any(same_scalar(one, known) for known in found):
            found.append(one)
        if len(found) > MAX_CHOICES:
            return Other(sure=True)
    if not found:
        return UNKNOWN
    return Const(found[0]) if len(found) == 1 else Choice(tuple(found))


def flat(value: Value) -> Taint:
    """Labels of a value without its heap objects."""
    return value.taint


def mapped(value: Value, change: Callable[[Other], Value]) -> Value:
    """The value with every part that has labels changed."""
    if not value.taint:
        return value
    if isinstance(value, Tuple):
        return Tuple(tuple(mapped(item, change) for item in value.items))
    if isinstance(value, Several):
        return Several(tuple(mapped(one, change) for one in value.values), value.more, value.hidden)
    return change(value) if isinstance(value, Other) else value


def stepped(value: Value, path: str, node: ast.AST, text: str) -> Value:
    """The value with one more step in its labels' trails."""
    if not value.taint:
        return value
    line = getattr(node, "lineno", 1)
    return mapped(value, lambda one: retainted(one, tuple(label.stepped(path, line, text) for label in one.taint)))


def retainted(value: Other, taint: Taint) -> Other:
    """The value with other labels."""
    kept = {"yes": value.yes, "no": value.no}
    return Other(taint, value.name, prefix=value.prefix, lead=value.lead, base=value.base, sure=value.sure, **kept)


def same(one: Value, other: Value) -> bool:
    """No difference that a loop must run again for: trails do not count."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Const) and isinstance(other, Const):
        return same_scalar(one.value, other.value)
    if isinstance(one, Choice) and isinstance(other, Choice):
        return one.values == other.values
    if isinstance(one, Tuple) and isinstance(other, Tuple):
        return len(one.items) == len(other.items) and all(map(same, one.items, other.items))
    if isinstance(one, Several) and isinstance(other, Several):
        alike = len(one.values) == len(other.values) and one.hidden == other.hidden
        return alike and all(map(same, one.values, other.values))
    if isinstance(one, Ref) and isinstance(other, Ref):
        return one.oid == other.oid
    if isinstance(one, Code) and isinstance(other, Code):
        return one.info is other.info
    if isinstance(one, Other) and isinstance(other, Other):
        return one.name == other.name and keys(one.taint) == keys(other.taint) and one.prefix == other.prefix
    return False


def keys(taint: Taint) -> frozenset[tuple[LabelKey, frozenset[str]]]:
    """What distinguishes two sets of labels."""
    return frozenset((label.key, label.cleaned) for label in taint)
