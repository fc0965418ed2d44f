"""The signer's socket, as its clients use it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from activities.authority.client import Socket
from domain.core.errors import SluicewayError


def test_a_signer_that_is_there_and_says_nothing_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(SluicewayError, match="SLW010"):
            Socket(tmp_path / "s", patience_s=0, answer_s=0.05).ask(b"{}\n")
