"""subprocess with a command line for a shell gets a list of arguments, if the line needs no shell."""

from __future__ import annotations

import ast
import re
import shlex

from domain.scans.fixes.edits import Edit, Program, without

_CALLS = {f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")}
_SHELLY = re.compile(r"[|&;<>()$`\\*?\[\]#~!{}\r\n'\"%]")
"""What a shell would do something with."""
_BUILTIN = {"cd", "export", "source", ".", "exit", "set", "unset", "alias", "eval", "exec", "ulimit", "umask", "type"}
HINT = "pass a list of arguments, without shell=True"


def edits(one: Program, call: ast.Call) -> list[Edit] | None:
    """None: it is no such call, or the line needs a shell."""
    if one.name(call.func) not in _CALLS or len(call.args) != 1:
        return None
    shell = next((keyword for keyword in call.keywords if keyword.arg == "shell"), None)
    others = {keyword.arg for keyword in call.keywords}
    if shell is None or not _is_true(shell.value) or others & {None, "executable"}:
        return None
    words = _words(call.args[0])
    if not words or _first(words) in _BUILTIN or "=" in _first(words):
        return None
    listed = ast.unparse(ast.List(words, ast.Load()))
    removed = without(one, call, shell) or Edit(*one.span(shell.value), "False")
    return [Edit(*one.span(call.args[0]), _quoted(listed)), removed]


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _first(words: list[ast.expr]) -> str:
    """The program's name; a value that is not known here is refused as if it were a builtin."""
    return str(words[0].value) if isinstance(words[0], ast.Constant) else "."


def _words(line: ast.expr) -> list[ast.expr]:
    """The arguments; empty if a shell is needed."""
    match line:
        case ast.Constant(value=str(text)) if not _SHELLY.search(text):
            return [ast.Constant(word) for word in shlex.split(text)]
        case ast.JoinedStr(values=parts):
            return _split(parts)
    return []


def _split(parts: list[ast.expr]) -> list[ast.expr]:
    """Words of an f-string: spaces of its constant parts separate them, a value never does."""
    words: list[list[ast.expr]] = [[]]
    for part in parts:
        if not isinstance(part, ast.Constant):
            words[-1].append(part)
            continue
        if _SHELLY.search(str(part.value)):
            return []
        for number, piece in enumerate(re.split(r"[ \t]+", str(part.value))):
            if number:
                words.append([])
            if piece:
                words[-1].append(ast.Constant(piece))
    return [_joined(word) for word in words if word]


def _joined(word: list[ast.expr]) -> ast.expr:
    return word[0] if len(word) == 1 and isinstance(word[0], ast.Constant) else ast.JoinedStr(word)


def _quoted(listed: str) -> str:
    """Double quotes, as most formatters want them."""
    return listed.replace("'", '"') if '"' not in listed and "\\" not in listed else listed
