"""Reads definitions for the activities, which know it by its port: activities and pipeline_defs stay apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from activities.triggers.port import CompiledDefinition
from domain.core.errors import DefinitionError
from domain.core.values import Context
from domain.pipelines.job import JobKind
from domain.pipelines.plan import Plan
from domain.scans.findings.suppressions import Suppression
from domain.triggers.events import UNCOMPARED, Event, match
from pipeline_defs.core import expressions
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
from pipeline_defs.scans import owners, suppressions
from pipeline_defs.triggers.compile import listeners

ReadFile = Callable[[str], bytes | None]
MAX_PROBLEMS, MAX_PROBLEM = 100, 500
"""Problems of a definition in a run's record, and characters of each."""
CHECKED_OUT = frozenset((JobKind.RUN, JobKind.BUILD, JobKind.TEST, JobKind.SCAN))


class YamlReader:
    """Compiles a definition in the repository for an event."""

    def read(
        self, data: bytes, path: str, event: Event, read_file: Callable[[str], bytes | None]
    ) -> CompiledDefinition:
        """A definition with errors starts a run too, which fails with them, so that people see it."""
        try:
            checked = check(data, path, read_file)
            found = match(event, listeners(pipeline_of(checked).on))
            if not found.starts:
                return CompiledDefinition(False, found.reason)
            plan = compile_plan(checked, event)
            return CompiledDefinition(True, explained(found.reason, event, plan, read_file), plan)
        except InvalidDefinitionError as invalid:
            return CompiledDefinition(True, "the definition has errors", problems=_told(invalid.diagnostics))
        except DefinitionError as wrong:
            return CompiledDefinition(True, wrong.what, problems=(str(wrong),))


def _told(found: Sequence[Diagnostic]) -> tuple[str, ...]:
    """What fits into a message, whatever a stranger has written: a key of a megabyte stands in its error."""
    told = [text if len(text) <= MAX_PROBLEM else f"{text[:MAX_PROBLEM]}…" for text in map(str, found[:MAX_PROBLEMS])]
    return (*told, *([f"and {len(found) - MAX_PROBLEMS:,} more"] if len(found) > MAX_PROBLEMS else []))


def explained(reason: str, event: Event, plan: Plan, read_file: ReadFile) -> str:
    """Why a run starts, and what of the commit it will not see: what changed, submodules, LFS files."""
    asks = any("changed(" in text for job in plan.jobs for text in (job.when, job.for_each, *job.env.values()))
    notes = [reason] if event.compared or not asks else [reason, UNCOMPARED]
    ways = [job.checkout for job in plan.jobs if job.kind in CHECKED_OUT]
    if any(way.submodules is None for way in ways) and read_file(".gitmodules"):
        notes.append("submodules are left out (checkout: {submodules: true})")
    if any(way.lfs is None for way in ways) and b"filter=lfs" in (read_file(".gitattributes") or b""):
        notes.append("LFS files are left as pointers (checkout: {lfs: true})")
    return "; ".join(notes)


def read_suppressions(data: bytes, file: str) -> tuple[Suppression, ...]:
    """The readable entries; one that breaks a rule suppresses nothing, and the scan's notes report it."""
    return suppressions.read(data, file)[0] if data else ()


def read_owners(data: bytes, file: str) -> dict[str, str]:
    """Fingerprint to owner of the file of assigned findings; empty when it cannot be read."""
    return owners.read(data, file) if data else {}


def matches(expression: str, seen: Context) -> bool:
    """Evaluates a gate's expression.

    Raises:
        ValueError: it cannot be evaluated, or is not a boolean.
    """
    value = expressions.evaluate(expression, seen)
    if not isinstance(value, bool):
        raise ValueError(f"{expression} is {value!r}, and must be true or false")
    return value
