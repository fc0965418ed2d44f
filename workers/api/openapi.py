"""The description of the API (OpenAPI 3.1), made from the handlers: `python -m workers.api.openapi` writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig

from workers.api.asked import MATCH_HEADER
from workers.api.routes import BASE, api, login
from workers.api.routes.description import COMMITTED

ABOUT = (
    "What the command line and the console do, too. Ids stand in one segment of a path, with `:` for `/`. Lists come"
    " in pages of 1 to 200 rows. Every POST has an Idempotency-Key; a decision has the digest of what is approved as"
    " If-Match. Errors are problem+json with a code that docs/errors.md explains."
)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "instance", "rule", "fix", "where")},
        "code": {"type": "string", "pattern": "^SLW[0-9]{3}$"},
        "status": {"type": "integer"},
        "exit": {"type": "integer", "description": "The exit code of the command line."},
    },
}
TAGGED = frozenset({"runs.show", "releases.show", "releases.environment"})
"""Operations whose answer has a strong ETag."""
Document = dict[str, Any]


def document() -> Document:
    """The description of the handlers that there are."""
    config = OpenAPIConfig(title="Sluiceway", version="1", description=ABOUT, use_handler_docstrings=True)
    given = {name: Provide(lambda: None, sync_to_thread=False) for name in ("client", "caller", "parts")}
    made: Document = Litestar(
        [api(), login.routes()], openapi_config=config, dependencies=given
    ).openapi_schema.to_schema()
    made["paths"] = {path: item for path, item in made["paths"].items() if path.startswith(BASE)}
    parts = made["components"]
    parts["schemas"]["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parts["responses"] = {"Problem": {"description": "What went wrong, and what to do.", "content": content}}
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "A machine token (`slw_...`) or a login's."},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-sluiceway", "description": "Of a browser."},
    }
    made["security"] = [{"token": []}, {"session": []}]
    for item in made["paths"].values():
        for operation in item.values():
            _describe(operation)
    return made


def _describe(operation: Document) -> None:
    name, answers = operation["operationId"], operation["responses"]
    operation["tags"] = [name.partition(".")[0]]
    answers.pop("400", None)
    answers["default"] = {"$ref": "#/components/responses/Problem"}
    for parameter in operation.get("parameters", ()):
        for needless in ("deprecated", "allowEmptyValue", "allowReserved"):
            parameter.pop(needless, None)
        if parameter["name"] == MATCH_HEADER:
            parameter |= {"required": True, "schema": {"type": "string", "pattern": '^"[!#-~]+"$', "maxLength": 200}}
    operation.pop("deprecated", None)
    if name in TAGGED:
        answers["304"] = {"description": "The caller has it already."}
        answers["200"]["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "Strong."}}
    if "#/components/schemas/Page_" in json.dumps(answers):
        about = 'The next page, as `<...>; rel="next"` (RFC 8288).'
        answers["200"]["headers"] = {"Link": {"schema": {"type": "string"}, "description": about}}


def text() -> str:
    """As it is committed."""
    made = json.dumps(document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return re.sub(r"Page_[A-Za-z_.]*\.([A-Za-z]+)_", r"PageOf\1", made)


if __name__ == "__main__":
    COMMITTED.write_text(text())
