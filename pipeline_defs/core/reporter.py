"""Collects diagnostics of one document with their positions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.core import globs
from domain.core.interpolation import interpolations
from pipeline_defs.core import expression_types
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation, suggestion
from pipeline_defs.core.expression_types import Type
from pipeline_defs.core.reader import Source

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True)
class DiagnosticReporter:
    """Turns what is wrong with one document into diagnostics with file, line and column."""

    source: Source

    def report(
        self, code: str, message: str, path: Path, *, token: str = "", hint: str = "", key: bool = False
    ) -> Diagnostic:
        """Reports an error at the value of a path, or at its key."""
        return self.source.diagnostic(code, message, path, token=token, hint=hint, key=key)

    def warning(
        self, code: str, message: str, path: Path, token: str = "", hint: str = "", *, key: bool = False
    ) -> Diagnostic:
        """Like `report`, for a warning."""
        return replace(self.report(code, message, path, token=token, hint=hint, key=key), severity="warning")

    def violations(self, violations: Iterable[Violation], path: Path = ()) -> Iterator[Diagnostic]:
        """Reports rule violations below `path`."""
        for one in violations:
            where = (*path, *one.path)
            yield self.report(one.code, one.message, where, token=one.token, hint=one.hint, key=one.key)

    def unknown(self, code: str, what: str, word: str, known: Iterable[str], path: Path) -> Diagnostic:
        """Reports an unknown word with the closest known one."""
        return self.report(code, f"unknown {what} '{word}'", path, token=word, hint=suggestion(word, known))

    def expression(
        self, text: str, path: Path, scope: Mapping[str, Type], expected: str, written: str = ""
    ) -> Iterator[Diagnostic]:
        """Reports errors of an expression with an expected type; `written`: the text around it."""
        found = expression_types.check(text, scope, expected)
        if not found:
            return
        node = self.source.root.at(path)
        start = max(written.find(text), 0)
        for one in found:
            before = written[: start + one.offset]
            line = node.line + before.count("\n")
            column = (node.column if "\n" not in before else 1) + len(before.rsplit("\n", 1)[-1])
            yield Diagnostic(
                one.code,
                one.message,
                self.source.file,
                line,
                column,
                token=one.token,
                hint=one.hint,
                severity="warning" if one.warning else "error",
            )

    def texts(self, texts: Mapping[str, str], path: Path, scope: Mapping[str, Type]) -> Iterator[Diagnostic]:
        """Reports errors of the expressions inside texts, by their keys below `path`."""
        for key, text in texts.items():
            for found in interpolations(text):
                if found.closed:
                    yield from self.expression(found.expression, (*path, key), scope, "dyn", text)
                else:
                    message = "'${{' has no '}}' that closes it"
                    yield self.report("SLW401", message, (*path, key), token=text[found.start : found.start + 40])

    def environment_variables(self, env: Mapping[str, str], path: Path) -> Iterator[Diagnostic]:
        """Reports names that no shell accepts, or that the engine sets itself."""
        for name in env:
            where = (*path, name)
            if not _ENV_NAME.match(name):
                message = f"'{name}' is not a valid name for an environment variable"
                yield self.report("SLW205", message, where, token=name, key=True)
            elif name.startswith("SLUICEWAY_"):
                message = "variables that begin with SLUICEWAY_ are reserved for the engine"
                yield self.report("SLW205", message, where, token=name, key=True)

    def patterns(
        self, patterns: Sequence[str], path: Path, complaint: Callable[[str], str] = globs.complaint
    ) -> Iterator[Diagnostic]:
        """Reports patterns that are malformed, and warns of those that can match nothing."""
        for index, pattern in enumerate(patterns):
            where = self.item(path, index)
            if wrong := globs.malformed(pattern):
                yield self.report("SLW203", f"the pattern cannot be read: {wrong}", where, token=pattern)
            elif why := complaint(pattern):
                yield self.warning("SLW207", f"the pattern can never match: {why}", where, pattern)

    def item(self, path: Path, index: int) -> Path:
        """The path of a list's item, or of a single value in place of the list."""
        return (*path, index) if self.source.root.at(path).items is not None else path
