"""The value of every expression but calls."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from domain.scans.dataflow import clearing, texts
from domain.scans.dataflow.displays import comprehension, dict_comprehension, mapping, sequence, tuple_
from domain.scans.dataflow.guards import compared, known_truth, negated, proves
from domain.scans.dataflow.joining import joined
from domain.scans.dataflow.state import Obj, State, all_of, baked, either
from domain.scans.dataflow.values import (
    FALSE,
    MAX_SIZE,
    NONE,
    TRUE,
    UNKNOWN,
    Code,
    Const,
    Other,
    Ref,
    Scalar,
    Several,
    Tuple,
    Value,
    choice,
    scalars,
    size_of,
    united,
)

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

MAX_TEXT = 10_000
"""Characters of a known text; longer ones are unknown."""
MAX_NUMBER = 1 << 64


def constant(m: Machine, node: ast.Constant, st: State) -> Value:
    value = node.value
    if value is None:
        return NONE
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, (str, bytes, int, float)):
        return bounded(value)
    return UNKNOWN


def bounded(value: Scalar) -> Value:
    """A constant, unless it is too big to compute with."""
    if isinstance(value, (str, bytes)) and len(value) > MAX_TEXT:
        return UNKNOWN
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return UNKNOWN
    return Const(value)


def name(m: Machine, node: ast.Name, st: State) -> Value:
    return m.lookup(node.id, st)


def attribute(m: Machine, node: ast.Attribute, st: State) -> Value:
    return m.attribute(m.eval(node.value, st), node.attr, st, node)


def subscript(m: Machine, node: ast.Subscript, st: State) -> Value:
    base = m.eval(node.value, st)
    if isinstance(node.slice, ast.Slice):
        return sliced(m, base, node.slice, st)
    return m.item(base, m.eval(node.slice, st), st, node)


def sliced(m: Machine, base: Value, part: ast.Slice, st: State) -> Value:
    """A slice of a known text or tuple, else something with the labels of the whole."""
    bounds = [m.eval(one, st) if one else NONE for one in (part.lower, part.upper, part.step)]
    known = [one.value for one in bounds if isinstance(one, Const) and (one.value is None or type(one.value) is int)]
    if len(known) == 3 and known[2] != 0:
        where = slice(*known)
        if isinstance(base, Const) and isinstance(base.value, (str, bytes)):
            return Const(base.value[where])
        if isinstance(base, Tuple):
            return Tuple(base.items[where])
        found = st.obj(base) if isinstance(base, Ref) else None
        if found and found.items is not None:
            return m.made(part, st, Obj("list", items=found.items[where]))
    return Other(st.labels(base), "sys.argv[:]" if isinstance(base, Other) and base.name == "sys.argv" else "")


_ARITHMETIC: dict[type[ast.operator], Callable[..., Scalar]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}


def binary(m: Machine, node: ast.BinOp, st: State) -> Value:
    """Chains such as `a + b + c` are walked in a loop: generated files have thousands of them."""
    chain: list[ast.BinOp] = []
    at: ast.expr = node
    while isinstance(at, ast.BinOp):
        chain.append(at)
        at = at.left
    left = m.eval(at, st)
    for one in reversed(chain):
        left = combined(m, one, left, m.eval(one.right, st), st)
    return left


def combined(m: Machine, node: ast.BinOp | ast.AugAssign, left: Value, right: Value, st: State) -> Value:
    """The result of an operator."""
    op = node.op
    if isinstance(left, Const) and isinstance(right, Const):
        return calculated(op, left.value, right.value)
    if isinstance(op, ast.Add):
        return _added(m, left, right, st, node)
    if isinstance(op, ast.Mod) and not isinstance(left, Const):
        lefts = scalars(left)
        if lefts is not None and all(type(one) in (int, float, bool) for one in lefts):
            return Other()
    if isinstance(op, ast.Mod):
        return texts.percent(left, right, st)
    taint = united(st.labels(left), st.labels(right))
    if isinstance(op, ast.Div) and isinstance(left, Other) and left.name.startswith("pathlib."):
        return Other(taint, left.name)
    return Other(taint, sure=clearing.known(left, st) and clearing.known(right, st))


def calculated(op: ast.operator, left: Scalar, right: Scalar) -> Value:
    """Arithmetic on constants, with bounds on the size of the result."""
    if isinstance(op, (ast.Mult, ast.LShift)):
        if isinstance(left, (str, bytes)) or isinstance(right, (str, bytes)):
            return _repeated(op, left, right)
        if isinstance(op, ast.LShift) and not (isinstance(right, int) and 0 <= right <= 64):
            return UNKNOWN
    known = _ARITHMETIC.get(type(op))
    if known is None:
        return UNKNOWN
    if isinstance(op, ast.Mod) and isinstance(left, (str, bytes)):
        return texts.percent(Const(left), Const(right), None)
    try:
        return bounded(known(left, right))
    except (TypeError, ValueError, ArithmeticError):
        return UNKNOWN


def _repeated(op: ast.operator, left: Scalar, right: Scalar) -> Value:
    text, times = (left, right) if isinstance(left, (str, bytes)) else (right, left)
    if not isinstance(op, ast.Mult) or not isinstance(text, (str, bytes)) or not isinstance(times, int):
        return UNKNOWN
    return Const(text * times) if len(text) * max(times, 0) <= MAX_TEXT else UNKNOWN


def _added(m: Machine, left: Value, right: Value, st: State, node: ast.AST) -> Value:
    lefts, rights = scalars(left), scalars(right)
    if lefts is not None and rights is not None and len(lefts) * len(rights) <= 12:
        found = [calculated(ast.Add(), one, two) for one in lefts for two in rights]
        if all(isinstance(one, Const) for one in found):
            return choice(one.value for one in found if isinstance(one, Const))
    if isinstance(left, Tuple) and isinstance(right, Tuple):
        return _chained(m, "tuple", left.items, right.items, st, node)
    if isinstance(left, Ref) and isinstance(right, Ref):
        one, other = st.obj(left), st.obj(right)
        if one and other and one.kind != "dict" and other.kind != "dict":
            return _chained(m, one.kind, one.values(), other.values(), st, node, exact=one.rest is None is other.rest)
    if isinstance(left, Ref | Several) and isinstance(right, Ref | Several):
        return m.made(node, st, Obj("list", rest=joined(m.element_of(left, st), m.element_of(right, st))))
    return texts.concatenated([left, right], st)


def _chained(
    m: Machine, kind: str, one: Sequence[Value], other: Sequence[Value], st: State, node: ast.AST, exact: bool = True
) -> Value:
    """Two tuples or lists as one; a long one is known by its elements alone."""
    m.meter.spend((len(one) + len(other)) >> 3)
    if not exact or sum(map(size_of, one)) + sum(map(size_of, other)) > MAX_SIZE:
        return m.made(node, st, Obj("list", rest=m.joined_all([*one, *other])))
    if kind == "tuple":
        return Tuple((*one, *other))
    return m.made(node, st, Obj(kind, items=(*one, *other)))


def unary(m: Machine, node: ast.UnaryOp, st: State) -> Value:
    value = m.eval(node.operand, st)
    if isinstance(node.op, ast.Not):
        return negated(value)
    if isinstance(value, Const) and type(value.value) in (int, float):
        number = value.value
        assert isinstance(number, (int, float))
        match node.op:
            case ast.USub():
                return Const(-number)
            case ast.UAdd():
                return value
    return UNKNOWN


def boolean(m: Machine, node: ast.BoolOp, st: State) -> Value:
    """Operands after the first are evaluated with what the earlier ones prove."""
    before, conjunction = st.facts, isinstance(node.op, ast.And)
    result: Value | None = None
    for operand in node.values:
        value = m.eval(operand, st)
        result = value if result is None else _paired(result, value, conjunction)
        truth = known_truth(value, st)
        decided = truth is not None and truth is not conjunction
        if decided and (value is result or known_truth(result, st) is truth):
            break
        st.facts = all_of(st.facts, proves(value)[0 if conjunction else 1])
    st.facts = before
    return result if result is not None else UNKNOWN


def _paired(one: Value, other: Value, conjunction: bool) -> Value:
    """`one and other`, `one or other`."""
    if isinstance(one, Const):
        decides = bool(one.value) is not conjunction
        return one if decides else other
    if isinstance(other, Const) and isinstance(other.value, bool) and other.value is not conjunction:
        return other
    merged = joined(one, other)
    ones, others = proves(one), proves(other)
    yes = all_of(ones[0], others[0]) if conjunction else either(ones[0], others[0])
    no = either(ones[1], others[1]) if conjunction else all_of(ones[1], others[1])
    if not (yes or no or (isinstance(merged, Other) and (merged.yes or merged.no))):
        return merged  # else what one of them alone proves would count for both
    if isinstance(merged, Other):
        return Other(merged.taint, merged.name, prefix=merged.prefix, lead=merged.lead, yes=yes, no=no)
    return Other(yes=yes, no=no)


def comparison(m: Machine, node: ast.Compare, st: State) -> Value:
    left = m.eval(node.left, st)
    result: Value | None = None
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = m.eval(right_node, st)
        one = compared(op, left, right, st)
        result = one if result is None else _paired(result, one, conjunction=True)
        left = right
    return result if result is not None else UNKNOWN


def conditional(m: Machine, node: ast.IfExp, st: State) -> Value:
    test = m.eval(node.test, st)
    truth = known_truth(test, st)
    if truth is not None:
        return m.eval(node.body if truth else node.orelse, st)
    before, found = st.facts, []
    for part, facts in (
        (node.body, proves(test)[0]),
        (node.orelse, proves(test)[1]),
    ):
        st.facts = all_of(before, facts)
        found.append(baked(m.eval(part, st), st.facts))
    st.facts = before
    return joined(*found)


def formatted(m: Machine, node: ast.JoinedStr, st: State) -> Value:
    parts: list[Value] = []
    for one in node.values:
        if isinstance(one, ast.FormattedValue):
            value = m.eval(one.value, st)
            plain = one.format_spec is None and one.conversion == -1
            parts.append(value if plain else texts.shown(value, one, st))
        else:
            parts.append(m.eval(one, st))
    return texts.concatenated(parts, st)


def formatted_part(m: Machine, node: ast.FormattedValue, st: State) -> Value:
    return m.eval(node.value, st)


def lambda_(m: Machine, node: ast.Lambda, st: State) -> Value:
    return Code(m.lambda_info(node), closure=st.env)


def named(m: Machine, node: ast.NamedExpr, st: State) -> Value:
    value = m.eval(node.value, st)
    m.assign(node.target, value, st)
    return value


def awaited(m: Machine, node: ast.Await, st: State) -> Value:
    return m.eval(node.value, st)


def yielded(m: Machine, node: ast.Yield, st: State) -> Value:
    if node.value is not None:
        m.frame.yields.append(m.eval(node.value, st))
    return UNKNOWN


def yielded_from(m: Machine, node: ast.YieldFrom, st: State) -> Value:
    m.frame.yields.append(m.element_of(m.eval(node.value, st), st))
    return UNKNOWN


def starred(m: Machine, node: ast.Starred, st: State) -> Value:
    return m.eval(node.value, st)


EXPRESSIONS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: constant,
    ast.Name: name,
    ast.Attribute: attribute,
    ast.Subscript: subscript,
    ast.BinOp: binary,
    ast.UnaryOp: unary,
    ast.BoolOp: boolean,
    ast.Compare: comparison,
    ast.IfExp: conditional,
    ast.JoinedStr: formatted,
    ast.FormattedValue: formatted_part,
    ast.List: sequence,
    ast.Set: sequence,
    ast.Tuple: tuple_,
    ast.Dict: mapping,
    ast.ListComp: comprehension,
    ast.SetComp: comprehension,
    ast.GeneratorExp: comprehension,
    ast.DictComp: dict_comprehension,
    ast.Lambda: lambda_,
    ast.NamedExpr: named,
    ast.Await: awaited,
    ast.Yield: yielded,
    ast.YieldFrom: yielded_from,
    ast.Starred: starred,
}
