"""The one kind of expected failure, shown to people without a traceback.

SluicewayError            what, where, why, what to do; a stable code; an exit code
  DefinitionError         2   the definition or the command line is wrong
  RefusedError            3   a decision or an approval was refused or expired
  UnreachableError        5   no engine answers
  StoreUnavailableError       the store is full or away: whoever needs it waits for it
"""

from __future__ import annotations


class SluicewayError(Exception):
    """Anything else that escapes is a bug."""

    exit_code = 1
    transient = False
    """The same call may succeed later: not what was asked for is wrong, but something that it needs."""
    status = 0
    """Of HTTP, where an answer of a server was the reason; else 0."""

    def __init__(
        self,
        code: str,
        what: str,
        *,
        where: str = "",
        why: str = "",
        fix: str = "",
        transient: bool = False,
        status: int = 0,
    ) -> None:
        super().__init__(what)
        self.code, self.what, self.where, self.why, self.fix = code, what, where, why, fix
        self.transient, self.status = transient or self.transient, status

    def __str__(self) -> str:
        head = f"{self.where}: " if self.where else ""
        lines = [f"{head}error {self.code}: {self.what}"]
        if self.why:
            lines.append(f"  because {self.why}")
        if fix := self.fix or _advice(self.code):
            lines.append(f"  to fix it: {fix}")
        return "\n".join(lines)


def _advice(code: str) -> str:
    """What the table of codes advises, where the error knows nothing more exact."""
    from domain.core.error_codes import BY_CODE  # only an error that is shown needs it

    return BY_CODE[code].fix if code in BY_CODE else ""


class DefinitionError(SluicewayError):
    """What somebody wrote is wrong: a definition, an argument, a setting. Exit code 2."""

    exit_code = 2


class RefusedError(SluicewayError):
    """The engine understood and will not do it, in the present state or for this person. Exit code 3."""

    exit_code = 3


class UnreachableError(SluicewayError):
    """The engine, or a service that it needs, does not answer. Exit code 5."""

    exit_code = 5


class StoreUnavailableError(SluicewayError):
    """Somebody makes room, or starts the store again; until then, work that needs it waits where it is."""

    transient = True
