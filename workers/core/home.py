"""The home of an engine belongs to one user, and only to him."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from domain.core.errors import SluicewayError

PRIVATE = 0o700


def keep_private(home: Path) -> None:
    """Makes the home, or closes it to other users: it holds keys, logs and what the engine runs.

    Raises:
        SluicewayError: SLW081, it belongs to somebody else, or cannot be closed.
    """
    home.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    found = home.stat()
    if found.st_uid != os.geteuid():
        why = f"it belongs to user {found.st_uid}, and this is user {os.geteuid()}"
        raise SluicewayError(
            "SLW081", f"{home} is not this user's", why=why, fix="name another folder in SLUICEWAY_HOME"
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        try:
            home.chmod(PRIVATE)
        except OSError as refused:
            raise SluicewayError("SLW081", f"{home} is open to other users", why=str(refused)) from refused
