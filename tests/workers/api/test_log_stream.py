"""A log that is followed: for as long as the reader is who they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from domain.access.principal import Caller, Principal, PrincipalKind
from workers.api.events import STREAMS
from workers.api.routes import log_stream

ANN = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann", groups=("ops",)), session="s")


async def quiet(*_: object, **__: object) -> AsyncIterator[None]:
    while True:
        yield None


@pytest.mark.parametrize(
    "later",
    [replace(ANN, principal=replace(ANN.principal, groups=())), Caller(principal=replace(ANN.principal, name="bob"))],
)
async def test_who_has_lost_a_group_or_the_login_follows_no_further(later: Caller) -> None:
    said = iter((ANN, ANN, later))

    async def caller(_: object) -> Caller:
        return next(said)

    parts = cast(Any, SimpleNamespace(authenticator=SimpleNamespace(caller=caller)))
    nothing = cast(Any, SimpleNamespace())
    STREAMS.open(ANN.principal.id)
    reader = log_stream.Reader(nothing, ANN, parts, quiet)
    assert [one async for one in reader.lines()] == [b"\n", b"\n"]
    assert not STREAMS.by[ANN.principal.id]
