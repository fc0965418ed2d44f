"""SQL that is put together from values gets placeholders and parameters, in the style of the program's driver."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from domain.scans.fixes.edits import Edit, Program

QUESTION, PERCENT = "?", "%s"
_STYLES = {
    **dict.fromkeys(("sqlite3", "aiosqlite", "pyodbc", "duckdb"), QUESTION),
    **dict.fromkeys(("psycopg", "psycopg2", "pymysql", "MySQLdb", "mysql.connector", "aiomysql", "aiopg"), PERCENT),
    "django.db": PERCENT,
}
"""Module to its placeholder (PEP 249: paramstyle)."""
_VALUE_FOLLOWS = re.compile(r"(?i)(?:[=<>]|\b(?:like|ilike|limit|offset|between)|\bbetween\s+\S+\s+and)\s*$")
_LISTED = re.compile(r"(?i)\b(?:in|values)\s*\([^()']*$")
_FORMAT = re.compile(r"%(%|s|d|i|r|\()")
HINT = "write placeholders, and pass the values as parameters"


@dataclass(frozen=True)
class _Hole:
    """A value in the text."""

    value: ast.expr


_Piece = str | _Hole


def edits(one: Program, call: ast.Call) -> list[Edit] | None:
    """None: it is no such call, the driver is unknown, or a value is no value of SQL (a name of a table)."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "execute":
        return None
    if len(call.args) != 1 or call.keywords or not (style := _style(one)):
        return None
    pieces = _pieces(call.args[0])
    if not pieces or not any(isinstance(piece, _Hole) for piece in pieces):
        return None
    made = _parameters(pieces, style)
    if not made:
        return None
    statement, values = made
    parameters = ast.unparse(ast.Tuple(values, ast.Load()))
    return [Edit(*one.span(call.args[0]), f"{_literal(statement)}, {parameters}")]


def _style(one: Program) -> str:
    """Of the one driver that is imported; empty if there is none, or two of different style."""
    names = set(one.modules.values())
    found = {
        style
        for driver, style in _STYLES.items()
        if any(name == driver or name.startswith(f"{driver}.") for name in names)
    }
    return found.pop() if len(found) == 1 else ""


def _pieces(query: ast.expr) -> list[_Piece]:
    """Constant texts and values in their order; empty where it cannot be taken apart."""
    match query:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return _of_parts(parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _pieces(left) or _value(left), _pieces(right) or _value(right)
            return [*first, *second]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            return _percent(text, right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=values, keywords=[]):
            return _formatted(text, values)
    return []


def _value(node: ast.expr) -> list[_Piece]:
    return [_Hole(node)]


def _of_parts(parts: list[ast.expr]) -> list[_Piece]:
    found: list[_Piece] = []
    for part in parts:
        match part:
            case ast.Constant(value=str(text)):
                found.append(text)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                found.append(_Hole(value))
            case _:
                return []
    return found


def _percent(text: str, right: ast.expr) -> list[_Piece]:
    values = list(right.elts) if isinstance(right, ast.Tuple) else [right]
    found: list[_Piece] = []
    end = 0
    for hole in _FORMAT.finditer(text):
        found.append(text[end : hole.start()])
        end = hole.end()
        if hole[1] == "%":
            found.append("%")
        elif hole[1] in {"r", "("} or not values:
            return []
        else:
            found.append(_Hole(values.pop(0)))
    return [] if values or "%" in text[end:] else [*found, text[end:]]


def _formatted(text: str, values: list[ast.expr]) -> list[_Piece]:
    parts = text.split("{}")
    if len(parts) != len(values) + 1 or any("{" in part or "}" in part for part in parts):
        return []
    found: list[_Piece] = [parts[0]]
    for part, value in zip(parts[1:], values, strict=True):
        found += [_Hole(value), part]
    return found


def _parameters(pieces: list[_Piece], style: str) -> tuple[str, list[ast.expr]] | None:
    """The statement with placeholders, and the values; None if a value stands where SQL has no value."""
    if any(isinstance(piece, str) and (QUESTION in piece or "$$" in piece or "--" in piece) for piece in pieces):
        return None
    statement, values, quoted = "", list[ast.expr](), list[_Piece]()
    inside = False
    for piece in _tokens(pieces):
        if piece == "'":
            if inside and any(isinstance(each, _Hole) for each in quoted):
                statement, values = statement + style, [*values, _text(quoted)]
            elif inside:
                statement += f"'{_escaped(''.join(each for each in quoted if isinstance(each, str)), style)}'"
            inside, quoted = not inside, []
        elif inside:
            quoted.append(piece)
        elif isinstance(piece, _Hole):
            if not (_VALUE_FOLLOWS.search(statement) or _LISTED.search(statement)):
                return None
            statement, values = statement + style, [*values, _bare(piece.value)]
        else:
            statement += _escaped(piece, style)
    return None if inside else (statement, values)


def _bare(value: ast.expr) -> ast.expr:
    """Without quotes around it SQL has read a number, not the text that `str` has made of it to be joined."""
    match value:
        case ast.Call(func=ast.Name(id="str"), args=[ast.expr() as inner], keywords=[]) if not isinstance(
            inner, ast.Starred
        ):
            return inner
    return value


def _tokens(pieces: list[_Piece]) -> list[_Piece]:
    """Quotes become pieces of their own."""
    return [
        token
        for piece in pieces
        for token in (re.split(r"(')", piece) if isinstance(piece, str) else [piece])
        if token != ""
    ]


def _escaped(text: str, style: str) -> str:
    return text.replace("%", "%%") if style == PERCENT else text


def _text(quoted: list[_Piece]) -> ast.expr:
    """What stood in quotes: one value, or a text around values."""
    if len(quoted) == 1 and isinstance(quoted[0], _Hole):
        return quoted[0].value
    return ast.JoinedStr(
        [ast.FormattedValue(each.value, -1) if isinstance(each, _Hole) else ast.Constant(each) for each in quoted]
    )


def _literal(text: str) -> str:
    if "\n" in text and '"""' not in text and "\\" not in text and not text.endswith('"'):
        return f'"""{text}"""'
    plain = '"' not in text and "\\" not in text and text.isprintable()
    return f'"{text}"' if plain else repr(text)
