"""A home is its owner's alone, whatever umask or older version made it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from domain.core.errors import SluicewayError
from workers.core.home import keep_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_command_makes_a_private_home_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep_private(tmp_path / "home")
    finally:
        os.umask(before)
    assert mode(tmp_path / "home") == 0o700


def test_a_home_that_others_could_read_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    keep_private(tmp_path)
    assert mode(tmp_path) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_a_home_of_somebody_else_is_refused(tmp_path: Path) -> None:
    os.chown(tmp_path, 65_534, 65_534)
    with pytest.raises(SluicewayError, match="SLW081"):
        keep_private(tmp_path)
