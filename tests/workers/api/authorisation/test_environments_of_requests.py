"""A request tells the environment whose rule counts, and that rule, to whoever may read the environment."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from domain.clusters.requests import ClusterRequest, RequestKind
from domain.inventory.request_plan import RequestPlan
from tests.workers.api.authorisation.world import caller, world
from workers.client.on_engine.requests.requests import EngineRequests
from workers.client.ports.pages import PageOf
from workers.client.ports.requests import RequestFilter, Wish

RULE = "2 approvals, 1 from group board, as environment other demands"
WISH = Wish(cluster="own", namespace="a", kind="quota", values={"cpu": 1.0}, reason="r")


@pytest.mark.parametrize(("actor", "told"), [("viewer", False), ("developer", False), ("admin", True)])
async def test_whose_rule_counts_is_told_to_who_may_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, actor: str, told: bool
) -> None:
    async def planned(_: EngineRequests, asked: ClusterRequest) -> RequestPlan:
        return RequestPlan(request=asked, approval=RULE)

    monkeypatch.setattr(EngineRequests, "_planned", planned)
    asked = ClusterRequest("own", "a", RequestKind.QUOTA, reason="r", requester="nobody", environment="other")
    with world(tmp_path) as made:
        id_ = made.records.requests.ask(asked, time.time())
        monkeypatch.setattr(Wish, "asked_by", lambda *_: asked)
        requests = (await made.clients.client(caller(actor))).requests
        rows = (await requests.list(RequestFilter(), PageOf())).items
        shown, plan = await requests.show(id_), await requests.plan(WISH)
    row = next(one for one in rows if one.id == id_)
    names = (row.environment, shown.row.environment, shown.plan.request.environment, plan.request.environment)
    assert set(names) == {"other" if told else ""}
    assert [one == RULE for one in (shown.plan.approval, plan.approval)] == [told, told]
