"""Steps as processes of this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from activities.jobs.isolation.isolation import Isolation
from activities.jobs.port import Layout, ProgressCallback
from domain.jobs.isolation import ORDER, JailSpec, Level, Network, ProxySpec
from domain.pipelines.job import Job
from domain.pipelines.steps import Step


class ProcessExecutor:
    """Steps are processes of this machine, in the job's own folder, kept apart from the rest as well as it can."""

    limits_memory = False

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation

    def layout(self, folder: Path) -> Layout:
        """The job's folder itself, with the worker's PATH."""
        return Layout(str(folder), os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"))

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Nothing to create: the folder exists.

        Raises:
            SluicewayError: SLW030 or SLW031, this machine cannot keep jobs apart as its installation demands.
        """
        self.isolation.check()
        return [self.isolation.told()]

    def jail(self, folder: Path) -> JailSpec:
        """The steps see the machine's programs, their own folders, and nothing of the engine or of other people."""
        return self.isolation.jail(folder, self.layout(folder).path)

    def proxy(self, key: str) -> ProxySpec | None:
        """Where the network is `proxy`."""
        return self.isolation.reach.proxy()

    def limited(self, level: Level, network: Network, hosts: frozenset[str] | None) -> ProcessExecutor:
        """Every network and level can be demanded; `open` refuses where this machine has them not."""
        has = self.isolation
        least = max(has.least, level, key=ORDER.index)
        return ProcessExecutor(replace(has, least=least, reach=has.reach.limited(network, hosts)))

    def agent(self, folder: Path) -> None:
        """None: its steps are processes of the supervisor."""

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """Always empty: the supervisor starts the step's shell itself."""
        return []

    def after(self, key: str, folder: Path) -> list[str]:
        """Always empty: the supervisor ends the processes."""
        return []

    def close(self, key: str) -> None: ...

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Always empty: it creates nothing outside the job's folder."""
        return []
