"""Telling what is wrong with a document, at its place: words, texts with expressions, names of variables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.core.values import closest
from pipeline_defs.core import expression_types as checking
from pipeline_defs.core import expressions, reader
from pipeline_defs.core.diagnostics import Complaint, Problem
from pipeline_defs.core.reader import Source

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass
class Teller:
    """Of one document."""

    source: Source

    def _texts(
        self, texts: Mapping[str, str], path: reader.Path, inside: Mapping[str, checking.Type]
    ) -> Iterator[Problem]:
        for key, text in texts.items():
            if "${{" in text:
                for expression, _ in expressions.found_in(text):
                    yield from self._expression(expression, (*path, key), inside, "dyn", text)

    def _expression(
        self, text: str, path: reader.Path, inside: Mapping[str, checking.Type], wanted: str, written: str
    ) -> Iterator[Problem]:
        node = self.source.root.at(path)
        start = max(written.find(text), 0)
        for complaint in checking.check(text, inside, wanted):
            before = written[: start + complaint.offset]
            line = node.line + before.count("\n")
            column = (node.column if "\n" not in before else 1) + len(before.rsplit("\n", 1)[-1])
            yield Problem(
                complaint.code, complaint.message, self.source.file, line, column, complaint.token, complaint.hint
            )

    def _env_names(self, env: Mapping[str, str], path: reader.Path) -> Iterator[Problem]:
        for name in env:
            if not _ENV_NAME.match(name):
                yield self._say("SLW205", f"'{name}' is no name of a variable", (*path, name), token=name, key=True)
            elif name.startswith("SLUICEWAY_"):
                yield self._say(
                    "SLW205", "names that begin with SLUICEWAY_ are the engine's", (*path, name), token=name, key=True
                )

    def _item(self, path: reader.Path, index: int) -> reader.Path:
        """The path of a list's item, or of the single value that may stand in its place."""
        return (*path, index) if self.source.root.at(path).items is not None else path

    def _complaints(self, complaints: Iterable[Complaint], path: reader.Path) -> Iterator[Problem]:
        for found in complaints:
            where = (*path, *found.path)
            yield self._say(found.code, found.message, where, token=found.token, hint=found.hint, key=found.key)

    def _unknown(self, code: str, what: str, word: str, known: Mapping[str, object], path: reader.Path) -> Problem:
        meant = closest(word, known)
        hint = f"did you mean '{meant}'?" if meant else f"there are {', '.join(known) or 'none'}"
        return self._say(code, f"unknown {what} '{word}'", path, token=word, hint=hint)

    def _say(
        self, code: str, message: str, path: reader.Path, *, token: str = "", hint: str = "", key: bool = False
    ) -> Problem:
        return self.source.problem(code, message, path, token=token, hint=hint, key=key)
