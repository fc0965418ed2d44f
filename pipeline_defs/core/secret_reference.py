"""Definitions name secrets and never contain them, nor say where they lie."""

from __future__ import annotations

from dataclasses import dataclass

from domain.secrets import reference


@dataclass(frozen=True)
class Problem:
    """What is wrong with a reference, for a diagnostic."""

    code: str
    message: str
    hint: str


def problem(variable: str, secret: str) -> Problem | None:
    """What is wrong with a secret of a pipeline; None: nothing."""
    if not reference.VARIABLE.fullmatch(variable):
        fix = "write the variable that the job gets: letters, digits and _"
        return Problem("SLW307", f"secret '{variable}' cannot be a variable", fix)
    if reference.is_free(secret):
        message = f"secret '{variable}' names a file or a variable of the worker"
        return Problem("SLW040", message, reference.hint(secret))
    if why := reference.complaint(secret):
        return Problem("SLW307", f"secret '{variable}' must be the name of a secret: {why}", reference.hint(variable))
    return None


def problem_of_setting(key: str, value: str) -> Problem | None:
    """As `problem`, for a setting of a cluster that is called like a credential."""
    if value.startswith(reference.SETTING):
        found = problem("SETTING", value.removeprefix(reference.SETTING))
        return Problem(found.code, found.message.replace("'SETTING'", f"of '{key}'"), found.hint) if found else None
    fix = f"{reference.hint(value if reference.is_free(value) else key)}, as {reference.SETTING}NAME"
    code = "SLW040" if reference.is_free(value) else "SLW307"
    return Problem(code, f"'{key}' must be the name of a secret", fix)
