"""Decisions about a run in real browsers on a real engine: evidence that changes, a rejection, and who may not.

tests/workers/console/test_browser_approvals.py has the steps one by one, against clients in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.command_line import call, said
from tests.support.lab import Repo
from tests.support.scene import started
from tests.support.served import serving
from tests.support.walking import Administrator, walker
from tests.workers.console.browser import chromium
from workers.core.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
jobs:
  build: {{run: echo built}}
  ok:
    needs: build
    environment: {name}
    approval: {{users: [ann, bora], message: may it go out?}}
  after: {{needs: ok, run: echo after}}
"""
RULE = """apiVersion: sluiceway/v1
kind: Environment
name: {name}
approval: {{users: [ann], quorum: 1, allow: {{author: true}}}}
"""
CANCEL = """async (path) => {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": "once", Accept: "application/json",
    "X-CSRF-Token": document.querySelector("meta[name=csrf]").content };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify({ reason: "no" }) });
  return [answer.status, await answer.json()];
}"""
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with serving(tmp_path_factory.mktemp("decided") / "home") as settings:
        yield settings


@pytest.fixture(scope="module")
def admin(chosen: Settings, tmp_path_factory: pytest.TempPathFactory) -> Administrator:
    return Administrator(chosen, tmp_path_factory.mktemp("admin"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_evidence_that_changes_under_the_reader_is_named_and_signed_anew(admin, browser, tmp_path: Path):
    started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT.format(name="changed")}))
    with walker(browser, admin.invites("ann", "approver")) as ann:
        page = ann.page
        said("people", "confirm", "ann", "--key", ann.makes_a_passkey())
        page.goto("/inbox")
        page.get_by_role("link", name="changed/1").or_(page.get_by_role("link", name="ok")).first.click()
        expect(page.get_by_role("button", name="Approve")).to_be_visible()
        (tmp_path / "rule.yaml").write_text(RULE.format(name="changed"))
        said("apply", str(tmp_path / "rule.yaml"))
        page.keyboard.press("a")
        expect(page.locator("[data-problem]")).to_contain_text("what is to be approved has changed")
        expect(page.locator("[data-problem]")).to_contain_text("Digest of the environment's rule")
        expect(page.get_by_role("button", name="Approve")).to_be_disabled()
        page.get_by_role("link", name="Look at it again").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.locator("form[data-decide]")).to_have_count(0)
        page.goto("/runs/changed/1")
        expect(page.locator(".summary .badge")).to_have_text("passed")


def test_a_rejection_by_keyboard_on_a_phone_in_korean_ends_the_run(admin, browser, tmp_path: Path):
    started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT.format(name="rejected")}))
    with walker(browser, admin.invites("bora", "approver"), locale="ko-KR", viewport=PHONE) as bora:
        page = bora.page
        said("people", "confirm", "bora", "--key", bora.makes_a_passkey())
        page.goto("/approvals/rejected/1/ok")
        page.get_by_label("의견").fill("아직 아닙니다")
        page.get_by_label("의견").press("Tab")
        page.keyboard.press("x")
        expect(page.locator("main")).to_contain_text("거부")
        expect(page.locator("main")).to_contain_text("아직 아닙니다")
        page.goto("/runs/rejected/1")
        expect(page.locator(".summary .badge")).to_have_text("거부됨")
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_who_may_not_reads_the_same_rule_on_the_page_from_the_api_and_on_the_command_line(
    chosen, admin, browser, tmp_path: Path
):
    run = started(Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT.format(name="refused")}))
    origin = chosen.engine()["server"]
    with walker(browser, admin.invites("eve", "viewer")) as eve:
        page = eve.page
        page.goto("/approvals/refused/1/ok")
        expect(page.locator("main")).to_contain_text("You cannot decide this")
        page.goto("/runs/refused/1")
        page.locator("details.refused summary", has_text="Cancel").click()
        rule = page.locator("details.refused[open] code").first.inner_text()
        path = f"/api/v1/runs/{run.removeprefix('run/').replace('/', ':')}/cancel"
        status, told = page.evaluate(CANCEL, path)
    far = {"SLUICEWAY_SERVER": origin, "XDG_CONFIG_HOME": str(tmp_path / "eve")}
    assert call("login", said("people", "invite", "eve").split()[0], env=far)[0] == 0
    code, _, err = call("cancel", "refused/1", "--reason", "no", env=far)
    assert (status, told["rule"], code) == (403, rule, 3)
    assert rule in err
