"""Parses CEL expressions to syntax trees, by the grammar of the CEL specification (github.com/google/cel-spec,
langdef.md).

Written by hand: every expression of a definition is type-checked, this takes a tenth of the time of a parser
generator's output, and it keeps positions. The library that evaluates expressions exposes no syntax tree; a test
compares what both accept. Messages (`Type{field: value}`) are not supported: no expression has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

MAX_DEPTH = 50
"""Nesting depth of brackets and prefixes."""
MAX_OPERATORS = 200
"""Operators in a row, on one level."""


class CelSyntaxError(ValueError):
    """A syntax error. `offset` counts characters."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"the expression cannot be parsed at character {offset}")
        self.offset = offset


@dataclass(slots=True)
class Literal:
    """A literal value."""

    offset: int
    type: str
    text: str
    """Without quotes."""


@dataclass(slots=True)
class Name:
    """A variable."""

    offset: int
    name: str


@dataclass(slots=True)
class Select:
    """`operand.field`."""

    offset: int
    operand: Node
    field: str
    field_offset: int


@dataclass(slots=True)
class Index:
    """`operand[key]`."""

    offset: int
    operand: Node
    key: Node


@dataclass(slots=True)
class Call:
    """`function(arguments)`, or `receiver.function(arguments)`."""

    offset: int
    function: str
    function_offset: int
    receiver: Node | None
    arguments: tuple[Node, ...]


@dataclass(slots=True)
class Unary:
    """`!operand`, or `-operand`."""

    offset: int
    operator: str
    operand: Node


@dataclass(slots=True)
class Binary:
    """`left operator right`."""

    offset: int
    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Conditional:
    """`condition ? yes : no`."""

    offset: int
    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True)
class Collection:
    """A list, or a map with its keys and values in turn."""

    offset: int
    type: str
    items: tuple[Node, ...]


Node = Literal | Name | Select | Index | Call | Unary | Binary | Conditional | Collection
"""`offset` is that of the node's first token."""

_STRING = r"""(?:[rR]?[bB]?|[bB][rR])(?:
      \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
    | \"(?:\\.|[^\\\"\n\r])*\" | '(?:\\.|[^\\'\n\r])*'
    )"""
_TOKEN = re.compile(
    rf"""(?:[\t\n\f\r\ ]|//[^\n]*)*(?:
      (?P<string>{_STRING})
    | (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)
    | (?P<int>(?:0x[0-9a-fA-F]+|\d+)[uU]?)
    | (?P<word>[_a-zA-Z][_a-zA-Z0-9]*)
    | (?P<operator>\|\||&&|[<>=!]=|[-+*/%<>!?:.,()\[\]{{}}])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_CONSTANTS = {"true": "bool", "false": "bool", "null": "null"}
_RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
_PRECEDENCE = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("<", "<=", ">=", ">", "==", "!=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The syntax tree of an expression.

    Raises:
        CelSyntaxError: invalid syntax, or nesting too deep.
    """
    parser = _Parser(text)
    node = parser.expression()
    if parser.kind != "end":
        parser.fail()
    return node


class _Parser:
    """One token of look-ahead: `kind`, `word` and `offset` are the next token's."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._depth = 0
        self.offset = self._last = 0
        self.kind = self.word = ""
        self._advance()

    def fail(self) -> NoReturn:
        raise CelSyntaxError(self._last if self.kind == "end" else self.offset)

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._end)
        if match is None or match.lastgroup is None:
            blank = len(self._text) - len(self._text[self._end :].lstrip())
            raise CelSyntaxError(blank)
        self._last, self.kind = self.offset, match.lastgroup
        self.word, self.offset, self._end = match[self.kind], match.start(self.kind), match.end()
        if self.word == "in":
            self.kind = "operator"

    def _take(self, operator: str) -> bool:
        """Whether the next token is that operator; consumes it."""
        if self.kind != "operator" or self.word != operator:
            return False
        self._advance()
        return True

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            self.fail()

    def _identifier(self) -> tuple[str, int]:
        if self.kind != "word" or self.word in _CONSTANTS:
            self.fail()
        word, offset = self.word, self.offset
        self._advance()
        return word, offset

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail()
        node = self._binary(1)
        if self._take("?"):
            yes = self._binary(1)
            self._expect(":")
            node = Conditional(node.offset, node, yes, self.expression())
        self._depth -= 1
        return node

    def _binary(self, lowest: int) -> Node:
        """Left-associative operators that bind at least as strongly as `lowest`."""
        node = self._unary()
        operators = 0
        while self.kind == "operator" and _PRECEDENCE.get(self.word, 0) >= lowest:
            operator = self.word
            operators += 1
            if operators > MAX_OPERATORS:
                self.fail()
            self._advance()
            node = Binary(node.offset, operator, node, self._binary(_PRECEDENCE[operator] + 1))
        return node

    def _unary(self) -> Node:
        operator, offsets = self.word, []
        while self.kind == "operator" and operator in ("!", "-") and self.word == operator:
            offsets.append(self.offset)
            if len(offsets) > MAX_DEPTH:
                self.fail()
            self._advance()
        node = self._member()
        for offset in reversed(offsets):
            node = Unary(offset, operator, node)
        return node

    def _member(self) -> Node:
        node = self._primary()
        steps = 0
        while self.kind == "operator" and self.word in (".", "["):
            steps += 1
            if steps > MAX_OPERATORS:
                self.fail()
            if self._take("["):
                node = Index(node.offset, node, self.expression())
                self._expect("]")
                continue
            self._advance()
            name, offset = self._identifier()
            if self._take("("):
                node = Call(node.offset, name, offset, node, self._arguments())
            else:
                node = Select(node.offset, node, name, offset)
        return node

    def _primary(self) -> Node:
        offset = self.offset
        if self.kind in ("string", "double", "int") or self.word in _CONSTANTS:
            return self._literal()
        if self._take("("):
            node = self.expression()
            self._expect(")")
            return node
        if self._take("["):
            return Collection(offset, "list", self._items())
        if self._take("{"):
            return Collection(offset, "map", self._entries())
        if self._take("-"):  # after another prefix, only as the sign of a number
            signed = self.kind in ("double", "int") and self.word[-1] not in "uU"
            return self._literal() if signed else self.fail()
        self._take(".")
        if self.word in _RESERVED:
            self.fail()
        name, offset = self._identifier()
        return Call(offset, name, offset, None, self._arguments()) if self._take("(") else Name(offset, name)

    def _literal(self) -> Literal:
        kind = _CONSTANTS.get(self.word, self.kind)
        text = self.word.lstrip("rRbB").strip("\"'") if kind == "string" else self.word
        node = Literal(self.offset, kind, text)
        self._advance()
        return node

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")"):
            return ()
        items = [self.expression()]
        while self._take(","):
            items.append(self.expression())
        self._expect(")")
        return tuple(items)

    def _items(self) -> tuple[Node, ...]:
        """The elements of a list."""
        items: list[Node] = []
        while not self._ends("]", bool(items)):
            items.append(self.expression())
        return tuple(items)

    def _entries(self) -> tuple[Node, ...]:
        """A map's keys and values, alternating."""
        items: list[Node] = []
        while not self._ends("}", bool(items)):
            items.append(self.expression())
            self._expect(":")
            items.append(self.expression())
        return tuple(items)

    def _ends(self, bracket: str, begun: bool) -> bool:
        """Whether the list or map ends here; otherwise consumes the comma. A trailing comma is allowed."""
        comma = self._take(",")
        if self._take(bracket):
            return True
        if begun != comma:
            self.fail()
        return False
