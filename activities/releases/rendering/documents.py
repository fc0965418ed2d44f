"""YAML of a stranger to objects, by a child process without rights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from activities.core import sandboxed
from activities.core.sandboxed_child import Desk
from activities.kubernetes import yaml_documents
from activities.releases.rendering.port import MAX_TEXT, Text
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json

CODE = "SLW965"


@dataclass(frozen=True)
class Placed:
    """An object with its place in the texts."""

    where: str
    """`FILE:LINE`."""
    value: Json


def objects(texts: Sequence[Text]) -> list[Placed]:
    """The objects of all texts, in their order.

    Raises:
        SluicewayError: SLW965, one is no YAML, or beyond a limit.
    """
    if (size := sum(len(one.data) for one in texts)) > MAX_TEXT:
        raise SluicewayError(CODE, f"the source renders to {size:,} bytes, and at most {MAX_TEXT:,} are read")
    found: list[Placed] = []
    for text in texts:
        try:
            read = Node(json.loads(sandboxed.pool(__name__).ask("documents", text.data)))
        except ValueError as broken:
            raise SluicewayError(CODE, f"{text.name} cannot be read", why=str(broken)[:400]) from broken
        found += [Placed(f"{text.name}:{one['line'].whole()}", one["value"].value) for one in read]
    return found


def _documents(desk: Desk, data: bytes) -> bytes:
    found = yaml_documents.documents(data.decode("utf-8-sig"))
    return json.dumps([{"line": one.line, "value": one.value} for one in found], allow_nan=False).encode()


def make_ready() -> None:
    """Loads what a first document would."""
    json.dumps([one.value for one in yaml_documents.documents("a: &a [1, 0x1, 1.5, yes, ~, 'x']\nb: *a\n---\n")])


TASKS = {"documents": _documents}
"""Run by a child of `sandboxed`."""
