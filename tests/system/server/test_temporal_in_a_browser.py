"""Temporal's own UI in a real browser, in front of a real engine whose payloads are encrypted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from temporalio.client import Client

from domain.access.labels import Label
from tests.support.command_line import said
from tests.support.lab import Repo
from tests.support.scene import started
from tests.support.served import code_for, serving
from tests.workers.console.browser import chromium
from tests.workers.worker.test_hidden_payloads import decoded
from workers.client.logins.links import address_of
from workers.core.records import open_records
from workers.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(400)]
TEXT = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\njobs:\n  ok:\n    run: echo hello\n"
PATIENCE_MS = 120_000
"""A page of the UI has a hundred files."""


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("encrypted") / "home") as settings:
        said("keys", "encrypt")
        yield settings


def run_of(folder: Path, name: str) -> str:
    return started(Repo.create(folder / name, {"sluiceway.yaml": TEXT.format(name=name)}))


def test_who_may_read_a_run_reads_it_in_the_ui_and_nobody_reads_it_in_the_history(chosen: Settings, tmp_path: Path):
    open_, closed = run_of(tmp_path, "open"), run_of(tmp_path, "closed")
    _label(chosen, "pipeline:closed")
    with chromium() as browser:
        page = browser.new_context(base_url=chosen.engine()["server"]).new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        refused: list[str] = []
        page.on("console", lambda told: refused.append(told.text) if "Content Security" in told.text else None)
        page.goto(address_of(chosen.engine()["server"], code_for(chosen, "visitor")))
        page.get_by_role("button", name="Log in").first.click()
        page.wait_for_url("**/me*")
        _shows(page, open_, '"event": {')
        _shows(page, closed, "encrypted (mac/")
        _leads_back(page, open_)
    assert refused == []
    assert '"event"' not in asyncio.run(_history(chosen, open_))


async def _history(chosen: Settings, run: str) -> str:
    """As it lies on the server, decoded where it is Base64."""
    client = await Client.connect(chosen.temporal_address())
    return decoded((await client.get_workflow_handle(run).fetch_history()).to_json_dict())


def _label(chosen: Settings, subject: str) -> None:
    """Above the visitor, as two security administrators do it."""
    records = open_records(chosen)
    try:
        with records.database.write() as connection:
            records.rights.labels.set(connection, subject, Label(level=3), "person:kim", "person:lee", time.time())
    finally:
        records.close()


def _shows(page: Page, run: str, text: str) -> None:
    page.goto(f"/temporal/namespaces/default/workflows/{quote(run, safe='')}")
    page.get_by_text("User Metadata").first.wait_for()
    expect(page.locator("body")).to_contain_text(text)


def _leads_back(page: Page, run: str) -> None:
    page.goto(f"/temporal/namespaces/default/workflows/{quote(run, safe='')}")
    page.get_by_text("User Metadata").first.click()
    page.frame_locator("#user-metadata-details").get_by_role("link", name="in the console").click()
    page.wait_for_url(f"**/runs/{run.removeprefix('run/')}")
    expect(page.get_by_role("link", name="Temporal").first).to_be_visible()
