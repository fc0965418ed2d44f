"""What a request does in a cluster that was made elsewhere: with a permit, and told as a result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.authority.everything import Everything
from activities.clusters.port import RequestStep, RequestStepDone
from activities.clusters.request_store import RequestStore
from activities.clusters.requesting import RequestActivities
from activities.kubernetes.kubeconfigs import AddressBook
from activities.storage.opening import open_database
from domain.authority.permit import Claim, SignedPermit
from domain.clusters.access import Access
from domain.clusters.request_ground import NAME
from domain.clusters.request_marks import MARK, MOST
from domain.core.errors import RefusedError
from tests.activities.clusters.test_request_objects import HOME, ID, MORE, Api, theirs


class Nothing(Everything):
    """A signer that permits nothing."""

    def permit(self, claim: Claim) -> SignedPermit:
        raise RefusedError("SLW034", f"nobody has agreed to {claim.run}")


@pytest.fixture
def api() -> Api:
    return Api().put(theirs("ResourceQuota", "compute", {"hard": {"requests.cpu": "8"}}))


async def told(
    api: Api, tmp_path: Path, *, back: bool = False, signer: type[Everything] = Everything
) -> RequestStepDone:
    book = AddressBook(tmp_path)
    book.remember("dc", Access("file:/k"))
    store = RequestStore(open_database(tmp_path / "records.db"))
    acts = RequestActivities(store, lambda access, cluster: api, book, permits=signer(), home=lambda: HOME)
    return await acts._elsewhere(RequestStep(id=ID, asked=MORE, back=back))


async def test_without_a_permit_nothing_is_touched_and_nothing_has_to_be_taken_back(api: Api, tmp_path: Path) -> None:
    done = await told(api, tmp_path, signer=Nothing)
    assert (done.done, done.busy, "SLW034" in done.refusal) == (False, False, True)
    assert api.hard("compute") == {"requests.cpu": "8"}


async def test_it_is_done_and_taken_back_and_nobody_has_to_wait(api: Api, tmp_path: Path) -> None:
    assert await told(api, tmp_path) == RequestStepDone(done=True)
    assert api.hard("compute") == {"requests.cpu": "12"}
    assert await told(api, tmp_path, back=True) == RequestStepDone(done=True)
    assert api.hard("compute") == {"requests.cpu": "8"}


async def test_a_cluster_that_is_away_is_asked_again_and_one_that_refuses_is_not(api: Api, tmp_path: Path) -> None:
    api.breaks = 1
    away = await told(api, tmp_path)
    assert (away.busy, away.done, "connection refused" in away.refusal) == (True, True, True)
    api.denied = "patch"
    refused = await told(api, tmp_path)
    assert (refused.busy, refused.done, "may not patch" in refused.refusal) == (False, False, True)


async def test_one_that_is_refused_after_its_first_change_is_said_and_taken_back(api: Api, tmp_path: Path) -> None:
    full = [{"id": f"request/dc/{number}@x", "until": 0, "fields": {}} for number in range(MOST)]
    added = theirs("ResourceQuota", NAME, {"hard": {}})
    added["metadata"]["annotations"] = {MARK: json.dumps(full)}  # type: ignore[index]
    api.put(added)
    half = await told(api, tmp_path)
    assert (half.done, half.busy) == (True, False)
    assert "remembers 20 requests already" in half.refusal
    assert "ResourceQuota shop/compute was changed before" in half.refusal
    assert await told(api, tmp_path, back=True) == RequestStepDone(done=True)
    assert api.hard("compute") == {"requests.cpu": "8"}


async def test_one_that_is_refused_before_its_first_change_has_nothing_to_be_taken_back(
    api: Api, tmp_path: Path
) -> None:
    api.put(theirs("ResourceQuota", "compute", {"hard": {"requests.cpu": "6"}}))
    refused = await told(api, tmp_path)
    assert (refused.done, refused.busy, "was changed since" in refused.refusal) == (False, False, True)
