"""The one kind of expected failure, shown to people without a traceback.

SluicewayError            what, where, why, what to do; a stable code; an exit code
  DefinitionError         2   the definition or the command line is wrong
  RefusedError            3   a decision or an approval was refused or expired
  UnreachableError        5   no engine answers
  StoreUnavailableError       the store is full or away: whoever needs it waits for it
"""

from __future__ import annotations


class SluicewayError(Exception):
    """An expected failure; any other exception that reaches the user is a bug."""

    exit_code = 1
    transient = False
    """The same call may succeed later: a dependency is unavailable, the request itself is valid."""
    status = 0
    """The HTTP status, when a server's answer was the reason; else 0."""
    retry_after_s = 0
    """Over 0: the same call may pass after so many seconds."""
    rule = ""
    """Of the policy or grant that refused it, in a verdict's words; empty: no decision about rights did."""

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
        rule: str = "",
    ) -> None:
        super().__init__(what)
        self.code, self.what, self.where, self.why, self.fix = code, what, where, why, fix
        self.transient, self.status, self.rule = transient or self.transient, status, rule

    def __str__(self) -> str:
        head = f"{self.where}: " if self.where else ""
        lines = [f"{head}error {self.code}: {self.what}"]
        if self.why:
            lines.append(f"  because {self.why}")
        if self.advice:
            lines.append(f"  to fix it: {self.advice}")
        return "\n".join(lines)

    @property
    def advice(self) -> str:
        """What to do: the error's own advice, else that of its code."""
        return self.fix or _advice(self.code)


def _advice(code: str) -> str:
    """The advice from the table of codes, for an error without a more specific one."""
    from domain.core.error_codes import BY_CODE  # imported lazily: only an error that is shown needs it

    return BY_CODE[code].fix if code in BY_CODE else ""


class DefinitionError(SluicewayError):
    """Invalid input: a definition, an argument or a setting. Exit code 2."""

    exit_code = 2


class RefusedError(SluicewayError):
    """The engine refuses: the state does not allow it, or the person may not do it. Exit code 3."""

    exit_code = 3


class UnreachableError(SluicewayError):
    """The engine, or a service it needs, does not answer. Exit code 5."""

    exit_code = 5


class StoreUnavailableError(SluicewayError):
    """The store is full or away. Work that needs it waits until an operator frees space or restarts it."""

    transient = True
