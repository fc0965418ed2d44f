"""The JSON Schema (draft 2020-12) and the reference page, both generated from the models."""

from __future__ import annotations

import json

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaValue

from pipeline_defs.clusters.model import Cluster, ClusterBlock, ClusterTemplate
from pipeline_defs.core.document import Document
from pipeline_defs.core.expected import models_of
from pipeline_defs.documents import KINDS
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.policy.model import Policy
from pipeline_defs.releases.environment_model import Environment
from pipeline_defs.simulation.model import PipelineTest

TITLE = "Sluiceway definitions, sluiceway/v1"


def document(kind: str | None = None) -> JsonSchemaValue:
    """The schema of one kind, or of all kinds that people write."""
    if kind:
        made = KINDS[kind].model_json_schema(by_alias=True)
    else:
        several: TypeAdapter[Document] = TypeAdapter(
            Pipeline | Component | Environment | Policy | PipelineTest | Cluster | ClusterTemplate
        )
        made = several.json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": TITLE}


def text(kind: str | None = None) -> str:
    """The schema as JSON text, ready to commit."""
    return json.dumps(document(kind), indent=2, sort_keys=True) + "\n"


def reference() -> str:
    """docs/pipeline-reference.md: one table per block, in reading order."""
    from domain.core.error_codes import DEFINITION

    lines = [
        "# Pipeline reference",
        "",
        "Generated from the model by `make docs`; do not edit. One YAML 1.2 document per file.",
        "",
    ]
    seen: list[type[BaseModel]] = []
    for name, root in KINDS.items():
        lines += [f"## kind: {name}", ""]
        _block(root, lines, seen)
    lines += ["## ClusterBlock", ""]
    _block(ClusterBlock, lines, seen)
    lines += ["## Error codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in DEFINITION.items()]
    return "\n".join(lines) + "\n"


def _block(block: type[BaseModel], lines: list[str], seen: list[type[BaseModel]]) -> None:
    seen.append(block)
    schema = block.model_json_schema(by_alias=True)
    schema = schema if "properties" in schema else schema["$defs"][block.__name__]  # a recursive block
    lines += [
        (block.__doc__ or "").strip().splitlines()[0],
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
    ]
    required = schema.get("required", [])
    for key, entry in schema["properties"].items():
        default = "**required**" if key in required else f"`{json.dumps(entry.get('default'))}`"
        if isinstance(entry.get("default"), dict | list) and entry["default"]:
            default = "see below"
        lines.append(f"| `{key}` | {_type(entry)} | {default} | {entry.get('description', '')} |")
    lines.append("")
    for field in block.model_fields.values():
        for inner in models_of(field):
            if inner not in seen:
                lines += [f"### {inner.__name__}", ""]
                _block(inner, lines, seen)


def _type(entry: JsonSchemaValue) -> str:
    if "$ref" in entry:
        name = entry["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in entry:
        return ", ".join(f"`{word}`" for word in entry["enum"])
    if "const" in entry:
        return f"`{entry['const']}`"
    if "anyOf" in entry:
        return " or ".join(dict.fromkeys(_type(option) for option in entry["anyOf"] if option.get("type") != "null"))
    kind = entry.get("type", "any")
    if kind in ("integer", "number"):
        return f"{kind}{_bounds(entry)}"
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(entry.get('items', {}))}"
    if kind == "object" and isinstance(entry.get("additionalProperties"), dict):
        return f"map to {_type(entry['additionalProperties'])}"
    return str(kind)


def _bounds(entry: JsonSchemaValue) -> str:
    low, high = entry.get("minimum"), entry.get("maximum")
    over, below = entry.get("exclusiveMinimum"), entry.get("exclusiveMaximum")
    if low is over is None:
        return ""  # a value that somebody's script reads
    first = f"from {low:,}" if low is not None else f"over {over:,}"
    return f" {first} {f'to {high:,}' if high is not None else f'and below {below:,}'}"
