"""The audit in a real browser: it verifies proofs itself, and remembers what it saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.support.memory_client import seeded
from tests.workers.console.browser import Site, reader, site

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(200)]


@pytest.fixture
def shown() -> Iterator[Site]:
    with site(seeded()) as found:
        yield found


def found(context: BrowserContext, of: Site, path: str) -> list[str]:
    """Which of the page's sentences hold, once its script has looked."""
    page = of.watch(context.new_page())
    page.goto(path)
    expect(page.locator("#verified[data-state]")).to_have_count(1)
    said = page.eval_on_selector_all(
        "#verified [data-found]:not([hidden])", "all => all.map((one) => one.dataset.found)"
    )
    page.close()
    return list(said)


def test_an_entry_is_proven_in_the_browser_and_a_log_that_grows_continues(browser: Browser, shown: Site) -> None:
    context = reader(browser, shown)
    assert found(context, shown, "/audit/7") == ["first", "proven"]
    for seq in range(40, 53):
        shown.world.audit.append(replace(shown.world.audit[0], seq=seq))
        assert found(context, shown, "/audit") == ["continues"]
    for seq in (0, 31, 32, 52):
        assert found(context, shown, f"/audit/{seq}") == ["continues", "proven"]
    context.close()
    assert shown.complaints == []


def test_a_rewritten_or_cut_log_is_not_the_one_that_the_browser_saw(browser: Browser, shown: Site) -> None:
    context, rows = reader(browser, shown), list(shown.world.audit)
    assert found(context, shown, "/audit") == ["first"]
    shown.world.audit[3] = replace(rows[3], actor="person:mallory")
    assert found(context, shown, "/audit/3") == ["broken", "unproven"]
    shown.world.audit[:] = rows[:30]
    assert found(context, shown, "/audit") == ["broken"]
    shown.world.audit[:] = rows
    assert found(context, shown, "/audit") == ["continues"]
    context.close()
