"""Types by another name: `Repo = Annotated[Repository, Depends(get)]`, here or in a file that it is imported from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from domain.scans.dataflow.fields import last_name
from domain.scans.dataflow.project import ModuleInfo

if TYPE_CHECKING:
    from domain.scans.dataflow.machine import Machine

MAX_ALIASES = 4
"""Names for names that are followed."""


def aliased(m: Machine, annotation: ast.expr | None, module: ModuleInfo) -> tuple[ast.expr | None, ModuleInfo]:
    """The `Annotated[...]` that a name stands for, and its file; the annotation itself where it is no such name."""
    name, home = annotation, module
    for _ in range(MAX_ALIASES):
        if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name):
            source = _imported(m, home, name.value.id, whole=True)
            found = _assigned(m, source, name.attr) if source is not None else None
            home = source or home
        elif isinstance(name, ast.Name):
            found = _assigned(m, home, name.id)
            if found is None and (source := _imported(m, home, name.id, whole=False)) is not None:
                name, home = ast.Name(_original(home, name.id)), source
                continue
        else:
            break
        if isinstance(found, ast.Subscript) and last_name(found) == "Annotated":
            return found, home
        name = found
    return annotation, module


def _assigned(m: Machine, module: ModuleInfo, name: str) -> ast.expr | None:
    """What a file's own variable is set to, last."""
    m.meter.spend(len(module.tree.body) >> 3)
    for one in reversed(module.tree.body):
        if isinstance(one, ast.Assign) and any(isinstance(each, ast.Name) and each.id == name for each in one.targets):
            return one.value
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id == name:
            return one.value
    return None


def _from(module: ModuleInfo, name: str) -> tuple[ast.ImportFrom, ast.alias] | None:
    for node in module.imports:
        for one in node.names if isinstance(node, ast.ImportFrom) else ():
            if (one.asname or one.name) == name:
                assert isinstance(node, ast.ImportFrom)
                return node, one
    return None


def _original(module: ModuleInfo, name: str) -> str:
    found = _from(module, name)
    return found[1].name if found is not None else name


def _imported(m: Machine, module: ModuleInfo, name: str, *, whole: bool) -> ModuleInfo | None:
    """The file that a name comes from; `whole`: the file that it is."""
    m.meter.spend(len(module.imports) >> 3)
    found = _from(module, name)
    if found is None:
        known = any(isinstance(one, ast.Import) and name in _names(one) for one in module.imports)
        return m.links.find(name, module) if whole and known else None
    node, one = found
    source = m.project.relative(module, node.level, node.module or "") if node.level else node.module or ""
    full = f"{source}.{one.name}" if whole and source else one.name if whole else source
    return m.links.find(full, module) if full else None


def _names(node: ast.Import) -> list[str]:
    return [one.name for one in node.names if one.asname is None]
