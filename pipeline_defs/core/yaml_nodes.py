"""Parses YAML to nodes with positions: the core schema of YAML 1.2, with limits, since definitions are untrusted.

libyaml emits the events (fast, with positions); plain scalars are resolved here by YAML 1.2.2 section 10.3.2, where
`on` is a string and only true/false are booleans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field

import yaml

from domain.core.values import Json, Scalar
from pipeline_defs.core.diagnostics import Diagnostic

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_ALIASED_NODES = 100_000
MAX_NODES = 100_000
"""Keys and values of a file: what is done for each of them costs ten microseconds and more."""
MAX_ENTRIES = 10_000
"""Of one mapping or list."""

_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_ESCAPE = re.compile(r"\\(?:(?P<nul>0|x00|u0000|U00000000)|.)", re.DOTALL)
_CONSTANTS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}


class WrittenInt(int):
    """An integer that keeps its source text, for fields that expect a string."""

    written: str

    @classmethod
    def of(cls, text: str) -> WrittenInt:
        """The number of a plain scalar."""
        number = cls(text[:400], 0) if text.startswith(("0o", "0x")) else cls(text[:400])
        number.written = text
        return number


class WrittenFloat(float):
    """`1.10` stays `1.10` where a string is expected."""

    written: str

    @classmethod
    def of(cls, text: str) -> WrittenFloat:
        """The number of a plain scalar."""
        number = cls(text)
        number.written = text
        return number


@dataclass
class Node:
    """Lines and columns count from 1. `entries` is set for mappings, `items` for sequences."""

    line: int
    column: int
    _: KW_ONLY
    value: Json = None
    entries: dict[str, Node] | None = None
    keys: dict[str, Node] = field(default_factory=dict)
    items: list[Node] | None = None
    weight: int = 1
    file: str = ""
    """The node's file, when it differs from the document's."""

    def diagnostic(self, code: str, message: str, file: str, token: str = "", hint: str = "") -> Diagnostic:
        """An error at this node; `file`: the document's."""
        return Diagnostic(code, message, self.file or file, self.line, self.column, token=token, hint=hint)

    def plain(self) -> Json:
        """Mappings, lists and scalars without positions."""
        if self.entries is not None:
            return {key: node.plain() for key, node in self.entries.items()}
        if self.items is not None:
            return [node.plain() for node in self.items]
        return self.value

    def at(self, path: tuple[str | int, ...]) -> Node:
        """The node at a path, or the deepest existing one on it."""
        node = self
        for step in path:
            below = None
            if node.entries is not None and isinstance(step, str):
                below = node.entries.get(step)
            elif node.items is not None and isinstance(step, int) and step < len(node.items):
                below = node.items[step]
            if below is None:
                return node
            node = below
        return node

    def key_at(self, path: tuple[str | int, ...]) -> Node:
        """The node of the path's last key; for an index, of the value."""
        parent = self.at(path[:-1]) if path else self
        last = path[-1] if path else None
        return parent.keys.get(last, self.at(path)) if isinstance(last, str) else self.at(path)


class _Stop(Exception):  # noqa: N818  (control flow, not an error)
    """Reading cannot continue."""


def read(data: bytes, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """The document's root, and all syntax errors; the root is None when nothing could be read."""
    found, diagnostics = _read(data, file, several=False)
    return (found[0] if found else None), diagnostics


def read_all(data: bytes, file: str) -> tuple[list[Node], list[Diagnostic]]:
    """The roots of all documents, without empty ones; none when one cannot be read."""
    return _read(data, file, several=True)


def _read(data: bytes, file: str, *, several: bool) -> tuple[list[Node], list[Diagnostic]]:
    if len(data) > MAX_BYTES:
        return [], [
            Diagnostic("SLW103", f"the file has {len(data):,} bytes, but at most {MAX_BYTES:,} are allowed", file)
        ]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = data.count(b"\n", 0, broken.start) + 1
        return [], [Diagnostic("SLW102", f"byte {broken.start} (0x{data[broken.start]:02x}) is not UTF-8", file, line)]
    reader = _Reader(file, text)
    try:
        events = yaml.parse(text, Loader=_LOADER)
        nodes = reader.documents(events) if several else [reader.document(events)]
    except _Stop:
        return [], reader.diagnostics
    except yaml.MarkedYAMLError as broken:
        return [], [*reader.diagnostics, _syntax(broken, text, file)]
    except (yaml.YAMLError, ValueError) as broken:
        return [], [*reader.diagnostics, Diagnostic("SLW101", " ".join(str(broken).split()), file)]
    return nodes, reader.diagnostics


def _syntax(broken: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    mark = broken.problem_mark or broken.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines()
    shown = lines[line - 1] if line <= len(lines) else ""
    if "\t" in shown[: len(shown) - len(shown.lstrip())]:
        column = shown.index("\t") + 1
        return Diagnostic("SLW107", "indentation uses a tab", file, line, column, hint="indent with spaces")
    return Diagnostic("SLW101", broken.problem or "not readable", file, line, column, token=shown.strip()[:60])


class _Reader:
    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._text = text
        self.diagnostics: list[Diagnostic] = []
        self._anchors: dict[str, Node] = {}
        self._aliased = 0
        self._nodes = 0

    def document(self, events: Iterator[yaml.Event]) -> Node:
        self._events = events
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise self._stop("SLW108", "a second document begins here, but a file must hold exactly one", event)
                root = self._node(next(events), 1)
        if root is None or (root.entries is None and root.items is None and root.value is None):
            self.diagnostics.append(Diagnostic("SLW108", "the document is empty", self.file))
            raise _Stop
        return root

    def documents(self, events: Iterator[yaml.Event]) -> list[Node]:
        self._events = events
        found = []
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors = {}
                found.append(self._node(next(events), 1))
        return [one for one in found if (one.entries, one.items, one.value) != (None, None, None)]

    def _node(self, event: yaml.Event, depth: int) -> Node:
        mark = event.start_mark
        assert mark is not None, "libyaml gives every event one"
        node = Node(mark.line + 1, mark.column + 1)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._stop("SLW110", f"more than {MAX_NODES:,} keys and values", event)
        if depth > MAX_DEPTH:
            raise self._stop("SLW104", f"nested deeper than {MAX_DEPTH} levels", event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            node.value = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.items = []
            while not isinstance(below := next(self._events), yaml.SequenceEndEvent):
                node.items.append(self._node(below, depth + 1))
                self._entries(len(node.items), below)
            node.weight += sum(item.weight for item in node.items)
        else:
            self._mapping(node, depth)
        if isinstance(event, yaml.NodeEvent) and event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _mapping(self, node: Node, depth: int) -> None:
        node.entries = {}
        written = 0
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            written += 1  # duplicates, too
            self._entries(written, event)
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            node.weight += value.weight + 1
            if key.entries is not None or key.items is not None:
                self.diagnostics.append(Diagnostic("SLW203", "a key must be a string", self.file, key.line, key.column))
                continue
            name = event.value if isinstance(event, yaml.ScalarEvent) else str(key.value)
            if name == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
                message, hint = "YAML 1.2 has no merge key '<<'", "reuse parts of jobs with templates and extends"
                self.diagnostics.append(
                    Diagnostic("SLW201", message, self.file, key.line, key.column, token=name, hint=hint)
                )
                continue
            if name in node.entries:
                first = node.keys[name].line
                message = f"duplicate key '{name}', first used in line {first}"
                self.diagnostics.append(Diagnostic("SLW105", message, self.file, key.line, key.column, token=name))
                continue
            node.entries[name], node.keys[name] = value, key

    def _entries(self, count: int, event: yaml.Event) -> None:
        if count > MAX_ENTRIES:
            raise self._stop("SLW110", f"a mapping or list of more than {MAX_ENTRIES:,} entries", event)

    def _alias(self, event: yaml.AliasEvent) -> Node:
        node = self._anchors.get(event.anchor or "")
        if node is None:
            raise self._stop("SLW106", f"alias *{event.anchor} has no anchor before it", event)
        self._aliased += node.weight
        if self._aliased > MAX_ALIASED_NODES:
            raise self._stop("SLW106", f"aliases expand to more than {MAX_ALIASED_NODES:,} nodes", event)
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar | None:
        text = event.value
        if "\0" in text:
            self._nul(event)
        if not event.implicit[0] or (event.tag and event.tag != "!"):
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INT.match(text):
            return WrittenInt.of(text)
        return WrittenFloat.of(text) if _FLOAT.match(text) else text

    def _nul(self, event: yaml.ScalarEvent) -> None:
        """Told where it is written: a script may have many lines."""
        start, end = event.start_mark, event.end_mark
        assert start is not None, "libyaml gives every event one"
        assert end is not None, "libyaml gives every event one"
        escapes = _ESCAPE.finditer(self._text, start.index, end.index)
        found = next((escape for escape in escapes if escape["nul"]), None)
        before = self._text[start.index : found.start() if found else start.index]
        line = start.line + before.count("\n") + 1
        column = len(before.rsplit("\n", 1)[-1]) + (0 if "\n" in before else start.column) + 1
        message = "a NUL character: no script, variable or name can hold one"
        token = found[0] if found else ""
        self.diagnostics.append(Diagnostic("SLW109", message, self.file, line, column, token=token))

    def _stop(self, code: str, message: str, event: yaml.Event) -> _Stop:
        mark = event.start_mark
        assert mark is not None, "libyaml gives every event one"
        self.diagnostics.append(Diagnostic(code, message, self.file, mark.line + 1, mark.column + 1))
        return _Stop()
