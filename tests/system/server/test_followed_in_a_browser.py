"""A run that a push starts is followed live in a real browser on a real engine: nobody reloads a page.

tests/workers/console/test_browser.py has its steps one by one, against clients in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.command_line import said
from tests.support.served import serving
from tests.support.walking import Pushed, first_link, walker
from tests.workers.console.browser import chromium
from workers.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: followed
on: {push: {branches: [main]}}
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


def test_a_push_is_followed_live_from_the_list_to_the_end_of_its_run(chosen: Settings, tmp_path: Path):
    said("identity", "add", "ann")
    pushed = Pushed(tmp_path)
    with chromium() as browser, walker(browser, first_link(chosen, "visitor")) as visitor:
        page = visitor.page
        page.goto("/runs")
        expect(page.locator(".live-state.on")).to_be_visible()
        pushed.push(sluiceway_yaml=TEXT)
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
