"""A pytest plugin: the fixture `rehearse` simulates a pipeline with mocks, in virtual time, and returns what happened.

    def test_a_red_test_ships_nothing(rehearse):
        seen = rehearse("web.yaml", mocks={"jobs": {"test": {"exit": 1}}})
        assert seen.status == "failed"
        assert "ship" not in seen.releases

The keys are those of a YAML case (docs/testing.md).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from domain.core.values import Json
    from domain.simulation.expectations import Observed
    from workers.simulation.environment import SimulationEnvironment

T = TypeVar("T")
TIMEOUT_S = 120


class Rehearsal:
    """One environment for a whole session, in a thread with its own event loop: tests need not be asynchronous."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._stack = AsyncExitStack()
        self._stage = self._call(self._open(folder))

    def __call__(self, file: str | Path, **case: Json) -> Observed:
        """Simulates `file` with `given`, `mocks` and `decisions`.

        Raises:
            pydantic.ValidationError: the case is malformed.
            SluicewayError: the pipeline cannot be planned.
        """
        from pipeline_defs.simulation.model import Case
        from workers.core.files import Files

        path = Path(file)
        definition = Files().check(path)
        made = Case.model_validate({"name": path.stem, "expect": {}, **case})
        return self._call(self._stage.play(definition, made))

    def close(self) -> None:
        """Stops the test server, its worker and their event loop."""
        self._call(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _open(self, folder: Path) -> SimulationEnvironment:
        from workers.simulation.environment import SimulationEnvironment

        return await self._stack.enter_async_context(SimulationEnvironment.open(folder))

    def _call(self, coroutine: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TIMEOUT_S)


@pytest.fixture(scope="session")
def rehearse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Simulates pipelines; one server for the whole session."""
    made = Rehearsal(tmp_path_factory.mktemp("rehearsal"))
    yield made
    made.close()
