"""What somebody may not read is not there for them; what they may read is refused with its rule."""

from __future__ import annotations

import pytest

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.core.errors import RefusedError, SluicewayError
from tests.support.guards import OpenGuard
from workers.client.unseen import unseen

RUN = Resource(kind=ResourceKind.RUN, name="run/web/1")
NOTHING = SluicewayError("SLW911", "no record of run/web/1")


@pytest.mark.parametrize(
    ("refused", "raised", "code"),
    [
        ({Action.RUNS_READ, Action.RUNS_CANCEL}, "SLW410", "SLW911"),
        ({Action.RUNS_READ, Action.RUNS_CANCEL}, "SLW411", "SLW911"),
        ({Action.RUNS_READ, Action.RUNS_CANCEL}, "SLW905", "SLW905"),
        ({Action.RUNS_CANCEL}, "SLW410", "SLW410"),
    ],
)
async def test_who_may_not_read_is_told_of_nothing(refused: set[Action], raised: str, code: str) -> None:
    with pytest.raises(SluicewayError) as told:
        async with unseen(OpenGuard(refused=frozenset(refused)), Action.RUNS_READ, RUN, NOTHING):
            raise RefusedError(raised, "no", rule="rbac/none")
    assert told.value.code == code
    assert "rbac" not in told.value.rule or code != "SLW911"
