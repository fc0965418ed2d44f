"""The description of the API is the committed one, and holds: whatever is sent gets an answer that it describes."""

from __future__ import annotations

import asyncio
import json
import re
import warnings
from functools import cache
from typing import Any

import httpx2
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.support.far import ORIGIN, http, server
from tests.support.memory_client import memory_client
from workers.api import openapi
from workers.api.routes.description import COMMITTED

DOCUMENT: dict[str, Any] = json.loads(COMMITTED.read_bytes())
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]
LOGINS = ("login.", "me.", "keys.")
"""Of logins: they have tests of their own, and no idempotency keys, since each of them counts once anyway."""
ASKED = [
    (method, path)
    for method, path in OPERATIONS
    if not DOCUMENT["paths"][path][method]["operationId"].startswith(LOGINS)
]
FEW, MANY = 1, 60
IDS = ("web-shop:1", "web-shop:production:1", "production", "web-shop", "1", "build")
"""That lead to something in the seeded world."""


def test_the_committed_description_is_that_of_the_handlers():
    assert COMMITTED.read_text() == openapi.text(), "run `make docs`"


def test_no_list_is_without_a_limit_and_no_post_without_a_key():
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        names = {one["name"]: one for one in operation.get("parameters", ())}
        if "PageOf" in json.dumps(operation["responses"]):
            assert (names["limit"]["schema"]["maximum"], "after" in names) == (200, True), path
        if method == "post" and (method, path) in ASKED:
            assert names["Idempotency-Key"]["required"], path


def test_every_text_that_a_client_sends_has_a_bound():
    sent = [DOCUMENT["paths"][path][method].get("parameters", ()) for method, path in OPERATIONS]
    unbound = [one["name"] for many in sent for one in many if one["schema"] == {"type": "string"}]
    assert unbound == []


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(DOCUMENT)


def _holds(method: str, path: str, answer: httpx2.Response) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert re.fullmatch(r"SLW\d{3}", answer.json()["code"])
        return
    described = DOCUMENT["paths"][path][method]["responses"][str(answer.status_code)]
    content = described.get("content", {}).get("application/json")
    if content:
        whole = {"components": DOCUMENT["components"], **content["schema"]}
        jsonschema.Draft202012Validator(whole).validate(answer.json())


@cache
def _app() -> Any:
    """One for all: building it takes longer than an answer."""
    return server(memory_client())


def _try(method: str, path: str, examples: int) -> None:
    app = _app()
    operation = _schema()[path][method.upper()]
    both = (operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE))

    async def asked(case: Any, id_: str) -> None:
        if id_:
            case.path_parameters = {name: "promote" if name == "verb" else id_ for name in case.path_parameters or {}}
        sent = case.as_transport_kwargs(base_url=ORIGIN)
        try:
            request = httpx2.Request(**{key: value for key, value in sent.items() if key != "cookies"})
        except (ValueError, TypeError, httpx2.InvalidURL):  # what no client can put on a wire
            return
        async with http(app) as client:
            _holds(method, path, await client.send(request))

    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(*both), st.sampled_from(("", *IDS)))
    def tried(case: Any, id_: str) -> None:
        asyncio.run(asked(case, id_))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the generator's own, about patterns
        tried()


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_whatever_is_sent_is_answered_as_described(method: str, path: str):
    _try(method, path, FEW)


@pytest.mark.system
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_whatever_is_sent_many_times_is_answered_as_described(method: str, path: str):
    _try(method, path, MANY)
