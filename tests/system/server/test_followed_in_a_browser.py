"""A run is followed live in a real browser on a real engine: nobody reloads a page.

tests/workers/console/test_browser.py has its steps one by one, against clients in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.command_line import said
from tests.support.lab import Repo
from tests.support.scene import started
from tests.support.served import code_for, serving
from tests.workers.console.browser import chromium
from workers.client.logins.links import address_of
from workers.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: followed
jobs:
  list:
    run: echo 'all=["cart", "stock"]' >> "$SLUICEWAY_OUTPUT"
    outputs: {all: list}
  each:
    needs: list
    for-each: needs.list.outputs.all
    env: {ITEM: "${{ item }}"}
    run: echo "$ITEM"
  long:
    run: seq 1 3000
  ok:
    needs: [each, long]
    approval: {users: [ann]}
  after:
    needs: ok
    run: echo "<b>after</b>"
"""


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("followed") / "home") as settings:
        yield settings


def test_a_run_is_followed_live_from_the_list_to_its_end(chosen: Settings, tmp_path: Path):
    said("identity", "add", "ann")
    origin, errors = chosen.engine()["server"], []
    with chromium() as browser:
        page = browser.new_context(base_url=origin).new_page()
        page.set_default_timeout(30_000)
        expect.set_options(timeout=30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        _log_in(page, address_of(origin, code_for(chosen, "visitor")))
        page.goto("/runs")
        expect(page.locator(".live-state.on")).to_be_visible()
        started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT}))
        page.get_by_role("link", name="followed #1").click()
        expect(page.locator(".waits")).to_contain_text("ok")
        expect(page.locator(".g-box.g-passed")).to_have_count(4)
        page.get_by_role("link", name="Log of long").click()
        expect(page.locator(".line .tx").last).to_have_text("3000")
        page.go_back()
        said("approve", "followed/1", "--job", "ok", "--as", "ann", "--yes")
        expect(page.locator(".summary .badge")).to_have_text("passed")
        expect(page.locator(".waits")).to_have_count(0)
        expect(page.locator(".g-box.g-passed")).to_have_count(6)
    assert errors == []


def _log_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Log in").first.click()
    page.wait_for_url("**/me*")
