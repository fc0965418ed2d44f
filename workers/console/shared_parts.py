"""Parts of pages that many look at: written once, and packed once, for all who may read the same in one language."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup

from workers.console.rendering import Ask

MOST_WRITTEN = 16
LEVEL = 6
RENEWAL = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language, Accept-Encoding, HX-Request"}


@dataclass(frozen=True)
class Written:
    """Of an answer, in a language. Nothing of its reader is in it: what is packed tells nothing of their session."""

    of: object
    text: Markup

    @cached_property
    def body(self) -> bytes:
        """In UTF-8."""
        return self.text.encode()

    @cached_property
    def packed(self) -> bytes:
        """By gzip."""
        return gzip.compress(self.body, LEVEL)


class SharedParts:
    """What was written last. An answer that several readers share is one object."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[int, str], Written] = OrderedDict()

    def of(self, answer: object, lang: str, write: Callable[[], Markup]) -> Written:
        """Written when it is first asked for."""
        key = (id(answer), lang)
        if key not in self._written:
            self._written[key] = Written(answer, write())  # with the answer: no other one has its id meanwhile
            if len(self._written) > MOST_WRITTEN:
                self._written.popitem(last=False)
        return self._written[key]


def renews(request: Ask) -> bool:
    """Whether a page that is open asks for its live part again, and for nothing around it."""
    return "hx-request" in request.headers


def renewed(request: Ask, written: Written) -> Response[bytes]:
    """The part alone, as the browser takes it."""
    encodings = {one.strip() for one in request.headers.get("accept-encoding", "").split(",")}
    packed = "gzip" in encodings
    headers = RENEWAL | ({"Content-Encoding": "gzip"} if packed else {})
    return Response(written.packed if packed else written.body, media_type=MediaType.HTML, headers=headers)
