"""What a condition proves: its truth when that is known, and which labels are clean where it holds or does not."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

from domain.scans.dataflow.clearing import known as settled
from domain.scans.dataflow.regexes import proven_by
from domain.scans.dataflow.state import Obj, State, fact
from domain.scans.dataflow.values import (
    ANY,
    EVERYTHING,
    FALSE,
    LISTED,
    TRUE,
    UNKNOWN,
    Choice,
    Code,
    Const,
    Facts,
    Other,
    Ref,
    Scalar,
    Tuple,
    Value,
    same_scalar,
    scalars,
)

CLEAN = frozenset({EVERYTHING, LISTED})
HOST = frozenset({"redirect", "ssrf"})
PATH = frozenset({"path"})
_HOST_PARTS = (".netloc", ".hostname", ".host")
_ORDER: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def known_truth(value: Value, st: State) -> bool | None:
    """Whether the value is true; None: both may be."""
    found = scalars(value)
    if found is not None:
        truths = {bool(one) for one in found}
        return truths.pop() if len(truths) == 1 else None
    if isinstance(value, Tuple):
        return bool(value.items)
    if isinstance(value, Code):
        return True
    return None


def proves(value: Value) -> tuple[Facts | None, Facts | None]:
    """What is known when the value is true, and when it is false: an empty text does no harm."""
    if not isinstance(value, Other):
        return None, None
    if value.yes or value.no or not value.taint:
        return value.yes, value.no
    if value.name.endswith(_HOST_PARTS):
        return None, fact(value.taint, HOST)
    return None, fact(value.taint, CLEAN) if value.name in ("", ANY) or value.name.startswith("@") else None


def negated(value: Value) -> Value:
    """`not value`."""
    found = scalars(value)
    if found is not None and len({bool(one) for one in found}) == 1:
        return FALSE if found[0] else TRUE
    yes, no = proves(value)
    if yes or no:
        return Other(yes=no, no=yes)
    return UNKNOWN


def compared(op: ast.cmpop, left: Value, right: Value, st: State) -> Value:
    """The truth value of one comparison."""
    match op:
        case ast.Eq() | ast.Is():
            return _equal(left, right, st)
        case ast.NotEq() | ast.IsNot():
            return negated(_equal(left, right, st))
        case ast.In():
            return contained(left, right, st)
        case ast.NotIn():
            return negated(contained(left, right, st))
    return _ordered(op, left, right, st)


def _ordered(op: ast.cmpop, left: Value, right: Value, st: State) -> Value:
    lefts, rights = scalars(left), scalars(right)
    if isinstance(op, ast.LtE) and isinstance(left, Ref) and not st.labels(right):
        return Other(yes=fact(st.labels(left), CLEAN))  # `set(text) <= ALLOWED`
    if lefts is None or rights is None:
        return UNKNOWN
    try:
        truths = {_ORDER[type(op)](one, other) for one in lefts for other in rights}
    except (TypeError, KeyError):
        return UNKNOWN
    return (TRUE if truths.pop() else FALSE) if len(truths) == 1 else UNKNOWN


def _equal(left: Value, right: Value, st: State) -> Value:
    lefts, rights = scalars(left), scalars(right)
    if lefts is not None and rights is not None:
        truths = {one == other for one in lefts for other in rights}
        return (TRUE if truths.pop() else FALSE) if len(truths) == 1 else UNKNOWN
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Other) and (one.taint or one.yes or one.no) and not st.labels(other):
            if (one.yes or one.no) and isinstance(other, Const) and not isinstance(other.value, str):
                return one if other.value else negated(one)  # the result of a check, compared with None or False
            if scalars(other) in ((None,), ("",)):
                return Other(yes=fact(one.taint, CLEAN))
            return Other(yes=fact(one.taint, _what_is_proven(one)))
    return UNKNOWN


def _what_is_proven(value: Other) -> frozenset[str]:
    """Of a part of an address, the host; of the folder of a path, the path; of a value itself, everything."""
    if value.name == "os.path.commonpath()":
        return PATH if all("norm" in one.cleaned for one in value.taint) else frozenset()
    return HOST if value.name.endswith(_HOST_PARTS) else frozenset() if "urlparse()" in value.name else CLEAN


def contained(left: Value, right: Value, st: State) -> Value:
    """`left in right`."""
    if isinstance(left, Const):
        known = _contains(left.value, right, st)
        if known is not None:
            return TRUE if known else FALSE
        if isinstance(right, Other) and right.name.endswith(".parents"):
            return Other(yes=fact(tuple(one for one in right.taint if "norm" in one.cleaned), PATH))
        if isinstance(left.value, str) and isinstance(right, Other) and right.taint:
            return Other(no=fact(right.taint, frozenset({f"no:{left.value}"})))
        return UNKNOWN
    if isinstance(left, Choice) and isinstance(right, Other) and right.taint:
        return Other(no=fact(right.taint, frozenset(f"no:{one!s}" for one in left.values if isinstance(one, str))))
    if isinstance(right, Other) and right.name.endswith(".parents") and not st.labels(left):
        return Other(yes=fact(tuple(one for one in right.taint if "norm" in one.cleaned), PATH))
    if isinstance(left, Other) and left.taint and _is_a_list(right, st):
        told = _what_is_proven(left)
        if isinstance(right, Const) and isinstance(right.value, str):  # letters: `all(one in "abc" for one in text)`
            letters = proven_by(f"[{re.escape(right.value)}]*", "fullmatch", multiline=False)
            told = told if EVERYTHING in letters else letters if EVERYTHING in told else frozenset()
        return Other(yes=fact(left.taint, told if _is_whole(right, st) else told - {EVERYTHING}))
    return UNKNOWN


def _is_a_list(value: Value, st: State) -> bool:
    """A collection that no stranger fills, such as a constant of a module or a setting."""
    if st.labels(value):
        return False
    return not (isinstance(value, Other) and value.name.startswith("@"))


def _is_whole(value: Value, st: State) -> bool:
    """All of it is known, and no class of the project says what is in it."""
    found = st.obj(value) if isinstance(value, Ref) else None
    if found is not None and (found.kind not in ("list", "set", "dict") or (found.kind == "dict" and found.rest)):
        return False  # a dict of which not all keys are known may have a stranger's
    return settled(value, st)


def _contains(one: Scalar, many: Value, st: State) -> bool | None:
    if isinstance(many, Const):
        if isinstance(many.value, str) and isinstance(one, str):
            return one in many.value
        return None
    items: tuple[Value, ...] | None = None
    if isinstance(many, Tuple):
        items = many.items
    elif isinstance(many, Ref):
        found = st.obj(many)
        if found is not None and found.rest is None:
            items = found.items if found.kind != "dict" else _keys(found)
    if items is None or not all(isinstance(item, Const) for item in items):
        return None
    return any(isinstance(item, Const) and same_scalar(item.value, one) for item in items)


def _keys(found: Obj) -> tuple[Value, ...] | None:
    if any(isinstance(key, tuple) for key in found.entries):
        return None
    return tuple(Const(key) for key in found.entries if not isinstance(key, tuple))


_LETTERS = frozenset(f"re.{name}" for name in str.split("I IGNORECASE A ASCII U UNICODE X VERBOSE NOFLAG"))
"""Flags of expressions that say nothing about lines."""


def matches(pattern: Value, text: Value, how: str, st: State, flags: Value | None = None) -> Value:
    """`re.match(pattern, text)` and its kin: what the whole text fits, it has the characters of."""
    taint = st.labels(text)
    if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return Other(taint, "re.match()")
    st.base.meter.spend(len(pattern.value) >> 4)
    multiline = flags is not None and not (isinstance(flags, Other) and flags.name in _LETTERS)
    harms = proven_by(pattern.value, how, multiline=multiline)
    return Other(taint, "re.match()", yes=fact(taint, harms) if harms else None)


def prefixed(value: Value, prefix: Value, st: State) -> Other:
    """`value.startswith(prefix)`."""
    taint = st.labels(value)
    yes: Facts = {}
    no: Facts = {}
    starts = scalars(prefix)
    for label in taint:
        if "norm" in label.cleaned and not st.labels(prefix):
            yes[label.key] = frozenset({"path"})
    if starts and all(isinstance(one, str) and fixes_host(one) for one in starts):
        yes = {**yes, **{label.key: yes.get(label.key, frozenset()) | HOST for label in taint}}
    if starts and len(starts) == 1 and starts[0] in ("/", "'", '"'):
        yes = {label.key: yes.get(label.key, frozenset()) | {"starts:" + str(starts[0])} for label in taint}
    if starts and {"//", "/"} & set(starts):
        no = {label.key: frozenset("not:" + str(one) for one in starts) for label in taint}
    return Other(yes=yes, no=no)


def suffixed(value: Other, suffix: Value) -> Other:
    """`value.endswith(suffix)`: matters for a text in quotes, and for a host."""
    ends = scalars(suffix)
    if value.name.endswith(_HOST_PARTS) and ends and all(str(one).startswith(".") for one in ends):
        return Other(yes=fact(value.taint, HOST))
    if ends is None or len(ends) != 1 or ends[0] not in ("'", '"'):
        return Other()
    return Other(yes=fact(value.taint, frozenset({f"ends:{ends[0]}"})))


def fixes_host(prefix: str) -> bool:
    """Whatever follows, the address stays at the host that the prefix names."""
    return bool(re.match(r"(?:[a-z][a-z0-9+.-]*:)?//[^/?#\\@]+[/?#]", prefix) or re.match(r"/[^/\\]|[?#]", prefix))
