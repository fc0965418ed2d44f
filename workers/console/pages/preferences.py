"""What a reader prefers: language and theme, in cookies of their own browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from workers.console import i18n, links
from workers.console.rendering import THEME_COOKIE, THEMES

_YEAR_S = 365 * 86400


@dataclass(frozen=True)
class Preferences:
    """The form of the frame."""

    language: str = ""
    theme: str = ""
    back: str = "/"
    csrf: str = ""


@post("/preferences", status_code=303, include_in_schema=False)
async def prefer(data: Annotated[Preferences, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Redirect:
    """Remembers what is known, and goes back to where the reader was."""
    chosen = {i18n.COOKIE: (data.language, tuple(i18n.LANGUAGES)), THEME_COOKIE: (data.theme, THEMES)}
    cookies = [
        Cookie(key=key, value=value, path="/", max_age=_YEAR_S, httponly=True, samesite="lax")
        for key, (value, known) in chosen.items()
        if value in known
    ]
    return Redirect(links.inside(data.back), status_code=303, cookies=cookies)


HANDLERS = (prefer,)
