"""What stands against a rerun is told by its code."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.runs.port import Rerun
from activities.runs.rerun import RerunActivities
from activities.triggers.port import DefinitionResult
from domain.core.errors import RefusedError

ENDED = {"id": "run/web/1", "ended_at": 1.0, "plan": "digest"}


def _activities(attempts: list[dict[str, Any]], reading: DefinitionResult | None = None) -> RerunActivities:
    runs = SimpleNamespace(attempts=lambda *_: attempts)
    delivery = SimpleNamespace(read=lambda _: reading)
    return RerunActivities(runs, SimpleNamespace(), SimpleNamespace(), delivery, SimpleNamespace(), Everything())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attempts", "code"),
    [([], "SLW911"), ([ENDED | {"ended_at": None}], "SLW923"), ([ENDED | {"plan": ""}], "SLW924")],
)
async def test_only_a_run_that_has_ended_with_a_plan_is_run_again(attempts: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(ApplicationError) as refused:
        await ActivityEnvironment().run(_activities(attempts).plan, Rerun("web", 1))
    assert (refused.value.type, refused.value.non_retryable) == (code, True)


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (DefinitionResult(True, "", problems=("p.yaml:1: unknown key",)), "SLW925"),
        (DefinitionResult(False, "no tag"), "SLW928"),
    ],
)
def test_a_changed_definition_must_be_one_for_this_run(reading: DefinitionResult, code: str) -> None:
    with pytest.raises(RefusedError, match=code):
        _activities([ENDED], reading)._anew(SimpleNamespace())  # type: ignore[arg-type]
