"""What a form sent, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from workers.console import links

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
"""The fields of a form, by name. `key`: of this form on this page, sent twice it acts once."""
LONGEST_REASON = 2_000


def text(data: Mapping[str, str], name: str, longest: int = LONGEST_REASON) -> str:
    """A field, cut to a bound; empty: it was not sent."""
    value = data.get(name, "")
    return value[:longest].strip() if isinstance(value, str) else ""


def back(path: str, **query: str) -> Redirect:
    """Where to look after a form: by GET, so that reloading sends nothing again."""
    return Redirect(links.again(links.inside(path), {}, **query), status_code=303)
