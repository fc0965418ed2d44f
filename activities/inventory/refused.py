"""What the records refuse for good: a row that no database takes must not hold up all others of its cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from domain.core.errors import SluicewayError

T = TypeVar("T")
FOR_GOOD = ("22", "23", "54")
"""Classes of PostgreSQL's SQLSTATE: data exception, integrity constraint violation, program limit exceeded. The last
one, such as a name that is too long for an index, is an OperationalError to drivers, as if the server were away.
"""
_NO_VALUES = (ValueError, TypeError, OverflowError)
"""What drivers and JSON say of a value before any database hears of it."""


class RefusedRowsError(SluicewayError):
    """Another try would be refused, too; `why` is the database's word."""


def why_refused(broken: Exception) -> str:
    """The reason, for a person; empty: it was refused for another reason than its values."""
    said = broken.orig if isinstance(broken, StatementError) and broken.orig is not None else broken
    state = str(getattr(said, "sqlstate", None) or "")
    refused = isinstance(broken, (DataError, IntegrityError)) or state.startswith(FOR_GOOD)
    if not refused and (isinstance(broken, DBAPIError) or not isinstance(said, _NO_VALUES)):
        return ""
    return str(said).splitlines()[0][:300] if str(said) else type(said).__name__


def apart(rows: Sequence[T], write: Callable[[Sequence[T]], None], alone: Callable[[T, str], None]) -> None:
    """Writes them together; where they are refused, in halves, until what is refused is `alone` with the reason."""
    try:
        write(rows)
    except RefusedRowsError as refused:
        if not rows:
            raise
        if len(rows) == 1:
            alone(rows[0], refused.why)
            return
        middle = len(rows) // 2
        apart(rows[:middle], write, alone)
        apart(rows[middle:], write, alone)
