"""What is expected where a value has another type: in words, and as an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from domain.core.values import Json

_SAMPLES = {"branches": "[main]", "run": "make test", "cron": "'0 3 * * *'", "tools": "[semgrep]", "group": "deploy"}
"""Values of examples by key; a block's example shows such a key if none has to be there."""
_MAPPINGS = ("model_type", "model_attributes_type", "dict_type")
_KEYWORDS = ("items", "anyOf", "additionalProperties", "propertyNames", "properties")
"""Of JSON Schema: what is below them has the key above them."""
MAX_DEPTH = 3
"""Blocks in blocks that an example shows."""
MAX_KEYS = 12
"""Keys that a message lists."""


def expected(kind: str, key: str, model: type[BaseModel], error: Mapping[str, Any]) -> tuple[str, str] | None:
    """The message and a hint for an error of pydantic of this kind at `key`; None if it is of another kind."""
    given: Json = error.get("input")
    got = _named(given)
    if kind == "string_pattern_mismatch":
        return _form(model, str(error["ctx"]["pattern"]), key)
    if kind == "list_type":
        return f"expected a list, got {got}", f"write `{key}: {_list(key, model, given)}`"
    if kind not in _MAPPINGS:
        return None
    block = _block_named(model, str(error.get("ctx", {}).get("class_name", "")))
    if block is None:
        return f"expected a mapping, got {got}", f"write `{key}: {{NAME: …}}`"
    keys = [_key(name, field) for name, field in block.model_fields.items()]
    more = ", …" if len(keys) > MAX_KEYS else ""
    word = given[0] if isinstance(given, list) and given else given
    message = f"expected a mapping with keys such as {', '.join(keys[:MAX_KEYS])}{more}, got {got}"
    return message, f"write `{key}: {_example(block, str(word), MAX_DEPTH)}`"


def _form(model: type[BaseModel], pattern: str, key: str) -> tuple[str, str] | None:
    """By the examples of a field of this key, else of any with the pattern; None: there are none."""
    found = _examples(model)
    named = [shown for at, has, shown in found if at == key and has in (pattern, "")]
    shown = [*named, *(shown for _, has, shown in found if has == pattern)]
    return ("it has another form than is allowed here", f"such as {' or '.join(shown[0])}") if shown else None


@cache
def _examples(model: type[BaseModel]) -> tuple[tuple[str, str, list[str]], ...]:
    """A definition may be wrong in a thousand places."""
    return tuple(_with_examples(model.model_json_schema(), ""))


def _with_examples(schema: Json, at: str) -> Iterator[tuple[str, str, list[str]]]:
    """Key, pattern and examples of each text in a JSON Schema that has examples."""
    if isinstance(schema, list):
        for one in schema:
            yield from _with_examples(one, at)
    if isinstance(schema, dict):
        shown = schema.get("examples")
        if isinstance(shown, list):
            yield at, str(schema.get("pattern", "")), [str(one) for one in shown]
        for name, one in schema.items():
            yield from _with_examples(one, at if name in _KEYWORDS else name)


def _list(key: str, model: type[BaseModel], given: Json) -> str:
    """Of blocks, if every list of that name is one."""
    fields = [one for block in _blocks(model) for name, one in block.model_fields.items() if _key(name, one) == key]
    inner = [next(models_of(one), None) for one in fields if "list[" in str(one.annotation)]
    if inner and inner[0] is not None and len(set(inner)) == 1:
        return f"[{_example(inner[0], '', MAX_DEPTH)}]"
    return f"[{given}]" if isinstance(given, str | int) and not any(inner) else "[…]"


def _block_named(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    return next((one for one in _blocks(model) if one.__name__ == name), None)


def _blocks(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model, and all that is somewhere in it."""
    seen = {model}
    todo = [model]
    while todo:
        one = todo.pop(0)
        yield one
        found = {block for field in one.model_fields.values() for block in models_of(field)} - seen
        seen |= found
        todo += sorted(found, key=lambda block: block.__name__)


def models_of(field: FieldInfo) -> Iterator[type[BaseModel]]:
    """The blocks in the type of a field, such as those of a list or a union."""
    types: list[Any] = [field.annotation]
    while types:
        one = types.pop(0)
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one
        types = [*get_args(one), *types]


def _named(given: Json) -> str:
    if isinstance(given, list | tuple):
        return "a list"
    if given is None:
        return "nothing"
    return "a mapping" if isinstance(given, dict) else f"'{str(given)[:60]}'"


def _key(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _example(block: type[BaseModel], word: str, left: int) -> str:
    """The block with one key: `word` if it is one, or what must be there, or what is usual."""
    fields = {_key(name, field): field for name, field in block.model_fields.items()}
    if not fields or not left:
        return "{}"
    must = [name for name, field in fields.items() if field.is_required()]
    usual = [name for name in fields if name in _SAMPLES]
    names = [word] if word in fields and not must else must or usual or list(fields)[:1]
    return "{" + ", ".join(f"{name}: {_value(name, fields[name], left)}" for name in names) + "}"


def _value(name: str, field: FieldInfo, left: int) -> str:
    if field.annotation is float:
        return "30m"
    if name in _SAMPLES:
        return _SAMPLES[name]
    inner = next(models_of(field), None)
    made = _example(inner, "", left - 1) if inner is not None else "…"
    if "dict[" in str(field.annotation):
        return f"{{NAME: {made}}}"
    return f"[{made}]" if "list[" in str(field.annotation) else made
