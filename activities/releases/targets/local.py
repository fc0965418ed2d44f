"""This machine: a service is N processes on free loopback ports, under a detached supervisor per deployment."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from activities.core import serialization as serial
from activities.core.cancellation import run_blocking
from activities.core.files import remove_tree, write_atomically
from activities.core.retry import retry_while_unavailable
from activities.releases.loopback_target import Loopback
from activities.releases.port import NotReadyError
from activities.releases.routers.port import Router
from activities.secrets.broker import Broker, closed
from activities.source.mirrors import Mirrors
from activities.storage import artifacts
from activities.storage.port import Store
from activities.supervisor import launch
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.core.masking import Masker
from domain.releases import drift
from domain.releases.deploy_spec import ProbeSpec
from domain.releases.deployment import Deployment
from domain.secrets.rules import SecretUse

POLL_S = 0.03
_log = logging.getLogger("sluiceway.releases")


class LocalTarget(Loopback):
    """Instances are processes; a restarted worker finds their supervisor by its folder."""

    def __init__(
        self,
        root: Path,
        store: Store,
        mirrors: Mirrors,
        routers: Mapping[str, Router],
        secrets: Broker | None = None,
    ) -> None:
        super().__init__(routers)
        self._root, self._store, self._mirrors = root, store, mirrors
        self._secrets = secrets or closed()

    def folder(self, deployment: Deployment) -> Path:
        """The folder of a deployment: its files, and its supervisor's state.

        Raises:
            SluicewayError: SLW060, a name leads elsewhere.
        """
        parts = (deployment.environment, deployment.service, deployment.instance)
        for part in parts:
            if part in ("", ".", "..") or "/" in part or "\0" in part:
                raise SluicewayError("SLW060", f"{part[:80]!r} cannot be the name of a folder")
        return self._root.joinpath(*parts)

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        """Downloads the files into the folder first, waiting for a store that is away."""
        folder = self.folder(deployment)
        await retry_while_unavailable(partial(self._prepare, deployment, folder))
        _want(folder, instances or deployment.spec.instances)
        if not launch.running(folder):
            launch.start("service", folder, self._secrets.values(deployment.secrets, deployment.use))
        await self._until_ready(deployment, folder, instances or deployment.spec.instances)

    def _prepare(self, deployment: Deployment, folder: Path) -> None:
        (folder / "stop").unlink(missing_ok=True)
        if _state(folder)["phase"].value in ("stopped", "failed"):
            (folder / "state.json").unlink()
        if (folder / "spec.json").exists():
            return
        files = folder / "files"
        remove_tree(files)
        files.mkdir(parents=True)
        folder.chmod(0o700)
        (folder / "home").mkdir(exist_ok=True, mode=0o700)
        self._fill(deployment, files)
        write_atomically(folder / "spec.json", json.dumps(_spec(deployment, folder)))

    def _fill(self, deployment: Deployment, files: Path) -> None:
        if deployment.artifact:
            artifacts.unpack(self._store, deployment.artifact, files)
        elif deployment.source.repo:
            self._mirrors.checkout(deployment.source.repo, deployment.source.commit, files)

    async def drift(self, deployment: Deployment) -> list[str]:
        return await run_blocking(partial(self._drift, deployment))

    def _drift(self, deployment: Deployment) -> list[str]:
        self._root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._root) as scratch:
            self._fill(deployment, Path(scratch) / "files")
            shipped = artifacts.fingerprints(Path(scratch) / "files")
        return drift.of_files(shipped, artifacts.fingerprints(self.folder(deployment) / "files"))

    async def _until_ready(self, deployment: Deployment, folder: Path, instances: int) -> None:
        # the supervisor gives up by itself in time; this limit guards against a lost supervisor
        deadline = time.monotonic() + deployment.spec.readiness.timeout_s + 10
        while time.monotonic() < deadline:
            state = _state(folder)
            if state["phase"].value == "ready" and len(state.need_list("instances")) == instances:
                return
            if state["phase"].value == "failed" and not launch.running(folder):
                raise NotReadyError("SLW864", _late(deployment), why=self._last_words(deployment, folder))
            launch.reap()
            await asyncio.sleep(POLL_S)
        await self.stop(deployment)
        raise NotReadyError("SLW864", _late(deployment), why=self._last_words(deployment, folder))

    def _last_words(self, deployment: Deployment, folder: Path) -> str:
        return _last_words(folder, self._secrets.masker(deployment.secrets))

    async def stop(self, deployment: Deployment) -> str:
        """Also after its supervisor was killed: a new one adopts the processes, and stops them."""
        folder = self.folder(deployment)
        if not folder.exists():
            return ""
        said = await self.leave(deployment)
        (folder / "stop").touch()
        pid = launch.running(folder)
        if not pid:  # its supervisor died: a new one adopts the processes, and stops them
            launch.start("service", folder, {})
            for _ in range(100):
                pid = launch.running(folder)
                if pid or _state(folder)["phase"].value == "stopped":
                    break
                await asyncio.sleep(POLL_S)
        if pid and not await launch.wait_exit(pid, deployment.spec.drain_s + 10):
            raise SluicewayError("SLW866", f"{deployment.service} {deployment.instance} did not stop")
        launch.reap()
        return said

    async def resize(self, deployment: Deployment, instances: int) -> None:
        """Writes the wanted number to a file for the supervisor."""
        folder = self.folder(deployment)
        _want(folder, instances)
        await self._until_ready(deployment, folder, instances)

    def ports(self, deployment: Deployment) -> tuple[int, ...]:
        """From the supervisor's state file."""
        instances = _state(self.folder(deployment))["instances"]
        ports = tuple(instance.need_whole("port") for instance in instances)
        if not ports:
            raise SluicewayError(
                "SLW865", f"{deployment.service} {deployment.instance} is not running", fix="release the version again"
            )
        return ports

    async def reconcile(self) -> list[str]:
        """Restarts dead supervisors, which adopt their processes; returns their folders."""
        repaired = []
        for spec in self._root.glob("*/*/*/spec.json"):
            folder = spec.parent
            phase = _state(folder)["phase"].value
            if phase in ("ready", "starting") and not (folder / "stop").exists() and not launch.running(folder):
                repaired += [str(folder)] if self._start_again(folder) else []
        return repaired

    def _start_again(self, folder: Path) -> bool:
        """Whether its supervisor runs again. One whose secrets cannot be had is left: its processes go on without."""
        try:
            values = self._secrets.values(*_needed(folder))
        except SluicewayError as broken:
            _log.error("the supervisor of %s cannot be started again: %s", folder, broken)
            return False
        launch.start("service", folder, values)
        return True


def _state(folder: Path) -> Node:
    return Node(launch.read_json(folder / "state.json"))


def _needed(folder: Path) -> tuple[dict[str, str], SecretUse]:
    """The secrets of a service, and what decides whether it may have them. Earlier versions wrote the first alone."""
    known = Node(launch.read_json(folder / "secrets.json"))
    if not known["use"]:
        return known.strings(), SecretUse()
    return known["secrets"].strings(), serial.load(SecretUse, json.dumps(known["use"].value))


def _want(folder: Path, instances: int) -> None:
    write_atomically(folder / "instances", str(instances))


def _spec(deployment: Deployment, folder: Path) -> Manifest:
    spec = deployment.spec
    # names only: a restarted supervisor gets the values again
    needed = {"secrets": deployment.secrets, "use": serial.dump_plain(deployment.use)}
    write_atomically(folder / "secrets.json", json.dumps(needed))
    where = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return {
        "key": f"{deployment.environment}-{deployment.service}-{deployment.instance}-{where}",
        "cwd": str(folder / "files"),
        "env": {
            "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "SLUICEWAY_SERVICE": deployment.service,
            "SLUICEWAY_VERSION": spec.version,
            "SLUICEWAY_INSTANCE": deployment.instance,
            "SLUICEWAY_ENVIRONMENT": deployment.environment,
            **deployment.env,
        },
        "command": list(spec.command),
        "instances": spec.instances,
        "port_env": spec.port_env,
        "readiness": _probe(spec.readiness),
        "liveness": _probe(spec.liveness) if spec.liveness else None,
        "drain_s": spec.drain_s,
        "umask": 0o022,  # as for steps
    }


def _probe(probe: ProbeSpec) -> Object:
    return {
        "http": probe.http,
        "timeout_s": probe.timeout_s,
        "interval_s": probe.interval_s,
        "failures": probe.failures,
    }


def _late(deployment: Deployment) -> str:
    return f"version {deployment.spec.version} was not ready after {deployment.spec.readiness.timeout_s:g} s"


def _last_words(folder: Path, masker: Masker) -> str:
    log = folder / "service.log"
    lines = log.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines() if log.exists() else []
    if not lines:
        return "no log output"
    return f"last line of its log: {masker.text(lines[-1])[:300]}"
