"""The language of definitions, handed to the activities that need it: the two layers stay apart."""

from __future__ import annotations

from collections.abc import Callable

from activities.triggers.port import CompiledDefinition
from domain.core.errors import DefinitionError
from domain.core.values import Context
from domain.scans.findings.suppressions import Suppression
from domain.triggers.events import Event, match
from pipeline_defs.core import expressions
from pipeline_defs.core.diagnostics import InvalidDefinitionError
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
from pipeline_defs.scans import suppressions
from pipeline_defs.triggers.compile import listeners


class YamlReader:
    """Compiles a definition in the repository for an event; the activities know it by their port only."""

    def read(
        self, data: bytes, path: str, event: Event, read_file: Callable[[str], bytes | None]
    ) -> CompiledDefinition:
        """A definition with errors starts a run too: one that fails with them, where people look."""
        try:
            checked = check(data, path, read_file)
            found = match(event, listeners(pipeline_of(checked).on))
            if not found.starts:
                return CompiledDefinition(False, found.reason)
            return CompiledDefinition(True, found.reason, compile_plan(checked, event))
        except InvalidDefinitionError as invalid:
            return CompiledDefinition(
                True, "the definition has errors", problems=tuple(str(one) for one in invalid.diagnostics)
            )
        except DefinitionError as wrong:
            return CompiledDefinition(True, wrong.what, problems=(str(wrong),))


def read_suppressions(data: bytes, file: str) -> tuple[Suppression, ...]:
    """What is readable; a file that breaks the rules suppresses nothing, and the scan's notes say so of each entry."""
    return suppressions.read(data, file)[0] if data else ()


def matches(expression: str, seen: Context) -> bool:
    """Raises ValueError when it cannot be evaluated, or is neither true nor false."""
    value = expressions.evaluate(expression, seen)
    if not isinstance(value, bool):
        raise ValueError(f"{expression} is {value!r}, and must be true or false")
    return value
