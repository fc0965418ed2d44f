"""Decodes what API servers answer into the shapes of domain/inventory, by msgspec: only what they name is kept.

Structs of the same fields as the shapes are made once. What does not fit is read again object by object, without nulls;
an object that still does not fit is told with its name and the reason, and the others of its page are not lost.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterable, Mapping, Sequence
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
MOST_OBJECT = 3_000_000
"""Bytes of an object, which etcd keeps below 1.5 MB."""
MOST_PARTS, MOST_PARTS_OF_PAGE, MOST_PARTS_AT_ONCE = 100_000, 1_500_000, 300_000
"""Values of one object, of a page, and of a page that is decoded in one go: two bytes of JSON can be a hundred in
memory, and what looks at an object takes as long as it has parts.
"""
MOST_OF_PAGE = 5_000
"""Objects of a page; a tenth of it is asked for."""


class ListMeta(msgspec.Struct, gc=False, frozen=True):
    """What a page says around its objects."""

    resource_version: str = msgspec.field(default="", name="resourceVersion")
    go_on: str | None = msgspec.field(default="", name="continue")


class _Split(msgspec.Struct, gc=False):
    """A page whose objects are read one by one."""

    metadata: msgspec.Raw = msgspec.Raw(b"{}")
    items: list[msgspec.Raw] | None = None


class _Named(msgspec.Struct, gc=False):
    namespace: str = ""
    name: str = ""
    version: str = msgspec.field(default="", name="resourceVersion")


class _Called(msgspec.Struct, gc=False):
    metadata: _Named = msgspec.field(default_factory=_Named)


_split = msgspec.json.Decoder(_Split)
_called = msgspec.json.Decoder(_Called)
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


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
    """A part of a list, to be gone through once. `go_on` empty: it is the last."""

    items: Iterable[T | Unfit]
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
        """A part of a list. What is heavy or strange is decoded object by object, when it is gone through.

        Raises:
            SluicewayError: SLW943, it is no list at all, or longer than anybody asks for.
        """
        if parts_of(body) > MOST_PARTS_AT_ONCE:
            return self._one_by_one(body)
        try:
            found = self._page.decode(body)
        except _BROKEN:
            return self._one_by_one(body)
        items = found.items or ()
        return Page(_bounded(items), found.metadata.resource_version, found.metadata.go_on or "")

    def one(self, body: bytes | msgspec.Raw) -> T | Unfit:
        """One object."""
        plain = bytes(body)
        if len(plain) > MOST_OBJECT or parts_of(plain) > MOST_PARTS:
            return _too_large(plain)
        try:
            return self._one.decode(plain)
        except _BROKEN as unfit:
            return self._again(plain, str(unfit))

    def _one_by_one(self, body: bytes) -> Page[T]:
        found = _parted(body)
        meta = Node(_document_or_nothing(found.metadata))
        items = _bounded(found.items or ())
        return Page(map(self.one, items), meta["resourceVersion"].text(), meta["continue"].text())

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


def parts_of(body: bytes) -> int:
    """How many values it has about, whatever it is: what it takes to decode it. Between two there is a comma."""
    return body.count(b",") + 1


def _bounded(items: Sequence[T]) -> Sequence[T]:
    if len(items) > MOST_OF_PAGE:
        raise SluicewayError("SLW943", f"the API server answered {len(items):,} objects at once", transient=True)
    return items


def _parted(body: bytes) -> _Split:
    try:
        return _split.decode(body)
    except _BROKEN:
        pass
    try:
        return _split.decode(body.decode("utf-8", "replace").encode())
    except _BROKEN:
        why = body[:200].decode("utf-8", "replace")
        raise SluicewayError("SLW943", "the API server answered no list", why=why, transient=True) from None


def _document_or_nothing(body: msgspec.Raw) -> dict[str, Any]:
    try:
        return document(bytes(body)[:MOST_OBJECT])
    except SluicewayError:
        return {}


def _too_large(body: bytes) -> Unfit:
    why = f"it has {len(body):,} bytes: more than an object of a cluster can have"
    try:
        meta = _called.decode(body).metadata
    except _BROKEN:
        return Unfit(why=why)
    return Unfit(meta.namespace, meta.name, meta.version, why=why)


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
