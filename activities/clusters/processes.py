"""The programs of a cluster on this machine, each under a supervisor that restarts it."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.supervisor import launch, tree
from activities.supervisor.spec import ServiceSpec
from domain.core.errors import SluicewayError

ProgressCallback = Callable[[str], None]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin"
MAX_BACKOFF_S = 2.0
START_TIMEOUT_S = 120
POLL_S = 0.02
DRAIN_S = 2


@dataclass(frozen=True)
class Components:
    """One folder for each program. `key` marks their processes."""

    folder: Path
    key: str

    def start(self, name: str, command: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> None:
        """Starts a program, or finds it running. Changed arguments restart it.

        `port`: where it listens on loopback when ready; 0: it is ready while it runs.
        """
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        spec = self._spec(folder, name, command, port, env or {})
        if launch.running(folder) and launch.read_json(folder / "spec.json") == spec:
            return
        self.stop(name)
        (folder / "state.json").unlink(missing_ok=True)
        (folder / "spec.json").write_text(json.dumps(spec))
        (folder / "stop").unlink()  # last: after this, nobody restarts the previous program
        launch.start("service", folder, {})

    def _spec(self, folder: Path, name: str, command: Sequence[str], port: int, env: Mapping[str, str]) -> ServiceSpec:
        return {
            "key": f"{self.key}-{name}",
            "cwd": str(folder),
            "env": {"PATH": PATH, "HOME": str(folder), **env},
            "command": list(command),
            "instances": 1,
            "ports": [port],
            "port_env": "SLUICEWAY_COMPONENT_PORT",
            "readiness": {"http": "", "timeout_s": START_TIMEOUT_S, "interval_s": POLL_S} if port else None,
            "liveness": None,
            "drain_s": DRAIN_S,
            "max_backoff_s": MAX_BACKOFF_S,
            "umask": 0o022,  # containers read it as users other than root
        }

    def wait(self, name: str, told: ProgressCallback) -> None:
        """Waits until the program listens.

        Raises:
            SluicewayError: SLW942, it does not, with its last output.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while launch.read_json(self.folder / name / "state.json").get("phase") != "ready":
            told(f"waits for {name}")
            ended = not launch.running(self.folder / name) and time.monotonic() > deadline - START_TIMEOUT_S + 5
            if ended or time.monotonic() > deadline:
                raise SluicewayError("SLW942", f"{name} did not start", why=self.last_words(name))
            launch.reap()
            time.sleep(POLL_S)

    def runs(self, name: str) -> bool:
        """Whether its supervisor is alive and reports it ready."""
        return launch.read_json(self.folder / name / "state.json").get("phase") == "ready" and bool(
            launch.running(self.folder / name)
        )

    def last_words(self, name: str) -> str:
        """The last 600 bytes of its log, for error messages."""
        log = self.folder / name / "service.log"
        return log.read_bytes()[-600:].decode("utf-8", "replace").strip() if log.exists() else "no log output"

    def stop(self, *names: str) -> None:
        """Stops programs and all their children, also when a supervisor was killed."""
        for name in names:
            if (self.folder / name).exists():
                (self.folder / name / "stop").touch()  # also without a running one: it must not be restarted
        for name in names:
            deadline = time.monotonic() + DRAIN_S + 5
            while launch.running(self.folder / name) and time.monotonic() < deadline:
                launch.reap()
                time.sleep(POLL_S)
            tree.kill(f"{self.key}-{name}", grace_s=0)
            launch.reap()

    def revive(self) -> list[str]:
        """Restarts dead supervisors, which adopt running programs; returns their names."""
        found = []
        for spec in self.folder.glob("*/spec.json"):
            folder = spec.parent
            if not (folder / "stop").exists() and not launch.running(folder):
                launch.start("service", folder, {})
                found.append(folder.name)
        return found

    def processes(self) -> list[int]:
        """Found by marker, so also when the folder is gone."""
        return tree.family(f"{self.key}-")


def program(name: str, *folders: Path) -> str:
    """The path of a program: in one of the folders, or on the PATH.

    Raises:
        SluicewayError: SLW941, not found.
    """
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    found = shutil.which(name, path=PATH)
    if found:
        return found
    fix = FIXES.get(name, "install it with the system's packages" if name in SYSTEM else "make cluster-tools")
    raise SluicewayError("SLW941", f"{name} is not installed", fix=fix)


FIXES = {name: f"install it, or build it: deploy/go-tool {name}" for name in ("terraform", "kind")}
FIXES |= dict.fromkeys(("mkfs.xfs", "xfs_growfs"), "install xfsprogs with the system's packages")
SYSTEM = (
    "etcd",
    "containerd",
    "ctr",
    "runc",
    "ip",
    "ipset",
    "iptables",
    "iptables-restore",
    "conntrack",
    "busybox",
    "nsenter",
    "losetup",
    "blkid",
)
