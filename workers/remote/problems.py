"""What a server says went wrong, as the error that the engine itself would raise here."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from domain.core.error_codes import BY_CODE
from domain.core.errors import DefinitionError, RefusedError, SluicewayError, UnreachableError

LONGEST = 4000
"""Characters of a text."""
KINDS: dict[int, type[SluicewayError]] = {2: DefinitionError, 3: RefusedError, 5: UnreachableError}
"""Exit code to class."""


@dataclass(frozen=True)
class Problem:
    """The members of problem+json that we read; any may be missing."""

    code: str = ""
    title: str = ""
    detail: str = ""
    rule: str = ""
    fix: str = ""
    where: str = ""
    exit: int = 1
    status: int = 0


def error_of(status: int, body: bytes) -> SluicewayError:
    """The error of an answer; SLW478 for one that is no problem of ours."""
    try:
        told = msgspec.json.decode(body, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return not_understood(f"it answers {status}, without a problem that this client knows")
    if not told.code:
        return not_understood(f"it answers {status}, without a code")
    return error_from(told, status)


def error_from(told: Problem, status: int) -> SluicewayError:
    """The error that a problem tells."""
    kind = KINDS.get(told.exit, SluicewayError)
    what, why, fix, where = (text[:LONGEST] for text in (told.title, told.detail, told.fix, told.where))
    known = BY_CODE.get(told.code)
    shown = what or (known.title if known else "refused")
    return kind(told.code[:20], shown, why=why, fix=fix, where=where, status=status, rule=told.rule[:LONGEST])


def not_understood(why: str) -> SluicewayError:
    """SLW478."""
    return SluicewayError("SLW478", BY_CODE["SLW478"].title, why=why[:LONGEST])
