"""yaml.load with a loader that runs code becomes yaml.safe_load."""

from __future__ import annotations

import ast

from domain.scans.fixes.edits import Edit, Program, without

_SAFE = {
    "yaml.load": "safe_load",
    "yaml.unsafe_load": "safe_load",
    "yaml.full_load": "safe_load",
    "yaml.load_all": "safe_load_all",
    "yaml.unsafe_load_all": "safe_load_all",
    "yaml.full_load_all": "safe_load_all",
}
_KNOWN = {"Loader", "UnsafeLoader", "FullLoader", "CLoader", "CUnsafeLoader", "CFullLoader"}
HINT = "read it with yaml.safe_load, or as JSON"


def edits(one: Program, call: ast.Call) -> list[Edit] | None:
    """None: it is no such call, or has a loader of the program's own."""
    name = one.name(call.func)
    if name not in _SAFE or not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    _, end = one.span(call.func)
    renamed = Edit(end - len(call.func.attr), end, _SAFE[name])
    if len(call.args) == 2 and not call.keywords and _known(one, call.args[1]):
        first, last = one.span(call.args[0])[1], one.span(call.args[1])
        return [renamed, Edit(first, last[1], "")] if one.text[first : last[0]].strip() == "," else None
    if len(call.args) != 1 or any(keyword.arg != "Loader" for keyword in call.keywords):
        return None
    if not call.keywords:
        return [renamed]
    removed = without(one, call, call.keywords[0])
    return [renamed, removed] if removed and _known(one, call.keywords[0].value) else None


def _known(one: Program, loader: ast.expr) -> bool:
    module, _, name = one.name(loader).rpartition(".")
    return module == "yaml" and name in _KNOWN
