"""YAML as Kubernetes reads it, to plain objects; a stranger's, so with limits: aliases are counted where they are used.

Octal modes (`0644`) are numbers and `yes` is true, as in YAML 1.1; dates, times and a lone equals sign are texts, as
for every reader of manifests (https://github.com/kubernetes-sigs/yaml).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from domain.core.values import Json

MAX_DOCUMENTS = 500
MAX_NODES = 200_000
MAX_DEPTH = 48
_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset(f"{_TAG}{word}" for word in ("map", "seq", "str", "bool", "null"))
_INT = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*)([eE][-+]?[0-9]+)?")
_MERGE = "<<"
_LONGEST = 64
"""Characters of a number."""


@dataclass(frozen=True)
class Read:
    """A document and where it begins."""

    line: int
    value: Json


class _Loader(yaml.CSafeLoader):
    """Resolves no numbers, dates and times: `_number` does, since YAML 1.1 takes `22:22` for 1342."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag in (f"{_TAG}bool", f"{_TAG}null", f"{_TAG}merge")]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def documents(text: str) -> Iterator[Read]:
    """The documents of a text, without empty ones; the items of a `List` are documents, too.

    Raises:
        ValueError: it is no YAML, goes beyond a limit, or holds what is no JSON; the text says where.
    """
    if text.lstrip().startswith("{") and (found := _json(text)) is not None:
        yield from _listed(Read(1, found))
        return
    try:
        for number, node in enumerate(yaml.compose_all(text, _Loader)):
            if number >= MAX_DOCUMENTS:
                raise ValueError(f"there are more than {MAX_DOCUMENTS} documents")
            if node is not None:
                yield from _listed(Read(node.start_mark.line + 1, _Converter().value(node)))
    except yaml.YAMLError as broken:
        raise ValueError(" ".join(str(broken).split())[:300]) from broken


def _json(text: str) -> Json:
    """A document of JSON, whose escapes are not all YAML's; None: it is none, or not this alone."""
    try:
        found: Json = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return found


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Raises:
    ValueError: a key is there twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _listed(one: Read) -> Iterator[Read]:
    value = one.value
    if isinstance(value, dict) and value.get("kind") == "List" and isinstance(value.get("items"), list):
        yield from (Read(one.line, item) for item in value["items"])
    elif value is not None:
        yield one


@dataclass
class _Converter:
    """Of one document."""

    left: int = MAX_NODES
    _open: list[int] = field(default_factory=list)

    def value(self, node: yaml.Node, depth: int = 0) -> Json:
        self.left -= 1
        if self.left < 0:
            raise _wrong(node, f"it has more than {MAX_NODES:,} values, with each alias counted where it stands")
        if depth > MAX_DEPTH:
            raise _wrong(node, f"it is nested more than {MAX_DEPTH} deep")
        if node.tag not in _TAGS:
            raise _wrong(node, f"the type {node.tag[:60]} is none of JSON")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(one, depth + 1) for one in node.value]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Json]:
        found: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                merged = {**self._merged(value, depth), **merged}
                continue
            name = key.value
            if not isinstance(key, yaml.ScalarNode) or not isinstance(name, str):
                raise _wrong(key, "a key is a text")
            if name in found:
                raise _wrong(key, f"the key {name[:60]!r} is there twice")
            found[name] = self.value(value, depth + 1)
        return {**merged, **found}

    def _merged(self, node: yaml.Node, depth: int) -> dict[str, Json]:
        """Of `<<`, where the first of several mappings wins (https://yaml.org/type/merge.html)."""
        found: dict[str, Json] = {}
        for one in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            value = self.value(one, depth + 1)
            if not isinstance(value, dict):
                raise _wrong(one, f"'{_MERGE}' takes mappings")
            found = {**value, **found}
        return found


def _scalar(node: yaml.Node) -> Json:
    text = str(node.value)
    if node.tag == f"{_TAG}null":
        return None
    if node.tag == f"{_TAG}bool":
        return text.lower() in ("true", "yes", "on")
    if node.tag == f"{_TAG}str" and not getattr(node, "style", None):  # plain: neither quoted nor a block
        return _number(text)
    return text


def _number(text: str) -> Json:
    if not text or len(text) > _LONGEST or text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return _whole(text.replace("_", ""))
    if _FLOAT.fullmatch(text) and not text.rstrip("_").isdigit():
        found = float(text.replace("_", ""))
        return found if math.isfinite(found) else text
    return text


def _whole(text: str) -> int:
    sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text.lstrip("+"))
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return sign * int(digits, 8)
    return sign * int(digits, 0)


def _wrong(node: yaml.Node, why: str) -> ValueError:
    return ValueError(f"line {node.start_mark.line + 1}: {why}")
