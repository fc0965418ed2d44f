"""Whoever asks a workflow that only meets errors is told the error, and does not wait for ever."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.client import Client

from domain.core.errors import SluicewayError
from workers.client import calls, engine_errors
from workers.client.client import Engine
from workers.client.engine_errors import EngineError


async def test_a_call_to_a_workflow_that_only_fails_ends_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def of(engine: Engine, workflow: str) -> EngineError:
        return EngineError(workflow, "a bug", 5)

    monkeypatch.setattr(calls, "PATIENCE_S", 0.01)
    monkeypatch.setattr(engine_errors, "of", of)
    engine = Engine(await Client.connect("127.0.0.1:1", lazy=True))
    with pytest.raises(SluicewayError, match=r"(?s)SLW917.*a bug \(run/web/1, tried 5 times\)"):
        await calls.explained(engine, "run/web/1", asyncio.Event().wait())
