"""A store that is away is waited for; nothing else is."""

from __future__ import annotations

from functools import partial

import pytest
from temporalio.testing import ActivityEnvironment

from activities.core import retry
from activities.core.retry import retry_while_unavailable
from domain.core.errors import SluicewayError, StoreUnavailableError


class _Store:
    def __init__(self, *answers: SluicewayError) -> None:
        self._answers = list(answers)
        self.calls = 0

    def ask(self) -> str:
        self.calls += 1
        if self._answers:
            raise self._answers.pop(0)
        return "there"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.01)


async def test_it_is_asked_again_until_it_answers() -> None:
    store = _Store(StoreUnavailableError("SLW804", "away"), StoreUnavailableError("SLW803", "full"))
    assert await retry_while_unavailable(store.ask) == "there"
    assert store.calls == 3


@pytest.mark.parametrize("transient", [False, True])
async def test_what_is_no_outage_of_the_store_goes_up_at_once(transient: bool) -> None:
    store = _Store(SluicewayError("SLW847", "Docker is unavailable", transient=transient))
    with pytest.raises(SluicewayError, match="Docker"):
        await retry_while_unavailable(store.ask)
    assert store.calls == 1


async def test_after_the_limit_its_own_error_goes_up_and_meanwhile_people_see_what_is_awaited() -> None:
    store = _Store(*[StoreUnavailableError("SLW803", "the store is full")] * 10_000)
    beats: list[str] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = beats.append
    with pytest.raises(StoreUnavailableError, match="full"):
        await environment.run(partial(retry_while_unavailable, store.ask, 0.05))
    assert "waits for the store: the store is full" in beats
