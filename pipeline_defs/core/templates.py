"""Resolves `extends`: merges job templates before the shape is checked.

Mappings are merged key by key; any other value of the job replaces the template's. Each node keeps its line, so an
error in a template is reported once, in the template.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pipeline_defs.core.diagnostics import Diagnostic, suggestion
from pipeline_defs.core.yaml_nodes import Node

MAX_NODES = 400_000
"""Limit of nodes that all jobs together may take from templates."""


def expand(root: Node, file: str) -> tuple[Node, list[Diagnostic]]:
    """The document with every `extends` of its jobs resolved."""
    jobs = (root.entries or {}).get("jobs")
    blocks = (jobs.entries or {}) if jobs else {}
    if jobs is None or not any("extends" in (block.entries or {}) for block in blocks.values()):
        return root, []
    templates = (root.entries or {}).get("templates")
    maker = _Maker(file, dict(templates.entries or {}) if templates else {})
    made = replace(jobs, entries={name: maker.complete(job, ()) for name, job in blocks.items()})
    return replace(root, entries={**(root.entries or {}), "jobs": made}), maker.diagnostics


@dataclass
class _Maker:
    file: str
    templates: dict[str, Node]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    taken: int = 0

    def complete(self, block: Node, chain: tuple[str, ...]) -> Node:
        """A job or template merged with all it extends; of several templates the later one wins."""
        extends = (block.entries or {}).get("extends")
        if extends is None:
            return block
        base: Node | None = None
        for name in extends.items if extends.items is not None else [extends]:
            found = self._template(name, chain)
            if found is not None:
                base = found if base is None else merged(base, found)
        if base is None:
            return block
        self.taken += base.weight
        if self.taken > MAX_NODES:
            if self.taken - base.weight <= MAX_NODES:
                self._report("SLW106", f"templates expand to more than {MAX_NODES:,} nodes", extends)
            return block
        return merged(base, block)

    def _template(self, name: Node, chain: tuple[str, ...]) -> Node | None:
        word = str(name.value)
        if word in chain:
            cycle = " -> ".join([*chain[chain.index(word) :], word])
            self._report("SLW607", f"templates extend each other in a cycle: {cycle}", name, word)
            return None
        if word not in self.templates:
            self._report("SLW606", f"unknown template '{word}'", name, word, suggestion(word, self.templates))
            return None
        return self.complete(self.templates[word], (*chain, word))

    def _report(self, code: str, message: str, node: Node, token: str = "", hint: str = "") -> None:
        self.diagnostics.append(node.diagnostic(code, message, self.file, token, hint))


def merged(base: Node, over: Node) -> Node:
    """Merges mappings key by key; any other value of `over` replaces that of `base`."""
    if base.entries is None or over.entries is None:
        return over
    entries = dict(base.entries)
    for key, value in over.entries.items():
        entries[key] = merged(entries[key], value) if key in entries else value
    return replace(over, entries=entries, keys={**base.keys, **over.keys}, weight=base.weight + over.weight)
