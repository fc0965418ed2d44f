"""Parses bytes to a document of an accepted kind. Checks the shape only, and reports all errors in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.core.values import Json, closest
from pipeline_defs.core import templates, yaml_nodes
from pipeline_defs.core.blocks import Block
from pipeline_defs.core.diagnostics import MAX_TOLD, Diagnostic, Path, suggestion, too_many
from pipeline_defs.core.document import Document
from pipeline_defs.core.expected import expected, models_of
from pipeline_defs.core.yaml_nodes import Node

ReadFile = Callable[[str], bytes | None]
"""Reads a file by its path relative to the repository's root (or absolute), or by a `GitReference` as text."""
Kinds = Mapping[str, type[Document]]
"""`kind` of a document to its model."""
B = TypeVar("B", bound=BaseModel)
MAX_USED_BYTES = 2_000_000
"""Of all files that a definition uses: each of them may be as big as a definition."""


@dataclass
class Source:
    """A document with the position of each node."""

    file: str
    root: Node
    document: Document

    def diagnostic(
        self, code: str, message: str, path: Path, *, token: str = "", hint: str = "", key: bool = False
    ) -> Diagnostic:
        """An error at the value of a path, or at its key."""
        node = self.root.key_at(path) if key else self.root.at(path)
        return Diagnostic(code, message, self.file, node.line, node.column, token=token, hint=hint)


@dataclass(frozen=True)
class Parsed:
    """The result of parsing a file."""

    source: Source | None
    """None when nothing could be parsed."""
    diagnostics: tuple[Diagnostic, ...] = ()


def parse(data: bytes, file: str, kinds: Kinds) -> Parsed:
    """Parses a document of one of the kinds; `file` is used in diagnostics only."""
    root, found = yaml_nodes.read(data, file)
    if root is None:
        return Parsed(None, tuple(found))
    if root.entries is None:
        message = "the document must be a mapping"
        return Parsed(None, (*found, Diagnostic("SLW203", message, file, root.line, root.column)))
    kind_node = root.entries.get("kind")
    kind = str(kind_node.value) if kind_node else ""
    if kind not in kinds:
        where = kind_node or root
        message = f"kind '{kind}' is not allowed here" if kind_node else "kind is missing"
        hint = suggestion(kind, kinds)
        return Parsed(
            None, (*found, Diagnostic("SLW206", message, file, where.line, where.column, token=kind, hint=hint))
        )
    root, wrong = templates.expand(root, file)
    document, invalid = validate(kinds[kind], root, file)
    return Parsed(Source(file, root, document) if document else None, (*found, *wrong, *invalid))


@dataclass
class UsedFiles:
    """The files that a definition uses, each read and parsed once."""

    read_file: ReadFile
    kinds: Kinds
    _parsed: dict[str, Parsed | None] = field(default_factory=dict)
    _bytes: int = 0

    def parse(self, path: str) -> Parsed | None:
        """The parsed file; None when it does not exist.

        Raises:
            SluicewayError: whatever `read_file` raises.
        """
        if path not in self._parsed:
            data = self.read_file(path)
            self._parsed[path] = None if data is None else self._parse(data, path)
        return self._parsed[path]

    def _parse(self, data: bytes, path: str) -> Parsed:
        self._bytes += len(data)
        if self._bytes > MAX_USED_BYTES:
            what = (
                f"the used files have {self._bytes:,} bytes up to this one, but at most {MAX_USED_BYTES:,} are allowed"
            )
            return Parsed(None, (Diagnostic("SLW103", what, path),))
        return parse(data, path, self.kinds)


def validate(model: type[B], root: Node, file: str) -> tuple[B | None, list[Diagnostic]]:
    """Leaves out invalid parts and validates the rest, so that its meaning is checked in the same pass."""
    plain = root.plain()
    diagnostics: list[Diagnostic] = []
    left_out: set[Path] = set()
    for _ in range(4):
        try:
            return model.model_validate(plain), diagnostics
        except ValidationError as invalid:
            found = [
                error for error in _meant(invalid) if not _follows(error, _real_path(error["loc"], root), left_out)
            ]
            diagnostics += [_translate(error, model, root, file) for error in found[:MAX_TOLD]]
            if len(found) > MAX_TOLD:
                diagnostics.append(too_many(file))
                break
            wrong = dict.fromkeys(_real_path(error["loc"], root) for error in found)
            left_out |= wrong.keys()
            if not found or any(error["type"] == "missing" for error in found):
                break
            if not _leave_out(plain, wrong):
                break
    return None, diagnostics


def _meant(invalid: ValidationError) -> list[ErrorDetails]:
    """Where a block or a word may stand: of a block that is wrong, not that it is none of the words."""
    errors = invalid.errors()
    paths = [error["loc"] for error in errors]

    def is_block(error: ErrorDetails) -> bool:
        at = error["loc"][:-1]
        is_other = error["type"] == "literal_error" and isinstance(error["input"], dict)
        return is_other and any(len(path) > len(at) + 1 and path[: len(at)] == at for path in paths)

    return [error for error in errors if not is_block(error)]


def _follows(error: ErrorDetails, path: Path, left_out: Iterable[Path]) -> bool:
    """It was told before, or something is too short only because an invalid part of it is left out."""
    short = error["type"] == "too_short"
    return any(one == path or (short and one[: len(path)] == path) for one in left_out)


def _leave_out(plain: Json, paths: Iterable[Path]) -> bool:
    """Whether all could be left out; list items stay, since their indexes are positions."""
    for path in paths:
        holder = _below(plain, path[:-1])
        if not path or not isinstance(holder, dict) or path[-1] not in holder:
            return False
        del holder[path[-1]]
    return True


def _below(plain: Json, path: Path) -> Json:
    for step in path:
        if isinstance(plain, Mapping) and isinstance(step, str):
            plain = plain.get(step)
        elif isinstance(plain, list) and isinstance(step, int):
            plain = plain[step]
        else:
            return None
    return plain


def _translate(error: ErrorDetails, model: type[BaseModel], root: Node, file: str) -> Diagnostic:
    """A pydantic error with position, token and hint."""
    path = _real_path(error["loc"], root)
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        node, word = root.key_at(path), str(path[-1])
        block = _block_at(model, path[:-1])
        hint = block.ELSEWHERE.get(word, "") if block is not None and issubclass(block, Block) else ""
        hint = hint or _did_you_mean(word, _keys_of(block))
        return node.diagnostic("SLW201", f"unknown key '{word}'", file, word, hint)
    if kind == "missing":
        node = root.key_at(path[:-1])
        return node.diagnostic("SLW202", f"'{error['loc'][-1]}' is required", file)
    node = root.at(path)
    token = str(given)[:60] if isinstance(given, str | int | float | bool) else ""
    where = ".".join(str(step) for step in path)
    if kind in ("literal_error", "enum"):
        allowed = [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ",").split(",")]
        hint = _did_you_mean(token, allowed) or f"one of {', '.join(filter(None, allowed))}"  # empty: left out
        return node.diagnostic("SLW206", f"'{token}' is not allowed for {where}", file, token, hint)
    code = "SLW205" if kind == "string_pattern_mismatch" else "SLW203"
    names = [step for step in path if isinstance(step, str)]
    is_named = code == "SLW205" or names[-1:] == [*path[-1:]]
    told = expected(kind, names[-1], model, error) if names and is_named else None
    if told is not None:
        return node.diagnostic(code, f"{where}: {told[0]}", file, token, told[1])
    message = error["msg"].removeprefix("Value error, ")
    return node.diagnostic(code, f"{where}: {message[:1].lower()}{message[1:]}", file, token)


def _real_path(loc: tuple[int | str, ...], root: Node) -> Path:
    """pydantic adds names of union members and `[key]` to locations; the document has none of these."""
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


def _block_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for step in path:
        if current is None:
            return None
        fields = {field.alias or name: field for name, field in current.model_fields.items()}
        if step in fields:
            current = next(models_of(fields[str(step)]), None)
        # else: a mapping key or list index; the same model applies below it
    return current


def _keys_of(block: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in block.model_fields.items()] if block else []


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    meant = closest(word, known)
    return f"did you mean '{meant}'?" if meant else ""
