"""A release whose workflow only meets errors can be ended, and frees its environment."""

import pytest

from tests.support.lab import until
from tests.workflows.releases.judged import first, second, text
from workers.client import cancelling, engine_errors, releases
from workflows.releases.action_runner import ActionRunner


def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(runner: ActionRunner, action: object) -> None:
        raise ZeroDivisionError("a bug of this engine")

    monkeypatch.setattr(ActionRunner, "run_unless_aborted", broken)
    monkeypatch.setattr(cancelling, "LASTS_S", 0.2)


async def test_an_abort_ends_a_release_that_only_meets_errors_as_it_is(memory, monkeypatch):
    lab, _, _ = memory
    await first(lab, "s2")
    stuck(monkeypatch)
    await lab.start(text("s2", "2"))
    release = await second(lab)
    await until(lambda: engine_errors.of(lab.engine, release))
    error = await cancelling.end_release(lab.engine, release, "enough")

    assert error is not None
    assert error.message == "a bug of this engine"
    assert (await releases.environment(lab.engine, "s2")).holder == ""
