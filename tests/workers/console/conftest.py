"""A browser for each file that asks for one, and the console of the seeded world.

No longer than a file: while Playwright's calls are synchronous, nothing else in this process may have an event loop.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.memory_client import seeded
from tests.workers.console.browser import Site, chromium, site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def here() -> Iterator[Site]:
    with site(seeded()) as found:
        yield found
