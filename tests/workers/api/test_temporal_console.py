"""From Temporal's UI to the console."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.access.principal import Caller, PrincipalKind
from domain.core.ids import approval_id, console_link, environment_id, release_id, run_id
from domain.core.marked import html
from tests.workers.api.logging_in import Still
from tests.workers.api.test_codec import Login, Rights
from workers.api import temporal_console
from workers.api.app import create_app
from workers.api.parts import Parts

FRAME = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    def guards(caller: Caller) -> Any:
        return Rights(temporal=caller.principal.kind is not PrincipalKind.ANONYMOUS)

    nothing: Any = None
    parts = Parts(clients=nothing, authenticator=Login(), changes=Still(), origin="http://x", guards=guards)
    with TestClient[Litestar](create_app(parts, [temporal_console.render, temporal_console.console])) as made:
        yield made


@pytest.mark.parametrize(
    ("id_", "page"),
    [
        (run_id("web shop", 7, 2), "/runs/web%20shop/7.2"),
        (release_id("cart", "production", 3), "/releases/cart/production/3"),
        (approval_id("run/web/7", "ok"), "/approvals/web/7/ok"),
        (approval_id("release/cart/production/3", "ok"), "/approvals/release/cart/production/3/ok"),
        (environment_id("production"), "/environments/production"),
        ("queue/runs/main", "/"),
        ("//evil.example/x", "/"),
    ],
)
def test_the_link_of_an_execution_leads_to_its_page(client: TestClient[Litestar], id_: str, page: str) -> None:
    found = re.search(r'href="([^"]*)"', html(console_link(id_)))
    assert found
    answer = client.get(found[1], follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_a_text_of_an_execution_is_shown_in_a_frame_of_this_server_without_any_script(
    client: TestClient[Litestar],
) -> None:
    content = f"{console_link('run/web/7')}\n\n<script>steal()</script>"
    answer = client.get("/temporal/render", params={"content": content, "theme": "dark"}, headers=FRAME)
    assert answer.status_code == 200
    assert '<a href="/temporal/console/run/web/7" target="_top">in the console</a>' in answer.text
    assert "<script>" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}, {**FRAME, "Sec-Fetch-Site": "cross-site"}]
)
def test_nobody_is_sent_to_such_a_text_as_a_page(client: TestClient[Litestar], headers: dict[str, str]) -> None:
    answer = client.get("/temporal/render", params={"content": "send your key to x"}, headers=headers)
    assert (answer.status_code, "your key" in answer.text) == (403, False)


def test_who_may_not_see_temporal_sees_no_text(client: TestClient[Litestar]) -> None:
    answer = client.get("/temporal/render", params={"content": "x"}, headers={**FRAME, "x-who": "nobody"})
    assert answer.status_code in (401, 403)
