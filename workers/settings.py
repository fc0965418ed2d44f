"""The environment, read once: where the engine keeps things and how it is reached."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import UnreachableError

TASK_QUEUE = "sluiceway"


@dataclass(frozen=True)
class Settings:
    home: Path
    """SLUICEWAY_HOME; one engine per home."""
    tools: Path
    """SLUICEWAY_TOOLS: an environment per scanner."""
    address: str = ""
    """SLUICEWAY_ADDRESS: an existing Temporal; empty: the embedded one of this home."""
    namespace: str = "default"
    database: Path | None = None
    """SLUICEWAY_TRIVY_DB: trivy's cache folder with a vulnerability database."""
    webhook: str = ""
    """SLUICEWAY_WEBHOOK: notices are posted there."""

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def mirrors(self) -> Path:
        return self.home / "mirrors"

    @property
    def records(self) -> Path:
        return self.home / "records.db"

    @property
    def identities(self) -> Path:
        return self.home / "identities"

    @property
    def engine_file(self) -> Path:
        return self.home / "engine.json"

    def engine(self) -> dict[str, Any]:
        """Ports and addresses of this home's engine; empty when there was none."""
        try:
            value: dict[str, Any] = json.loads(self.engine_file.read_text())
        except (OSError, ValueError):
            return {}
        return value

    def temporal_address(self) -> str:
        """Raises:
        UnreachableError: nothing is configured and this home has no engine.
        """
        address = self.address or str(self.engine().get("temporal", ""))
        if not address:
            raise UnreachableError("SLW901", f"no engine runs for {self.home}", fix="sluiceway up")
        return address


def load() -> Settings:
    env = os.environ
    home = Path(env.get("SLUICEWAY_HOME") or Path.home() / ".local" / "share" / "sluiceway").absolute()
    tools = Path(env.get("SLUICEWAY_TOOLS") or Path(sys.prefix) / "tools")
    database = env.get("SLUICEWAY_TRIVY_DB")
    return Settings(
        home,
        tools,
        env.get("SLUICEWAY_ADDRESS", ""),
        env.get("SLUICEWAY_NAMESPACE", "default"),
        Path(database) if database else None,
        env.get("SLUICEWAY_WEBHOOK", ""),
    )
