"""Bytes to a checked document: shape first (model.py), then meaning (lint.py). Every problem in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.core.values import closest
from pipeline_defs.core import templates
from pipeline_defs.core import yaml_nodes as yaml_source
from pipeline_defs.core.diagnostics import Problem
from pipeline_defs.core.yaml_nodes import Node
from pipeline_defs.documents import KINDS
from pipeline_defs.pipelines.model import Document

Path = tuple[str | int, ...]
B = TypeVar("B", bound=BaseModel)


@dataclass
class Source:
    """A document and where each of its words stands."""

    file: str
    root: Node
    document: Document

    def problem(
        self,
        code: str,
        message: str,
        path: tuple[str | int, ...],
        *,
        token: str = "",
        hint: str = "",
        key: bool = False,
    ) -> Problem:
        node = self.root.key_at(path) if key else self.root.at(path)
        return Problem(code, message, self.file, node.line, node.column, token, hint)


def parse(data: bytes, file: str) -> tuple[Source | None, list[Problem]]:
    """A document of whatever kind it says to be."""
    root, problems = yaml_source.read(data, file)
    if root is None:
        return None, problems
    if root.entries is None:
        return None, [*problems, Problem("SLW203", "the document is no mapping", file, root.line, root.column)]
    kind_node = root.entries.get("kind")
    kind = kind_node.value if kind_node else None
    if kind not in KINDS:
        where = kind_node or root
        message = f"kind is '{kind}'" if kind_node else "kind is missing"
        hint = _did_you_mean(str(kind), KINDS) or f"kind is one of {', '.join(KINDS)}"
        return None, [*problems, Problem("SLW206", message, file, where.line, where.column, str(kind or ""), hint)]
    root, wrong = templates.expand(root, file)
    document, found = validate(KINDS[kind], root, file)
    return (Source(file, root, document) if document else None), [*problems, *wrong, *found]


def validate(model: type[B], root: Node, file: str) -> tuple[B | None, list[Problem]]:
    """What is wrong is left out and the rest validated again, so that its meaning can be checked in the same pass."""
    plain = root.plain()
    problems: list[Problem] = []
    left_out: set[Path] = set()
    for _ in range(4):
        try:
            return model.model_validate(plain), problems
        except ValidationError as invalid:
            found = [error for error in invalid.errors() if _real_path(error["loc"], root) not in left_out]
            problems += [_translate(error, model, root, file) for error in found]
            wrong = dict.fromkeys(_real_path(error["loc"], root) for error in found)
            left_out |= wrong.keys()
            if not found or any(error["type"] == "missing" for error in found):
                break
            if not _leave_out(plain, wrong):
                break
    return None, problems


def _leave_out(plain: Any, paths: Iterable[Path]) -> bool:
    """Whether each could be left out; a list's items stay, since their numbers are positions."""
    for path in paths:
        if not path or isinstance(path[-1], int):
            return False
        holder = plain
        for step in path[:-1]:
            holder = holder[step]
        if not isinstance(holder, dict) or path[-1] not in holder:
            return False
        del holder[path[-1]]
    return True


def _translate(error: Any, model: type[BaseModel], root: Node, file: str) -> Problem:
    """A pydantic error as a problem with position, token and hint."""
    path = _real_path(error["loc"], root)
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        node, word = root.key_at(path), str(path[-1])
        hint = _did_you_mean(word, _known_keys(model, path[:-1]))
        return Problem("SLW201", f"unknown key '{word}'", node.file or file, node.line, node.column, word, hint)
    if kind == "missing":
        node = root.key_at(path[:-1])
        return Problem("SLW202", f"'{error['loc'][-1]}' is missing here", node.file or file, node.line, node.column)
    node = root.at(path)
    token = str(given)[:60] if isinstance(given, str | int | float | bool) else ""
    where = ".".join(str(step) for step in path)
    if kind in ("literal_error", "enum"):
        allowed = [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ",").split(",")]
        hint = _did_you_mean(token, allowed) or f"one of {', '.join(allowed)}"
        return Problem(
            "SLW206", f"'{token}' is not allowed for {where}", node.file or file, node.line, node.column, token, hint
        )
    code = "SLW205" if kind == "string_pattern_mismatch" else "SLW203"
    message = error["msg"].removeprefix("Value error, ")
    return Problem(
        code, f"{where}: {message[:1].lower()}{message[1:]}", node.file or file, node.line, node.column, token
    )


def _real_path(loc: tuple[Any, ...], root: Node) -> tuple[str | int, ...]:
    """pydantic puts names of union members and `[key]` into locations; the document knows none of them."""
    path: list[str | int] = []
    node = root
    for index, step in enumerate(loc):
        below = node.at((step,)) if isinstance(step, str | int) else node
        if below is not node:
            path.append(step)
            node = below
        elif index == len(loc) - 1 and step != "[key]" and node.entries is not None:
            path.append(step)
    return tuple(path)


def _known_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    current: type[BaseModel] | None = model
    for step in path:
        if current is None:
            return []
        fields = {field.alias or name: field for name, field in current.model_fields.items()}
        if step in fields:
            current = next(_models(fields[str(step)].annotation), None)
        # else: a key of a mapping or an index of a list, below which the same model goes on
    return [field.alias or name for name, field in current.model_fields.items()] if current else []


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _did_you_mean(word: str, known: Any) -> str:
    found = closest(word, known)
    return f"did you mean '{found}'?" if found else ""
