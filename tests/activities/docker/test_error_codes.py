"""A daemon that refuses, and one that fails, are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import requests
from docker.errors import APIError, DockerException

from activities.docker import daemon
from domain.core.errors import SluicewayError


def _answer(status: int) -> APIError:
    response = requests.Response()
    response.status_code = status
    return APIError("said", response)


@pytest.mark.parametrize(
    ("error", "code", "transient"),
    [(_answer(400), "SLW839", False), (_answer(500), "SLW847", True), (DockerException("no socket"), "SLW847", True)],
)
def test_only_what_the_request_cannot_help_is_transient(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, transient: bool
) -> None:
    @contextmanager
    def failing(timeout_s: int) -> Iterator[SimpleNamespace]:
        raise error
        yield SimpleNamespace()

    monkeypatch.setattr(daemon, "client_of", failing)
    with pytest.raises(SluicewayError, match=code) as refused, daemon.connected():
        pass
    assert refused.value.transient is transient
