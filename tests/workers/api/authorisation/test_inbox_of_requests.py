"""An inbox has what waits in runs and in clusters that the reader may read, by the rights on each."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from domain.approvals.opening import Opening
from domain.approvals.spec import ApprovalSpec
from tests.workers.api.authorisation.world import ACTORS, PLACES, caller, world
from workers.client.ports.pages import PageOf

EXPECTED = {
    "viewer": {"own"},
    "approver": {"own"},
    "admin": {"own", "other"},
    "stranger": set[str](),
    "secadmin": set[str](),
}


@pytest.mark.parametrize("actor", EXPECTED)
async def test_requests_wait_for_whoever_may_read_their_cluster(tmp_path: Path, actor: str) -> None:
    assert actor in ACTORS
    now = time.time()
    with world(tmp_path) as made:
        for place in PLACES:
            run = f"request/{place}/1"
            opening = Opening(run=run, job="change", pipeline="", cluster=place, spec=ApprovalSpec(), at=now)
            made.records.approvals.open(f"approval/{run}/change", opening, now + 60)
        client = await made.clients.client(caller(actor))
        listed = (await client.approvals.inbox(PageOf(limit=50), mine=False)).items
    for kind, jobs in (("run", "ask"), ("request", "change")):
        seen = {one.run.split("/")[1] for one in listed if one.job == jobs and one.run.startswith(f"{kind}/")}
        assert seen == EXPECTED[actor], kind


async def test_a_request_that_waits_no_more_is_in_no_inbox(tmp_path: Path) -> None:
    from activities.clusters.port import RequestRecord
    from domain.clusters.requests import RequestStatus

    now = time.time()
    with world(tmp_path) as made:
        opening = Opening(run="request/own/1", job="change", pipeline="", cluster="own", spec=ApprovalSpec(), at=now)
        made.records.approvals.open("approval/request/own/1/change", opening, now + 60)
        made.records.requests.tell(RequestRecord(id="request/own/1", status=RequestStatus.CANCELLED, at=now))
        client = await made.clients.client(caller("viewer"))
        listed = (await client.approvals.inbox(PageOf(), mine=False)).items
    assert [one.job for one in listed] == ["ask"]
