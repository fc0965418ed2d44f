"""Adds an entry to the list of a reviewed document as text: comments and order stay as people wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import yaml

HEAD = "apiVersion: sluiceway/v1\nkind: {kind}\n"


class NoPlaceError(ValueError):
    """The document has no list that an entry could be added to; the text says why."""


def added(text: str, kind: str, key: str, entry: Mapping[str, str]) -> str:
    """The document with the entry at the top of its list. An empty text becomes a new document.

    Raises:
        NoPlaceError: it is no document of this kind, or its list is not written as one.
    """
    if not text.strip():
        return HEAD.format(kind=kind) + f"{key}:\n{_block(entry, '  ')}"
    found = _list(text, key)
    if not found.value and found.flow_style:
        return f"{text[: found.start_mark.index]}\n{_block(entry, '  ')}{text[found.end_mark.index :].lstrip(chr(10))}"
    if found.flow_style:
        at = found.start_mark.index + 1
        return f"{text[:at]}{json.dumps(dict(entry), ensure_ascii=False)}, {text[at:]}"
    line = text.rfind("\n", 0, found.start_mark.index) + 1
    return text[:line] + _block(entry, " " * found.start_mark.column) + text[line:]


def replaced(text: str, key: str, where: tuple[str, str], field: str, value: str) -> str:
    """The document with one field of the entry that has a value changed; empty: no entry has it.

    `where`: a field and its value, such as a fingerprint.

    Raises:
        NoPlaceError: as `added`.
    """
    for entry in _list(text, key).value if text.strip() else ():
        fields = {name.value: node for name, node in entry.value} if isinstance(entry, yaml.MappingNode) else {}
        known, node = fields.get(where[0]), fields.get(field)
        if known is not None and node is not None and known.value == where[1]:
            start, end = node.start_mark.index, node.end_mark.index
            return f"{text[:start]}{json.dumps(value, ensure_ascii=False)}{text[end:]}"
    return ""


def _list(text: str, key: str) -> yaml.SequenceNode:
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as wrong:
        raise NoPlaceError(f"it cannot be read: {type(wrong).__name__}") from wrong
    fields = root.value if isinstance(root, yaml.MappingNode) else []
    for name, value in fields:
        if name.value == key and isinstance(value, yaml.SequenceNode):
            return value
    raise NoPlaceError(f"it has no list `{key}`")


def _block(entry: Mapping[str, str], indent: str) -> str:
    """Texts in quotes of JSON, which YAML 1.2 reads as they are; dates as they are written."""
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in entry.items()]
    return "".join(f"{indent}{'- ' if at == 0 else '  '}{line}\n" for at, line in enumerate(lines))
