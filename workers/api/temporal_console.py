"""Between Temporal's UI and the console: the texts about an execution, which the UI frames, and the way to its page.

The UI has a page for Markdown, `/render`, which its build for Temporal's server leaves out: this one is in its place.
It has no script, and shows what strangers wrote as text.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect

from domain.access.actions import Action
from domain.access.principal import Caller
from domain.access.resource import ENGINE
from domain.access.temporal_calls import PREFIX
from domain.core.errors import RefusedError, UnreachableError
from domain.core.ids import CONSOLE
from domain.core.marked import html
from workers.api.parts import Parts
from workers.console import links

MOST = 16_000
_PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>text</title>
<style>{style}</style></head><body><main>
{text}
</main></body></html>
"""
_STYLE = """body{margin:0;font:14px/1.5 system-ui,sans-serif;background:#fff;color:#141414}main{padding:8px}
p,h3,table{margin:0 0 8px}td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top}
code{background:#eef1f5;padding:0 3px}a{color:#1d4ed8}
[data-theme=dark] body{background:#141414;color:#f8fafc}[data-theme=dark] code{background:#2a2f3a}
[data-theme=dark] a{color:#93b4ff}"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"


@get(f"{PREFIX}/render", include_in_schema=False, sync_to_thread=True)
def render(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    parts: NamedDependency[Parts],
    content: Annotated[str, QueryParameter(max_length=MOST)] = "",
    theme: Annotated[str, QueryParameter(max_length=20)] = "",
) -> Response[str]:
    """A text of an execution, for a frame of this server's own pages: nobody is sent to one as if it were a page."""
    if not parts.guards:
        raise UnreachableError("SLW902", "no Temporal UI is known here")
    parts.guards(caller).need(Action.TEMPORAL_READ, ENGINE)
    asked = (request.headers.get("sec-fetch-dest"), request.headers.get("sec-fetch-site"))
    if asked != ("iframe", "same-origin"):
        raise RefusedError("SLW453", "a text of an execution is shown inside of the Temporal UI only")
    page = _PAGE.format(theme="dark" if theme == "dark" else "light", style=_STYLE, text=html(content))
    headers = {"content-security-policy": _POLICY, "x-frame-options": "SAMEORIGIN"}
    return Response(page, media_type="text/html", headers=headers)


@get(f"{CONSOLE}/{{id_:path}}", include_in_schema=False, sync_to_thread=False)
def console(id_: FromPath[str]) -> Redirect:
    """The page of an execution, wherever it is today; of what has none, the first one."""
    return Redirect(links.thing(id_.strip("/")) or "/", status_code=303)
