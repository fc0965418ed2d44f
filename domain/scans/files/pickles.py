"""Pickles that do something when they are loaded: a model or a cache that calls `os.system`. Nothing is loaded here.

Only the names that a pickle asks for are read, so one that hides them (`getattr` on what it has) is known by that.
"""

from __future__ import annotations

import io
import pickletools
import re
from collections.abc import Iterator

MAX_PICKLE = 50_000_000
"""Bytes of one that is read."""
MAX_OPERATIONS = 1_000_000
"""Of one file that are followed; behind them only names are looked for."""
MAX_OLD = 100_000
"""Bytes of one in the oldest protocol that is looked for: it could be any text."""
_BEGINS = re.compile(rb"\x80[\x02-\x05]")
_OLD = re.compile(rb"[ci][A-Za-z_][\w.]{0,99}\n[A-Za-z_][\w.]{0,99}\n")
_NAMED = re.compile(
    rb"(?:\x8c.|X.\0\0\0|[ci])(?:os|posix|nt|subprocess|builtins|__builtin__)(?=[\n\x94\x8cqh(X])", re.S
)
_NUMPY = b"\x93NUMPY"
_MODULES = frozenset(
    str.split(
        "os posix nt sys subprocess socket shutil pty commands runpy code codeop timeit pdb bdb trace cProfile profile"
        " importlib pkgutil ctypes webbrowser http urllib asyncio multiprocessing threading signal platform pip"
        " pydoc doctest marshal types"
    )
)
"""Of these no pickle of data needs anything."""
_BUILTINS = frozenset(
    str.split(
        "eval exec compile open __import__ getattr setattr delattr globals locals vars input breakpoint apply execfile"
    )
)


def looks_so(head: bytes) -> bool:
    """By how it begins; cheap."""
    return bool(_BEGINS.match(head)) or head.startswith(_NUMPY) or (len(head) < MAX_OLD and bool(_OLD.search(head)))


def problem(data: bytes) -> str:
    """What it calls, in words; empty: nothing that a pickle of data does not. Takes time as its size."""
    start = data.find(b"\x80", 8, 70_000) if data.startswith(_NUMPY) else 0
    called = sorted(_called(data[start:])) if start >= 0 else []
    return f"a pickle that uses {called[0][:100]} when it is loaded" if called else ""


def _called(data: bytes) -> set[str]:
    """Names of what it asks for, as far as it can be read: prose ends at its first letters."""
    found: set[str] = set()
    texts: set[str] = set()
    last: list[str] = []
    by_texts = False
    try:
        for number, (opcode, value, at) in enumerate(_operations(data)):
            if number > MAX_OPERATIONS:
                found |= {one[0].lstrip(b"\x8c(Xc\0").decode("latin-1") for one in _NAMED.finditer(data, at or 0)}
                break
            if opcode.name in ("GLOBAL", "INST") and isinstance(value, str):
                found.add(_weak(*value.partition(" ")[::2]))
            elif opcode.name == "STACK_GLOBAL":
                by_texts = True
                found.add(_weak(*last[-2:]) if len(last) > 1 else "")
            elif isinstance(value, str):
                last = [*last[-1:], value]
                texts.add(value) if len(value) < 100 else None
    except (ValueError, IndexError, KeyError, UnicodeError, OverflowError):
        pass  # what was loaded before the end has been loaded
    if by_texts and texts & {"builtins", "__builtin__"}:
        found |= {f"builtins.{one}" for one in texts & {"eval", "exec", "__import__", "getattr"}}
    if by_texts and texts & {"os", "posix", "subprocess"}:
        found |= {f"os.{one}" for one in texts & {"system", "popen", "Popen", "check_output", "execv"}}
    return found - {""}


def _operations(data: bytes) -> Iterator[tuple[pickletools.OpcodeInfo, object, int | None]]:
    """Of all pickles in it, one behind another: programs load them so."""
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        yield from pickletools.genops(stream)


def _weak(module: str, name: str) -> str:
    """The name in full, if no data needs it."""
    parts = module.split(".")
    if parts[0] in _MODULES or _MODULES & set(name.split(".")[:-1]):
        return f"{module}.{name}"
    return f"{module}.{name}" if parts[0] in ("builtins", "__builtin__") and name.split(".")[0] in _BUILTINS else ""
