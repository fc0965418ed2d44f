"""The dependency graph of jobs: execution order, and the path of a cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def cycle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """One cycle as `[a, b, c, a]` (a needs b, b needs c, c needs a), or an empty list. Unknown names are ignored."""
    known = {name: [need for need in wanted if need in needs] for name, wanted in needs.items()}
    done: set[str] = set()
    for start in needs:
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            node, next_edge = stack.pop()
            if next_edge == 0:
                if node in done:
                    continue
                path.append(node)
                on_path.add(node)
            edges = known[node]
            if next_edge < len(edges):
                stack.append((node, next_edge + 1))
                target = edges[next_edge]
                if target in on_path:
                    return [*path[path.index(target) :], target]
                if target not in done:
                    stack.append((target, 0))
            else:
                done.add(node)
                path.pop()
                on_path.discard(node)
    return []


def order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Topological order; ties in the order of the definition. The graph must have no cycle."""
    waiting = {name: {need for need in wanted if need in needs} for name, wanted in needs.items()}
    dependents: dict[str, list[str]] = {name: [] for name in needs}
    for name, wanted in waiting.items():
        for need in wanted:
            dependents[need].append(name)
    ready = [name for name, wanted in waiting.items() if not wanted]
    ordered: list[str] = []
    for name in ready:  # grows during the loop
        ordered.append(name)
        for dependent in dependents[name]:
            waiting[dependent].discard(name)
            if not waiting[dependent]:
                ready.append(dependent)
    return ordered


def upstream(needs: Mapping[str, Sequence[str]], name: str) -> set[str]:
    """All direct and indirect needs of a job."""
    found: set[str] = set()
    stack = list(needs.get(name, ()))
    while stack:
        need = stack.pop()
        if need not in found:
            found.add(need)
            stack.extend(needs.get(need, ()))
    return found
