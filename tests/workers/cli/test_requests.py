"""What a command sends to the engine: what cannot be sent is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.core.errors import SluicewayError
from workers.cli.common import with_engine
from workers.client import client
from workers.client.client import Engine
from workers.core.light_conversion import LIGHT
from workers.core.settings import Settings


def test_a_text_on_the_command_line_that_is_not_utf_8_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(chosen: Settings) -> None:
        """Nothing is asked."""

    async def send(engine: Engine) -> None:
        LIGHT.payload_converter.to_payloads(["name=\udcff"])

    monkeypatch.setattr(client, "connect", connect)
    with pytest.raises(SluicewayError, match=r"(?s)SLW916.*not UTF-8"):
        with_engine(Settings(Path("/nowhere"), Path("/nowhere")), send)
