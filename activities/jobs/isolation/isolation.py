"""How the jobs of an installation are kept apart from the machine: the level, and what a supervisor must know of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from activities.core.files import write_atomically
from activities.jobs.isolation import firewall, paths
from activities.jobs.isolation.machine import Probed, probed
from domain.core.errors import SluicewayError
from domain.jobs import isolation
from domain.jobs.isolation import JailSpec, Level, Network, Reach

USER = "sluiceway-job"
OWN = ("workspace", "home", "tmp", "outputs")
"""What steps see of their job's folder."""
TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108


@dataclass(frozen=True)
class Isolation:
    """Of process jobs. Probes the machine when it is first asked."""

    home: Path
    """The engine's: no job sees it."""
    least: Level = Level.PROCESS
    """Jobs are refused where the machine has less."""
    most: Level = Level.SANDBOX
    reach: Reach = Reach()
    disk_mb: int = isolation.DISK_MB
    shared: tuple[str, ...] = ()
    """What jobs may read although it lies in a hidden folder; absolute."""

    @cached_property
    def probed(self) -> Probed:
        return probed(self.home / "jobs")

    @property
    def level(self) -> Level:
        """The one that jobs get."""
        return self.probed.machine.best(self.most)

    def told(self) -> str:
        """For people: the level, and what it lacks on this machine."""
        return isolation.told(self.level, self.probed.machine, self._network_told())

    def _network_told(self) -> str:
        if self.network is not Network.OPEN:
            return self.network
        why = self._shared_network()
        return f"open, and it reaches what listens on this machine ({why})" if why else "open, but not to this machine"

    def _shared_network(self) -> str:
        """Why an open network is the machine's own; empty: jobs have one of their own, with a way out."""
        return firewall.translates() if self.level is Level.SANDBOX else f"isolation {self.level}"

    @property
    def network(self) -> Network:
        return self.reach.network

    def check(self) -> None:
        """
        Raises:
            SluicewayError: SLW030, the machine has less than the installation demands; SLW031, not all of the network
                is to be reached, and the level cannot do that.
        """
        level, machine = self.level, self.probed.machine
        if not isolation.is_enough(level, self.least):
            why = machine.refused.get(self.least, "") or f"at most '{self.most}' is to be used"
            what = f"this installation demands isolation '{self.least}', and this machine has '{level}'"
            raise SluicewayError("SLW030", what, why=why, fix="sluiceway doctor says what is missing")
        if self.network in (Network.PROXY, Network.NONE) and level is not Level.SANDBOX:
            what = f"jobs shall have network '{self.network}', and isolation '{level}' cannot keep it from them"
            raise SluicewayError("SLW031", what, fix="sluiceway doctor says what is missing for 'sandbox'")

    def _kind(self) -> str:
        """As a supervisor takes it."""
        if self.network is Network.MACHINE or (self.network is Network.OPEN and self._shared_network()):
            return "open"
        return "nat" if self.network is Network.OPEN else self.network

    def _names(self, folder: Path) -> list[tuple[str, str]]:
        """The machine's names of users and groups with the one of jobs: some tools demand that their user has one."""
        uid, made = self.probed.uid, []
        for name, line in (
            ("passwd", f"{USER}:x:{uid}:{uid}::{folder}/home:/bin/sh\n"),
            ("group", f"{USER}:x:{uid}:\n"),
        ):
            known = Path("/etc") / name
            if known.is_file():
                write_atomically(folder / name, known.read_text() + line, 0o644)
                made.append((str(folder / name), str(known)))
        return made

    def jail(self, folder: Path, path: str) -> JailSpec:
        """For the supervisor of a job. `path`: the PATH of its steps."""
        level = self.level
        hidden = paths.hidden(self.home)
        visible = [*paths.visible(path, hidden, self.home), *filter(os.path.exists, self.shared)]
        own = [(str(folder / name), str(folder / name)) for name in OWN]
        if level is Level.LANDLOCK:
            visible = paths.around(hidden, visible)
            own += [("/dev/shm", "/dev/shm")]  # noqa: S108
        else:
            own += [(str(folder / "tmp"), name) for name in TEMPORARY if os.path.isdir(name)]
        replaced = self._names(folder) if level is Level.SANDBOX and self.probed.uid else []
        if self._kind() == "nat" and (servers := firewall.resolvers()) not in (None, firewall.RESOLVERS):
            replaced.append((str(servers), os.path.realpath(firewall.RESOLVERS)))
        return {
            "level": level,
            "hidden": hidden,
            "visible": visible,
            "replaced": replaced,
            "writable": own,
            "uid": self.probed.uid if level is Level.SANDBOX else 0,
            "network": self._kind(),
            "disk_bytes": self.disk_mb * 1_000_000,
            "processes": isolation.PROCESSES,
            "landlock": self.probed.landlock,
        }
