"""What this machine can do, for lines of tests/skips.txt: a reason counts only where the fact behind it does not hold."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path

from activities.clusters.providers.local.parts import istio
from workers.core import settings

_CAP_SYS_ADMIN = 1 << 21
_WHOLE = ["0", "0", "4294967295"]
"""The map of users outside of any user namespace: inside of one, root has the capability and still may not mount."""


def _root() -> bool:
    return os.geteuid() == 0


def _sys_admin() -> bool:
    try:
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        users = Path("/proc/self/uid_map").read_text().split()
    except OSError:
        return False
    return bool(int(status["CapEff"], 16) & _CAP_SYS_ADMIN) and users == _WHOLE


def _python_3_12() -> bool:
    """Where deploy/tools looks for one."""
    beside = (Path(sys.base_prefix).parent, Path.home() / ".pyenv" / "versions")
    found = chain.from_iterable(folder.glob("3.1[2-4].*/bin/python") for folder in beside)
    return any(shutil.which(f"python3.{minor}") for minor in (12, 13, 14)) or any(found)


def _parent_commit() -> bool:
    asked = ["git", "rev-parse", "--verify", "--quiet", "HEAD~1"]
    return subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, check=False).returncode == 0


def _forwards() -> bool:
    """As it is wherever Docker runs."""
    return _root() and bool(shutil.which("iptables")) and Path("/proc/sys/net/ipv4/ip_forward").read_text() == "1\n"


def _istio() -> bool:
    return (settings.load().built / istio.BUILT).is_dir()


FACTS: Mapping[str, Callable[[], bool]] = {
    "root": _root,
    "sys-admin": _sys_admin,
    "forwards": _forwards,
    "python-3.12": _python_3_12,
    "parent-commit": _parent_commit,
    "istio": _istio,
}
