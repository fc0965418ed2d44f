"""Pages from templates: escaped always, nothing undefined, in the reader's language.

A handler says `return page(request, "runs/list.html.j2", runs=...)`. Beside what it hands in, templates know `me` (the
caller), `lang`, `theme`, `csrf`, `now`, `here` and the filters below; docs/how-to/console-page.md shows the macros.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response
from litestar.enums import MediaType
from markupsafe import Markup, escape

from domain.access.principal import ANONYMOUS, Caller, PrincipalKind
from domain.access.verdict import STEP_UP
from domain.core import terminal
from domain.core.error_codes import BY_CODE
from domain.core.errors import RefusedError
from domain.core.sentences import translated
from domain.inventory.model import freshness
from workers.console import assets, formats, i18n, links
from workers.console.navigation import MENU

TEMPLATES = Path(__file__).parent / "templates"
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
Ask = Request[Any, Any, Any]
clock = time.time
"""When a page says that it is; a test sets it."""


def page(request: Ask, template: str, *, status: int = 200, public: bool = False, **values: Any) -> Response[str]:
    """The page of a template, never kept by a cache between.

    Raises:
        RefusedError: SLW410, nobody is logged in and the page is not `public`: the console asks them to.
    """
    if not public and caller_of(request).principal.kind is PrincipalKind.ANONYMOUS:
        raise RefusedError("SLW410", "nobody is logged in")
    body = html(request, template, **values)
    headers = {"Cache-Control": "no-store", "Vary": "Cookie, Accept-Language"}
    return Response(body, media_type=MediaType.HTML, status_code=status, headers=headers)


def html(request: Ask, template: str, **values: Any) -> str:
    """The text of a template."""
    environment = environment_of(language(request))
    return environment.get_template(template).render(**_frame(request), **values)


def part(lang: str, template: str, **values: Any) -> Markup:
    """Of a page, for whoever reads this language: a template that asks who reads, or where, fails."""
    now = clock()
    shared = {"lang": lang, "now": now, **_ages(now, lang)}
    return Markup(environment_of(lang).get_template(template).render(**shared, **values))  # noqa: S704  (escaped in it)


def language(request: Ask) -> str:
    """Of the reader: chosen in the page, else the browser's."""
    return i18n.choose(request.cookies.get(i18n.COOKIE, ""), request.headers.get("accept-language", ""))


def theme(request: Ask) -> str:
    """`auto` follows the reader's system."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else "auto"


def caller_of(request: Ask) -> Caller:
    """Who asks, as the server's authenticator found; anonymous where it was not asked."""
    caller = request.scope["state"].get("caller")
    return caller if isinstance(caller, Caller) else Caller(principal=ANONYMOUS, channel="console")


def new_key() -> str:
    """Of one form on one page: what it sends twice happens once."""
    return uuid.uuid4().hex


def _frame(request: Ask) -> dict[str, Any]:
    """What every page shows around its own content."""
    query = {key: str(value) for key, value in request.query_params.items()}
    lang, now = language(request), clock()
    return {
        "me": caller_of(request),
        "lang": lang,
        "theme": theme(request),
        "csrf": str(request.scope["state"].get("csrf", "")),
        "seen": int(request.scope["state"].get("seen", 0)),
        "now": now,
        "new_key": new_key,
        "here": links.again(request.scope["path"], query),
        "query": query,
        "again": partial(links.again, request.scope["path"], query),
        **_ages(now, lang),
    }


def _ages(now: float, lang: str) -> dict[str, Any]:
    locale = i18n.catalog(lang).locale
    return {"ago": partial(formats.ago, now=now, locale=locale), "freshness": partial(freshness, now=now)}


@cache
def environment_of(lang: str) -> Environment:
    """The templates in one language."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    catalog = i18n.catalog(lang)
    environment.policies["ext.i18n.trimmed"] = True
    install = environment.install_gettext_callables  # type: ignore[attr-defined]  # of the extension
    install(_of_its_feature(catalog, "gettext"), _of_its_feature(catalog, "ngettext"), newstyle=True)
    for name in ("gettext", "ngettext"):
        environment.globals[name] = _with_shown(cast("Callable[..., str]", environment.globals[name]))
    units = tuple(map(catalog.gettext, formats.UNITS))
    environment.globals |= {"static": assets.address, "links": links, "menu": MENU, "languages": i18n.LANGUAGES}
    environment.globals |= {"units": "|".join(units), "SECOND_FACTOR": STEP_UP}
    environment.filters |= {
        "moment": partial(formats.moment, locale=catalog.locale),
        "machine_time": formats.machine_time,
        "duration": partial(formats.duration, units=units),
        "number": partial(formats.number, locale=catalog.locale),
        "percent": partial(formats.percent, locale=catalog.locale),
        "title_of": partial(title_of, catalog),
        "said": partial(translated, translate=catalog.of("engine").gettext) if lang != i18n.SOURCE else as_it_is,
        "worded": partial(worded, catalog),
        "prose": prose,
    }
    return environment


def _of_its_feature(catalog: i18n.Catalog, name: str) -> Callable[..., str]:
    """A translation by the file of the feature whose template says it."""

    @pass_context
    def translated_(context: Context, *texts: Any) -> str:
        feature, slash, _ = (context.name or "").partition("/")
        told: str = getattr(catalog.of(feature if slash else i18n.SHARED), name)(*texts)
        return told

    return translated_


def _with_shown(gettext: Callable[..., str]) -> Callable[..., str]:
    """A translation whose fields are shown as all values are: they may name what a stranger has named."""

    @pass_context
    def translated_(context: Context, *texts: Any, **fields: Any) -> str:
        return gettext(context, *texts, **{name: shown(value) for name, value in fields.items()})

    return translated_


def title_of(catalog: i18n.Catalog, code: str) -> str:
    """What an error of this code is called in the language of the reader; empty: the error says it itself.

    An error's own sentence names what it met, in English; its code is the same in every language.
    """
    known = BY_CODE.get(code)
    told = catalog.gettext(known.title) if known else ""
    return told if known and told != known.title else ""


def worded(catalog: i18n.Catalog, text: Any) -> Any:
    """A text that stands in the code, or may be anything, in the language of the reader. `_()` is for what stands in
    a template alone: its answer is markup, whatever it was given.
    """
    return catalog.gettext(text) if isinstance(text, str) and text else text


def as_it_is(text: Any) -> Any:
    """A sentence of the engine, for who reads the language that it is recorded in."""
    return text


def prose(text: Any) -> Any:
    """A sentence with what stands in backticks as code: commands and words of definitions. What has tags stays."""
    if not isinstance(text, str) or (isinstance(text, Markup) and "<" in text):
        return text
    parts = (text if isinstance(text, Markup) else escape(terminal.lines(text))).split("`")
    if len(parts) % 2 == 0:  # one has no other half: it is no mark
        return text
    return Markup("").join(Markup("<code>{}</code>").format(one) if at % 2 else one for at, one in enumerate(parts))


def shown(value: Any) -> Any:
    """Every value that a template writes: controls and characters of no width are shown as what they are.

    Names of commits, branches, jobs and findings are strangers'. Escaping keeps them from being markup; this keeps
    them from being read as something that they are not.
    """
    if isinstance(value, str) and not isinstance(value, Markup):
        return terminal.lines(value)
    return "" if value is None else value
