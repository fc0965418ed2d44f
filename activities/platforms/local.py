"""This machine: a service is N processes on free loopback ports, kept by a detached supervisor per deployment."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from activities import artifacts, connections, secrets
from activities.git import Mirrors
from activities.release import Deployment, NotReadyError, Verified
from activities.router.config import Route, service_name
from activities.router.metrics import parse
from activities.router.traefik import Router, all_to, loopback
from activities.store import Store, patiently
from activities.supervisor import launch
from domain.errors import SluicewayError
from domain.pipeline import ProbeSpec
from domain.release.spec import Check

POLL_S = 0.03


class LocalPlatform:
    def __init__(self, root: Path, store: Store, mirrors: Mirrors, router: Router) -> None:
        self._root, self._store, self._mirrors, self._router = root, store, mirrors, router

    def folder(self, deployment: Deployment) -> Path:
        return self._root / deployment.environment / deployment.service / deployment.instance

    async def start(self, deployment: Deployment, instances: int = 0) -> None:
        folder = self.folder(deployment)
        await patiently(partial(self._prepare, deployment, folder))
        _want(folder, instances or deployment.spec.instances)
        if not launch.running(folder):
            launch.start("service", folder, secrets.resolve(deployment.secrets))
        await self._until_ready(deployment, folder, instances or deployment.spec.instances)

    def _prepare(self, deployment: Deployment, folder: Path) -> None:
        (folder / "stop").unlink(missing_ok=True)
        if launch.read_json(folder / "state.json").get("phase") in ("stopped", "failed"):
            (folder / "state.json").unlink()
        if (folder / "spec.json").exists():
            return
        files = folder / "files"
        shutil.rmtree(files, ignore_errors=True)
        files.mkdir(parents=True)
        (folder / "home").mkdir(exist_ok=True)
        if deployment.artifact:
            artifacts.unpack(self._store, deployment.artifact, files)
        elif deployment.source.repo:
            self._mirrors.checkout(deployment.source.repo, deployment.source.commit, files)
        new = folder / "spec.json.new"
        new.write_text(json.dumps(_spec(deployment, folder)))
        new.rename(folder / "spec.json")

    async def _until_ready(self, deployment: Deployment, folder: Path, instances: int) -> None:
        # the supervisor gives up by itself when the time is over; this limit only guards against a lost supervisor
        deadline = time.monotonic() + deployment.spec.readiness.timeout_s + 10
        while time.monotonic() < deadline:
            state = launch.read_json(folder / "state.json")
            if state.get("phase") == "ready" and len(state["instances"]) == instances:
                return
            if state.get("phase") == "failed" and not launch.running(folder):
                raise NotReadyError("SLW864", _late(deployment), why=_last_words(folder))
            launch.reap()
            await asyncio.sleep(POLL_S)
        await self.stop(deployment)
        raise NotReadyError("SLW864", _late(deployment), why=_last_words(folder))

    async def scale(self, deployment: Deployment, instances: int) -> str:
        folder, said = self.folder(deployment), ""
        instances = instances or deployment.spec.instances
        ports = self._ports(deployment)
        if instances < len(ports):
            await self._use_ports(deployment, ports[:instances])
            said = await self._drain(deployment, ports[instances:])
        _want(folder, instances)
        await self._until_ready(deployment, folder, instances)
        await self._use_ports(deployment, self._ports(deployment))
        return said

    async def _use_ports(self, deployment: Deployment, ports: tuple[int, ...]) -> None:
        def change(route: Route) -> Route:
            return route.with_ports(deployment.instance, ports) if deployment.instance in route.versions else route

        await self._change(deployment, change)

    async def route(self, deployment: Deployment) -> str:
        if deployment.spec.router == "none":
            return ""
        await self._change(deployment, all_to(deployment.instance, self._ports(deployment)))
        return self._router.address(deployment.service, deployment.environment)

    async def shift(self, deployment: Deployment, other: Deployment, percent: float) -> str:
        if deployment.spec.router == "none":
            return ""
        ports, rest = self._ports(deployment), self._ports(other)

        def change(route: Route) -> Route:
            return replace(
                route.with_ports(deployment.instance, ports).with_ports(other.instance, rest),
                weights={deployment.instance: percent, other.instance: 100.0 - percent},
                routing=deployment.spec.rollout.routing,
                mirror="",
            )

        await self._change(deployment, change)
        return self._router.address(deployment.service, deployment.environment)

    async def preview(self, deployment: Deployment) -> str:
        ports, routing = self._ports(deployment), deployment.spec.rollout.routing

        def change(route: Route) -> Route:
            return replace(
                route.with_ports(deployment.instance, ports),
                preview=deployment.instance,
                routing=routing,
                mirror=deployment.instance if routing.mirror_percent else "",
            )

        await self._change(deployment, change)
        return self._router.address(deployment.service, deployment.environment, preview=True)

    async def check(self, deployment: Deployment, check: Check) -> str:
        preview = self._router.address(deployment.service, deployment.environment, preview=True)
        answer = await self._get(preview, check.path)
        if isinstance(answer, httpx.HTTPError):
            return f"{check.path}: {answer or type(answer).__name__}"
        if answer.status_code != check.status:
            return f"{check.path} answers {answer.status_code}, and {check.status} is wanted"
        if check.contains not in answer.text:
            return f"{check.path} does not contain '{check.contains}'"
        return ""

    async def _get(self, address: str, path: str) -> httpx.Response | httpx.HTTPError:
        """One request to an address of the router, whose names need not resolve here."""
        headers = {"Host": address.removeprefix("http://").partition(":")[0]}
        try:
            async with loopback() as client:
                return await client.get(
                    f"http://127.0.0.1:{self._router.ports.web}{path or '/'}", headers=headers, timeout=10
                )
        except httpx.HTTPError as broken:
            return broken

    async def verify(self, deployment: Deployment, other: Deployment, seconds: float) -> Verified:
        """The counters of both versions over a time, once the version before has drained.

        One request of ours is among them: a service that nobody uses just now can be verified too.
        """
        if deployment.spec.router == "none":
            return Verified(counted=False)
        drained_s, still_open = await connections.drained(self._ports(other), other.spec.drain_s)
        before = await self._requests(deployment, other)
        await self._get(
            self._router.address(deployment.service, deployment.environment), deployment.spec.readiness.http
        )
        await asyncio.sleep(seconds)
        after = await self._requests(deployment, other)
        # A router that was restarted meanwhile counts from nought again.
        new, old = (max(late - early, 0) for late, early in zip(after, before, strict=True))
        return Verified(new, old, seconds, drained_s, still_open)

    async def _requests(self, *deployments: Deployment) -> list[int]:
        names = [service_name(one.service, one.environment, one.instance) for one in deployments]
        found = parse(await self._router.metrics(), set(names))
        return [round(sum(found[name].requests.values())) if name in found else 0 for name in names]

    async def stop(self, deployment: Deployment) -> str:
        folder, said = self.folder(deployment), ""
        if not folder.exists():
            return said
        route = self._router.route_of(deployment.service, deployment.environment)
        if deployment.instance in route.versions and route.weights.get(deployment.instance, 0) < 100:
            ports = route.versions[deployment.instance]
            await self._change(deployment, lambda route: route.without(deployment.instance))
            said = await self._drain(deployment, ports)
        (folder / "stop").touch()
        pid = launch.running(folder)
        if not pid:  # its supervisor died: another one takes over the processes, and ends them
            launch.start("service", folder, {})
            for _ in range(100):
                pid = launch.running(folder)
                if pid or launch.read_json(folder / "state.json").get("phase") == "stopped":
                    break
                await asyncio.sleep(POLL_S)
        if pid and not await launch.wait_exit(pid, deployment.spec.drain_s + 10):
            raise SluicewayError("SLW866", f"{deployment.service} {deployment.instance} did not stop")
        launch.reap()
        return said

    async def _drain(self, deployment: Deployment, ports: tuple[int, ...]) -> str:
        took, left = await connections.drained(ports, deployment.spec.drain_s)
        if left:
            return f"{left} requests to {deployment.instance} were still open after {took:g} s, and are cut off"
        return ""

    async def _change(self, deployment: Deployment, how: Any) -> None:
        if deployment.spec.router != "none":
            await self._router.change(deployment.service, deployment.environment, how)

    def _ports(self, deployment: Deployment) -> tuple[int, ...]:
        state = launch.read_json(self.folder(deployment) / "state.json")
        ports = tuple(instance["port"] for instance in state.get("instances", []))
        if not ports:
            raise SluicewayError("SLW865", f"{deployment.service} {deployment.instance} does not run")
        return ports

    async def reconcile(self) -> list[str]:
        """Starts the supervisors that died, which adopt their processes; returns the folders that needed it."""
        mended = []
        for spec in self._root.glob("*/*/*/spec.json"):
            folder = spec.parent
            phase = launch.read_json(folder / "state.json").get("phase")
            if phase in ("ready", "starting") and not (folder / "stop").exists() and not launch.running(folder):
                launch.start("service", folder, secrets.resolve(launch.read_json(folder / "secrets.json")))
                mended.append(str(folder))
        return mended


def _want(folder: Path, instances: int) -> None:
    new = folder / "instances.new"
    new.write_text(str(instances))
    new.rename(folder / "instances")


def _spec(deployment: Deployment, folder: Path) -> dict[str, Any]:
    spec = deployment.spec
    # references only: a supervisor that has to be started again gets the values anew
    (folder / "secrets.json").write_text(json.dumps(deployment.secrets))
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
    }


def _probe(probe: ProbeSpec) -> Mapping[str, Any]:
    return {
        "http": probe.http,
        "timeout_s": probe.timeout_s,
        "interval_s": probe.interval_s,
        "failures": probe.failures,
    }


def _late(deployment: Deployment) -> str:
    return f"version {deployment.spec.version} was not ready after {deployment.spec.readiness.timeout_s:g} s"


def _last_words(folder: Path) -> str:
    log = folder / "service.log"
    lines = log.read_bytes()[-4000:].decode("utf-8", "replace").strip().splitlines() if log.exists() else []
    return f"last line of its log: {lines[-1][:300]}" if lines else "it wrote no log"
