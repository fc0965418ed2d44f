"""The patterns of a match statement."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.guards import CLEAN, compared, known_truth
from domain.scans.dataflow.state import Obj, State, fact
from domain.scans.dataflow.values import Other, Tuple, Value, scalars

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine


def matched(m: Machine, pattern: ast.pattern, subject: Value, st: State) -> bool | None:
    """Whether the subject fits; None: it may. Binds the pattern's names, and assumes what it proves."""
    match pattern:
        case ast.MatchValue():
            test = compared(ast.Eq(), subject, m.eval(pattern.value, st), st)
            if isinstance(test, Other):
                st.assume(test.yes)
            return known_truth(test, st)
        case ast.MatchSingleton():
            found = scalars(subject)
            if found is None:
                return None
            return found[0] is pattern.value if len(found) == 1 else None
        case ast.MatchOr():
            return _any(m, pattern.patterns, subject, st)
        case ast.MatchAs():
            fits = matched(m, pattern.pattern, subject, st) if pattern.pattern else True
            if pattern.name and fits is not False:
                st.env[pattern.name] = subject
            return fits
        case ast.MatchSequence():
            return _sequence(m, pattern, subject, st)
    return _loosely(m, pattern, subject, st)


def _any(m: Machine, patterns: list[ast.pattern], subject: Value, st: State) -> bool | None:
    """A choice of constants proves as much as one of them."""
    found = [matched(m, one, subject, st.copy()) for one in patterns]
    if all(isinstance(one, ast.MatchValue) for one in patterns) and isinstance(subject, Other):
        st.assume(fact(subject.taint, CLEAN))
    if True in found:
        return True
    return False if all(one is False for one in found) else None


def _sequence(m: Machine, pattern: ast.MatchSequence, subject: Value, st: State) -> bool | None:
    starred = any(isinstance(one, ast.MatchStar) for one in pattern.patterns)
    if not isinstance(subject, Tuple) or starred:
        return _loosely(m, pattern, subject, st)
    if len(subject.items) != len(pattern.patterns):
        return False
    found = [matched(m, one, item, st) for one, item in zip(pattern.patterns, subject.items, strict=True)]
    if False in found:
        return False
    return True if all(found) else None


def _loosely(m: Machine, pattern: ast.pattern, subject: Value, st: State) -> bool | None:
    """Binds every name inside to something with the subject's labels."""
    inside = Other(st.labels(subject))
    for one in ast.walk(pattern):
        if isinstance(one, (ast.MatchAs, ast.MatchStar)) and one.name:
            st.env[one.name] = inside if isinstance(one, ast.MatchAs) else m.made(one, st, Obj("list", rest=inside))
        elif isinstance(one, ast.MatchMapping) and one.rest:
            st.env[one.rest] = inside
    return None
