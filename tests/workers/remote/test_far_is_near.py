"""Each method of each port, far away, asks what it was asked, and returns what the engine returned."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import pytest

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Verdict
from domain.core.errors import DefinitionError, RefusedError, SluicewayError, UnreachableError
from tests.support.far import connection, server
from workers.client.ports.client import Client
from workers.remote.client import client_of

ASKED = {
    "access.person": "ann 가",
    "runs.pipeline": "web-shop 가",
    "releases.environment": "production 가",
    "releases.name": "production 가",
    "access.id_": "grant:7 가",
    "policies.name": "change-freeze",
    "registrations.name": "production 가",
    "integrity": 1,
    "job": "release-approval",
    "run": "run/web-shop/142.2",
    "terminals.id_": "4f 가",
    "runs.id_": "run/web-shop/142",
    "approvals.id_": "approval/web-shop/7/release-approval",
    "digest": "ab" * 32,
    "releases.id_": "release/web-shop/production/57",
    "pods.id_": "pod/edge/shop/hello/2",
    "cluster": "edge 가",
    "namespace": "shop 가",
    "ObjectAt.kind": "Deployment",
    "requests.id_": "request/edge/3",
    "Wish.kind": "quota",
    "ValueChange.after": 7.5,
    "name": "web 가",
    "pod": "web-7d9f 가",
    "verb": "promote",
    "key": "k" * 32,
    "after": "cursor/+=&?",
    "limit": 7,
}
"""Arguments by name where any text would not do."""


IN_PARTS = {("access", "can_each")}
"""Methods that ask several times."""


def made(kind: Any, name: str, given: Mapping[Any, Any] | None = None) -> Any:
    """A value of a type with something in each field."""
    given = given or {}
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, TypeVar):
        return made(given[kind], name)
    if origin in (Union, types.UnionType):
        return made(next(one for one in inner if one is not type(None)), name, given)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        kinds = [inner[0]] * 2 if inner[-1] is ... else inner
        return tuple(made(one, f"{name}-{i}", given) for i, one in enumerate(kinds))
    if origin is not None and issubclass(origin, Mapping):
        return {f"{name}-key": made(inner[1], f"{name}-value", given)}
    whole: Any = origin or kind
    if kind is Resource:
        return Resource(kind=ResourceKind.ENVIRONMENT, name="production/가")
    if is_dataclass(whole):
        parameters = dict(zip(getattr(whole, "__parameters__", ()), inner, strict=True))
        hints = get_type_hints(whole)
        build: Any = whole
        called = getattr(whole, "__name__", "")
        of = {f.name: f"{called}.{f.name}" for f in fields(whole) if f.init}
        asked = {one: name if name in ASKED else one for one, name in of.items()}
        return build(**{one: made(hints[one], name, parameters) for one, name in asked.items()})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]
    if name in ASKED:
        return ASKED[name]
    plain: dict[Any, Any] = {str: f"{name} 가/é", int: 3, float: 7.5, bool: True, bytes: b"\x00\xff", Any: [name, 1]}
    return plain[kind]


def methods() -> list[tuple[str, str]]:
    hints = get_type_hints(Client)
    return [
        (feature, name)
        for feature, port in hints.items()
        for name, one in vars(port).items()
        if inspect.iscoroutinefunction(one) and (feature, name) not in IN_PARTS
    ]


class Recorder:
    """A feature that answers every method with one value, and remembers how it was called."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.calls: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append((name, args, kwargs))
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return call


def arguments(feature: str, name: str) -> tuple[Any, dict[str, Any], Any]:
    port = get_type_hints(Client)[feature]
    method = getattr(port, name)
    hints = get_type_hints(method)
    returned = hints.pop("return")
    given = {
        one: ASKED.get(f"{feature}.{one}") or made(hints[one], one)
        for one in inspect.signature(method).parameters
        if one != "self"
    }
    return method, given, returned


def near(feature: str, recorder: Recorder) -> Client:
    nothing: Any = object()
    return Client(**{one: recorder if one == feature else nothing for one in get_type_hints(Client)})


def bound(method: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    found = inspect.signature(method).bind(None, *args, **kwargs)
    found.apply_defaults()
    return {name: value for name, value in found.arguments.items() if name != "self"}


async def far(feature: str, name: str, recorder: Recorder, given: dict[str, Any]) -> Any:
    method = getattr(getattr(client_of(connection(server(near(feature, recorder)))), feature), name)
    positional = [
        value
        for one, value in given.items()
        if inspect.signature(method).parameters[one].kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    keyword = {
        one: value
        for one, value in given.items()
        if inspect.signature(method).parameters[one].kind is inspect.Parameter.KEYWORD_ONLY
    }
    return await method(*positional, **keyword)


@pytest.mark.parametrize(("feature", "name"), methods())
async def test_a_call_far_away_is_the_same_call(feature: str, name: str):
    method, given, returned = arguments(feature, name)
    answer = None if returned is type(None) else made(returned, "answer")
    recorder = Recorder(answer)
    assert await far(feature, name, recorder, given) == answer
    ((called, args, kwargs),) = recorder.calls
    assert (called, bound(method, args, kwargs)) == (name, given)


async def test_several_questions_about_rights_far_away_are_each_asked():
    verdict = made(Verdict, "answer")
    recorder = Recorder(verdict)
    pairs = [(Action.RUNS_READ, made(Resource, "")), (Action.RUNS_START, made(Resource, ""))]
    assert await far("access", "can_each", recorder, {"pairs": pairs}) == (verdict, verdict)
    assert [tuple(args[:2]) for _, args, _ in recorder.calls] == pairs


@pytest.mark.parametrize("kind", [SluicewayError, DefinitionError, RefusedError, UnreachableError])
async def test_an_error_far_away_is_the_same_error(kind: type[SluicewayError]):
    told = kind("SLW907", "no such thing", why="a rule", fix="do it", where="here", rule="mac/no-read-up")
    _, given, _ = arguments("runs", "show")
    with pytest.raises(kind) as raised:
        await far("runs", "show", Recorder(told), given)
    assert type(raised.value) is kind
    assert str(raised.value) == str(told)
    assert raised.value.rule == "mac/no-read-up"
