"""A stream of a command leaves the requests of other threads alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes import client

from activities.kubernetes import exec as commands


def test_a_stream_is_opened_by_a_client_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    shared, opened = client.ApiClient(client.Configuration()), list[Any]()
    monkeypatch.setattr(commands, "open_stream", lambda call, *_, **__: opened.append(call.__self__.api_client))

    commands.open_exec(SimpleNamespace(api=shared, person=None), "ci", "job-1", "steps", ["true"])  # type: ignore[arg-type]

    assert opened[0] is not shared
    assert opened[0].configuration is shared.configuration
