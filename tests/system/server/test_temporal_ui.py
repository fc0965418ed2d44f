"""The Temporal UI of a real engine, through the server: its own requests, as a browser sends them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from activities.access import identities, private_keys
from activities.core import serialization as serial
from tests.support.command_line import said
from tests.support.lab import Repo, until
from tests.support.scene import connected, started
from tests.support.served import is_asked, logged_in, serving
from workers.client import approvals, runs
from workers.core.settings import Settings

TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\njobs:\n  ok:\n    approval: {{users: [ann]}}\n"
WORKFLOWS = "/temporal/api/v1/namespaces/default/workflows"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("served") / "home") as settings:
        said("identity", "add", "ann")
        yield settings


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize(("kind", "name"), [("signal", "approve"), ("update", "decide")])
async def test_a_signed_decision_reaches_the_approval_and_every_other_write_reaches_nothing(
    chosen: Settings, tmp_path, kind: str, name: str, encrypted: bool
):
    said("keys", "encrypt", *(() if encrypted else ("--off",)))
    run = started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT.format(name=f"by-{kind}-{encrypted:d}")}))
    one = await connected(chosen)
    await until(lambda: is_asked(one, run, "ok"))
    key = private_keys.load(chosen.keys, "ann")
    decision = identities.sign(key, await approvals.unsigned(one, run, "ok", "ann", True, "fine"))
    approval = quote(f"approval/{run.removeprefix('run/')}/ok", safe="")
    async with await logged_in(chosen, "ann") as http:
        page = await http.get("/temporal/", headers={"Accept": "text/html"})
        assert (page.status_code, b"/temporal/_app/" in page.content) == (200, True)
        listed = (await http.get(WORKFLOWS)).json()["executions"]
        assert run in {found["execution"]["workflowId"] for found in listed}
        for path in (f"{approval}/terminate", f"{approval}/cancel", f"{approval}/signal/{name}"):
            assert (await http.post(f"{WORKFLOWS}/{path}", json={})).status_code == 403
        sent = await http.post(f"{WORKFLOWS}/{approval}/{kind}/{name}", json=_request(kind, serial.dump(decision)))
        assert sent.status_code == 200, sent.text
    assert (await runs.result(one, run)).status == "passed"


def _request(kind: str, decision: bytes) -> dict[str, object]:
    """As the UI makes it."""
    payload = {
        "metadata": {"encoding": base64.b64encode(b"json/plain").decode()},
        "data": base64.b64encode(decision).decode(),
    }
    arguments = {"payloads": [payload]}
    if kind == "signal":
        return {"input": arguments}
    return {"request": {"input": {"name": "decide", "args": arguments}}}
