"""Files of objects in, documents of this engine out: with places, and never what lint would refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from activities.kubernetes import yaml_documents
from domain.core.documents import Object
from domain.core.errors import DefinitionError
from domain.core.values import Json
from domain.releases.imports.convert import objects_of
from domain.releases.imports.draft import Converted
from domain.releases.imports.ledger import Path as Steps
from pipeline_defs.core import yaml_nodes
from pipeline_defs.core.diagnostics import errors
from pipeline_defs.core.yaml_nodes import Node
from pipeline_defs.documents import check
from workers.core.files import Files

CODE = "SLW706"
ENVIRONMENT, RELEASE, OBJECTS = "environment.yaml", "release.yaml", "objects.yaml"
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Origin:
    """An object, and where its file has it."""

    value: Object
    file: str
    line: int
    node: Node | None
    """With the places of its fields; None: only its beginning is known."""

    def line_of(self, path: Steps) -> int:
        """The line of a field, or of what is around it."""
        return self.node.key_at(path).line if self.node is not None else self.line


def read(files: Sequence[Path]) -> list[Origin]:
    """All objects of all files.

    Raises:
        DefinitionError: SLW601, a file cannot be read; SLW706, it holds no objects.
    """
    return [one for file in files for one in _read(str(file))]


def _read(file: str) -> list[Origin]:
    data = Files().need(file)
    if len(data) > MAX_BYTES:
        raise DefinitionError(CODE, f"{file} has {len(data):,} bytes, and at most {MAX_BYTES:,} are read")
    try:
        found = list(yaml_documents.documents(data.decode("utf-8-sig")))
        values = objects_of([one.value for one in found])
    except ValueError as broken:
        raise DefinitionError(CODE, f"{file} holds no objects", why=str(broken)[:400]) from broken
    nodes = [item for root in yaml_nodes.read_all(data, file)[0] for item in _items(root)]
    known: Sequence[Node | None] = nodes if len(nodes) == len(values) else [None] * len(values)
    return [Origin(*one) for one in zip(values, [file] * len(values), [one.line for one in found], known, strict=True)]


def _items(root: Node) -> list[Node]:
    entries = root.entries or {}
    kind, items = entries.get("kind"), entries.get("items")
    listed = kind is not None and kind.value == "List" and items is not None and items.items is not None
    if listed and items is not None:
        return items.items or []
    return [] if root.entries is None and root.items is None and root.value is None else [root]


def texts(made: Converted, folder: str) -> dict[str, str]:
    """The files by their names below a folder.

    Raises:
        DefinitionError: SLW706, lint refuses one of them.
    """
    found = {
        f"{folder}/{OBJECTS}": _dumped(made.objects),
        f"{folder}/{ENVIRONMENT}": _dumped([made.environment]),
        f"{folder}/{RELEASE}": _dumped([made.pipeline]),
    }
    plain = {name.removeprefix("./"): text.encode() for name, text in found.items()}
    for name in (ENVIRONMENT, RELEASE):
        path = f"{folder}/{name}".removeprefix("./")
        wrong = errors(check(plain[path], path, plain.get).diagnostics)
        if wrong:
            raise DefinitionError(CODE, "what would be written is refused", why=str(wrong[0]))
    return found


class _Dumper(yaml.SafeDumper):
    """Without anchors, and with texts that no reader of YAML takes for numbers."""

    def ignore_aliases(self, data: object) -> bool:
        """None is ever written."""
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    try:
        float(value.replace("_", ""))
    except ValueError:
        is_number = value[:2] in ("0x", "0o")
    else:
        is_number = True
    style = "|" if "\n" in value and not value.startswith((" ", "\n")) else '"' if is_number else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _dumped(values: Sequence[Mapping[str, Json]]) -> str:
    text: str = yaml.dump_all(
        values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, explicit_start=len(values) > 1
    )
    return text
