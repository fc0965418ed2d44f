"""Abstract values: constants, choices of constants, tuples, references to objects, code, and everything else.

A label says from which place outside a value comes, and against which kinds of harm it was cleaned since.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from domain.scans.findings.model import Step

if TYPE_CHECKING:
    from domain.scans.dataflow.project import ClassInfo, FuncInfo, ModuleInfo

MAX_STEPS = 24
"""Steps of a trail; later ones are left out until the sink."""
MAX_LABELS = 8
MAX_CHOICES = 12
MAX_KEYS = 3
"""Keys that distinguish parts of one outside value, such as `data["user"]["name"]`."""

Scalar = str | bytes | int | float | bool | None
LabelKey = tuple[str | int, ...]
EVERYTHING = "*"
"""Cleaned against every kind of harm."""


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
    """A tuple with known elements."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Value, ...]) -> None:
        self.taint, self.items = (), items


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
        self.taint, self.name = taint, name
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
    return tuple(found.values())[:MAX_LABELS]


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
    if not found or len(found) > MAX_CHOICES:
        return UNKNOWN
    return Const(found[0]) if len(found) == 1 else Choice(tuple(found))


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
    if isinstance(one, Ref) and isinstance(other, Ref) and one.oid == other.oid:
        return one
    if isinstance(one, Code) and isinstance(other, Code) and one.info is other.info and one.bound is other.bound:
        return one
    if isinstance(one, Tuple) and isinstance(other, Tuple) and len(one.items) == len(other.items):
        return Tuple(tuple(map(joined, one.items, other.items)))
    return _blurred(one, other)


def _blurred(one: Value, other: Value) -> Value:
    first, second = (one if isinstance(one, Other) else None), (other if isinstance(other, Other) else None)
    if first and second:
        if first.taint is second.taint and first.name == second.name and first.prefix == second.prefix:
            return first
        name = first.name if first.name == second.name else first.name or second.name
        tainted = [each for each in (first, second) if each.taint]
        return Other(
            united(first.taint, second.taint),
            name,
            prefix=first.prefix if first.prefix == second.prefix else "",
            lead=all(each.lead for each in tainted) and bool(tainted),
            sure=is_known(first) and is_known(second),
        )
    for this, that in ((one, other), (other, one)):
        if isinstance(this, (Ref, Code)) and not that.taint and scalars(that) is None and type(that) is Other:
            return this  # a known object rather than an unknown one: what is called on it is seen
    kept = first or second
    if kept is not None:
        other_taint = (other if first else one).taint
        name = "" if scalars(other if first else one) is not None and kept.taint else kept.name
        sure = is_known(one) and is_known(other)
        return Other(united(kept.taint, other_taint), name, prefix="", lead=kept.lead and bool(kept.taint), sure=sure)
    for each in (one, other):
        if isinstance(each, (Ref, Code)):
            return each
    return Other(united(flat(one), flat(other)))


def flat(value: Value) -> Taint:
    """Labels of a value without its heap objects."""
    return united(*(flat(item) for item in value.items)) if isinstance(value, Tuple) else value.taint


def stepped(value: Value, path: str, node: ast.AST, text: str) -> Value:
    """The value with one more step in its labels' trails."""
    if type(value) is Tuple:
        if not flat(value):
            return value
        return Tuple(tuple(stepped(item, path, node, text) for item in value.items))
    if type(value) is not Other or not value.taint:
        return value
    line = getattr(node, "lineno", 1)
    return retainted(value, tuple(label.stepped(path, line, text) for label in value.taint))


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
