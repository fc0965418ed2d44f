"""Decodes what API servers answer into the shapes of domain/inventory, by msgspec: only what they name is kept.

Structs of the same fields as the shapes are made once. What does not fit is read again object by object, without nulls;
an object that still does not fit is told with its name and the reason, and the others of its page are not lost.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache, reduce
from operator import or_
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import Json
from domain.inventory.texts import clean

T = TypeVar("T")
NAMES = {
    "pod_ip": "podIP",
    "cluster_ip": "clusterIP",
    "external_ips": "externalIPs",
    "except_": "except",
    "from_": "from",
}
"""Fields whose names are no camel case of ours."""
MOST_DEPTH, MOST_KEY = 64, 1000
"""Of a document that does not fit its shape: levels, and characters of a field's name."""


class ListMeta(msgspec.Struct, gc=False, frozen=True):
    """What a page says around its objects."""

    resource_version: str = msgspec.field(default="", name="resourceVersion")
    go_on: str | None = msgspec.field(default="", name="continue")


class Told(msgspec.Struct, gc=False):
    """A line of a watch. `type`: ADDED, MODIFIED, DELETED, BOOKMARK, ERROR."""

    type: str
    object: msgspec.Raw


class Status(msgspec.Struct, gc=False):
    """What a server answers in place of an object.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
    """

    code: int = 0
    reason: str = ""
    message: str = ""


@dataclass(frozen=True)
class Unfit:
    """An object that is not of its kind's shape."""

    namespace: str = ""
    name: str = ""
    version: str = ""
    _: KW_ONLY
    why: str


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. `go_on` empty: it is the last."""

    items: Sequence[T | Unfit]
    version: str
    go_on: str = ""


class Decoder(Generic[T]):
    """Of one kind's objects."""

    def __init__(self, shape: type[T]) -> None:
        plain: type = shape
        made = struct_of(plain)
        items: Any = list[made] | None  # type: ignore[valid-type]  # made a line above
        page = msgspec.defstruct("Page", [("metadata", ListMeta, ListMeta()), ("items", items, None)], gc=False)
        self._struct = made
        self._one: msgspec.json.Decoder[T] = msgspec.json.Decoder(made)
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page)

    def page(self, body: bytes) -> Page[T]:
        """A part of a list.

        Raises:
            SluicewayError: SLW943, it is no list at all.
        """
        try:
            found = self._page.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._one_by_one(body)
        return Page(found.items or (), found.metadata.resource_version, found.metadata.go_on or "")

    def one(self, body: bytes | msgspec.Raw) -> T | Unfit:
        """One object."""
        try:
            return self._one.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as unfit:
            return self._again(bytes(body), str(unfit))

    def _one_by_one(self, body: bytes) -> Page[T]:
        found = document(body)
        items, meta = found.get("items"), Node(found)["metadata"]
        if items is not None and not isinstance(items, list):
            raise SluicewayError("SLW943", "the API server answered no list", transient=True)
        made = [self._converted(each) for each in items or ()]
        return Page(made, meta["resourceVersion"].text(), meta["continue"].text())

    def _again(self, body: bytes, why: str) -> T | Unfit:
        try:
            return self._converted(document(body))
        except SluicewayError:
            return Unfit(why=why)

    def _converted(self, found: Json) -> T | Unfit:
        plain = plain_of(found)
        try:
            made: T = msgspec.convert(plain, self._struct)
            return made
        except (msgspec.ValidationError, RecursionError) as unfit:
            meta = plain.get("metadata") if isinstance(plain, dict) else None
            told = Node(meta)
            named = (told[key].text() for key in ("namespace", "name", "resourceVersion"))
            return Unfit(*named, why=str(unfit))


_KNOWN: dict[type, Decoder[Any]] = {}


def decoder_of(shape: type[T]) -> Decoder[T]:
    """The decoder of a shape; made once."""
    if shape not in _KNOWN:
        _KNOWN[shape] = Decoder(shape)
    return _KNOWN[shape]


def document(body: bytes) -> dict[str, Any]:
    """The JSON object that these bytes are, whatever its characters.

    Raises:
        SluicewayError: SLW943, they are none.
    """
    try:
        found = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        why = body[:200].decode("utf-8", "replace")
        raise SluicewayError("SLW943", "the API server answered no object", why=why, transient=True)
    return found


def plain_of(found: Json, depth: int = 0) -> Json:
    """The same without fields that are null, as a missing field has its default, and without halves of characters."""
    if isinstance(found, str):
        return found if found.isascii() else clean(found, len(found))
    if depth > MOST_DEPTH:
        return None
    if isinstance(found, dict):
        named = ((clean(key, MOST_KEY), each) for key, each in found.items() if each is not None)
        return {key: plain_of(each, depth + 1) for key, each in named}
    if isinstance(found, list):
        return [plain_of(each, depth + 1) for each in found]
    return found


@cache
def struct_of(shape: type) -> type:
    """A Struct of the same fields, with the API's names."""
    hints = get_type_hints(shape)
    fields: list[tuple[str, type, Any]] = []
    for each in dataclasses.fields(shape):
        fields.append((each.name, _converted(hints[each.name]), each.default))
    return msgspec.defstruct(shape.__name__, fields, rename=_renamed, gc=False)


def _renamed(name: str) -> str:
    first, *more = name.split("_")
    return NAMES.get(name) or first + "".join(one.capitalize() for one in more)


def _converted(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        return struct_of(hint)
    origin, inner = get_origin(hint), [_converted(each) for each in get_args(hint)]
    if origin in (Union, types.UnionType):
        return reduce(or_, inner)
    if origin is Sequence:
        return types.GenericAlias(list, (inner[0],))
    if origin is Mapping:
        return types.GenericAlias(dict, tuple(inner))
    return hint
