"""The worker's process: which token it shows, and what its probes hear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import pytest

from domain.clusters.access import Access
from workers.dialling import main
from workers.dialling.health import Pulse
from workers.dialling.main import Post, work


async def test_a_renewed_token_is_shown_without_a_new_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, shown, enough = ["first", "second"], list[str](), asyncio.Event()

    async def answer(request: httpx2.Request) -> httpx2.Response:
        shown.append(request.headers["Authorization"])
        if len(shown) == 3:
            enough.set()
            await asyncio.Event().wait()
        body = {"version": "0.1.0", "fits": "same"} if request.url.path.endswith("/hello") else None
        return httpx2.Response(200, json=body)

    opened: list[str] = []

    def http_of(origin: str) -> httpx2.AsyncClient:
        opened.append(origin)
        return httpx2.AsyncClient(base_url=origin, transport=httpx2.MockTransport(answer))

    monkeypatch.setattr(main, "http_of", http_of)
    pulse = Pulse()
    token = lambda: tokens.pop(0) if len(tokens) > 1 else tokens[0]  # noqa: E731
    post = Post(cluster="far", origin="https://ci.example.org", token=token, access=Access("file:/none"))
    working = asyncio.ensure_future(work(post, tmp_path, pulse))
    await enough.wait()
    working.cancel()
    await asyncio.wait({working})

    assert shown[:3] == ["Bearer first", "Bearer second", "Bearer second"]
    assert len(opened) == 1
    assert pulse.is_ready()
