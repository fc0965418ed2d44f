"""Files that import each other in a circle: what they hold depends on which of them is loaded first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Circles = dict[str, tuple[str, ...]]
"""Path of a file to all files of its circle, sorted; files without a circle are left out."""


def circles_of(imports: Mapping[str, Iterable[str]]) -> Circles:
    """The strongly connected parts of the imports (Tarjan's algorithm, without recursion)."""
    found: Circles = {}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    held: set[str] = set()
    for start in sorted(imports):
        todo: list[tuple[str, Iterator[str]]] = [] if start in number else [_entered(start, imports, number, low)]
        if todo:
            stack.append(start)
            held.add(start)
        while todo:
            path, others = todo[-1]
            other = next(others, None)
            if other is None:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[path])
                if low[path] == number[path]:
                    _close(path, stack, held, found)
            elif other not in number:
                todo.append(_entered(other, imports, number, low))
                stack.append(other)
                held.add(other)
            elif other in held:
                low[path] = min(low[path], number[other])
    return found


def _entered(
    path: str, imports: Mapping[str, Iterable[str]], number: dict[str, int], low: dict[str, int]
) -> tuple[str, Iterator[str]]:
    number[path] = low[path] = len(number)
    return path, iter(sorted(imports.get(path, ())))


def _close(path: str, stack: list[str], held: set[str], found: Circles) -> None:
    at = stack.index(path)
    circle = tuple(sorted(stack[at:]))
    del stack[at:]
    held.difference_update(circle)
    if len(circle) > 1:
        found.update(dict.fromkeys(circle, circle))
