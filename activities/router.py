"""Traefik as the router of one machine: every service has its stable address on one shared entry point.

The dynamic configuration is one file, replaced by rename; a change counts only when Traefik's own API confirms it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from activities.supervisor import launch
from domain.errors import SluicewayError

RELOAD_TIMEOUT_S = 15.0
PREFERRED = "production"
"""The environment whose service gets the short name when several have one."""


@dataclass(frozen=True)
class Ports:
    web: int
    api: int


class Router:
    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder, self.ports = folder, ports
        self._lock = asyncio.Lock()

    def address(self, service: str, environment: str) -> str:
        name = self._host(service, environment, self._routes())
        return f"http://{name}:{self.ports.web}"

    def should_run(self) -> bool:
        """Whether a service has a route; without one there is nothing to serve."""
        return any(self._routes().values())

    async def ensure(self) -> None:
        """Starts Traefik if it does not run. Its supervisor keeps it."""
        if launch.running(self._folder):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "stop").unlink(missing_ok=True)
        if not (self._folder / "dynamic.yaml").exists():
            self._write({})
        (self._folder / "static.yaml").write_text(json.dumps(self._static(), indent=1))
        spec = {
            "key": f"router-{self.ports.web}",
            "cwd": str(self._folder),
            "env": {"PATH": "/usr/bin:/bin", "HOME": str(self._folder)},
            "command": [str(Path(sys.executable).with_name("traefik")), f"--configFile={self._folder}/static.yaml"],
            "instances": 1,
            "ports": [self.ports.api],
            "port_env": "ROUTER_API_PORT",
            "readiness": {"http": "/ping", "timeout_s": 20, "interval_s": 0.05},
            "liveness": {"http": "/ping", "interval_s": 5, "failures": 3},
            "drain_s": 2,
        }
        (self._folder / "spec.json").write_text(json.dumps(spec))
        launch.start("service", self._folder, {})
        deadline = time.monotonic() + RELOAD_TIMEOUT_S
        while launch.read_json(self._folder / "state.json").get("phase") != "ready":
            if time.monotonic() > deadline:
                why = (
                    (self._folder / "service.log").read_text()[-300:] if (self._folder / "service.log").exists() else ""
                )
                raise SluicewayError("SLW861", "the router did not start", why=why)
            await asyncio.sleep(0.05)

    def _static(self) -> dict[str, Any]:
        return {
            "entryPoints": {
                "web": {"address": f"127.0.0.1:{self.ports.web}"},
                "traefik": {"address": f"127.0.0.1:{self.ports.api}"},
            },
            "api": {"insecure": True, "dashboard": False},
            "ping": {},
            "metrics": {"prometheus": {"addServicesLabels": True}},
            "providers": {
                "providersThrottleDuration": "100ms",
                "file": {"filename": f"{self._folder}/dynamic.yaml", "watch": True},
            },
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "log": {"level": "WARN"},
        }

    async def route(self, service: str, environment: str, ports: tuple[int, ...]) -> str:
        """Sends a service's traffic to loopback ports; none takes the service off. Returns when Traefik has confirmed.

        Raises:
            SluicewayError: Traefik did not take the change in time.
        """
        async with self._lock:
            await self.ensure()
            routes = self._routes()
            routes.setdefault(service, {})[environment] = list(ports)
            if not ports:
                del routes[service][environment]
            self._write(routes)
            await self._confirm(f"{service}-{environment}", ports)
        return self.address(service, environment)

    async def _confirm(self, name: str, ports: tuple[int, ...]) -> None:
        wanted = {f"http://127.0.0.1:{port}" for port in ports}
        deadline = time.monotonic() + RELOAD_TIMEOUT_S
        async with httpx.AsyncClient(trust_env=False) as client:
            while time.monotonic() < deadline:
                if await self._served(client, name) == wanted:
                    return
                await asyncio.sleep(0.03)
        raise SluicewayError("SLW862", f"the router did not confirm the route of {name}", fix="see router/service.log")

    async def _served(self, client: httpx.AsyncClient, name: str) -> set[str]:
        try:
            answer = await client.get(f"http://127.0.0.1:{self.ports.api}/api/http/services/{name}@file", timeout=2)
        except httpx.HTTPError:
            return {"unreachable"}
        if answer.status_code == 404:
            return set()
        return {server["url"] for server in answer.json().get("loadBalancer", {}).get("servers", [])}

    def _routes(self) -> dict[str, dict[str, list[int]]]:
        return launch.read_json(self._folder / "routes.json")

    def _write(self, routes: Mapping[str, Mapping[str, list[int]]]) -> None:
        routers: dict[str, Any] = {}
        services: dict[str, Any] = {}
        for service, environments in routes.items():
            for environment, ports in environments.items():
                name = f"{service}-{environment}"
                hosts = {f"{service}.{environment}.localhost", self._host(service, environment, routes)}
                rule = " || ".join(f"Host(`{host}`)" for host in sorted(hosts))
                routers[name] = {"rule": rule, "service": name, "entryPoints": ["web"]}
                urls = [{"url": f"http://127.0.0.1:{port}"} for port in ports]
                services[name] = {"loadBalancer": {"servers": urls}}
        content = {"http": {"routers": routers, "services": services}} if routers else {}
        for file, value in (("routes.json", routes), ("dynamic.yaml", content)):
            new = self._folder / f".{file}.new"
            new.write_text(json.dumps(value, indent=1))
            new.rename(self._folder / file)

    @staticmethod
    def _host(service: str, environment: str, routes: Mapping[str, Mapping[str, Any]]) -> str:
        """`SERVICE.localhost` for the preferred environment or the only one, else `SERVICE.ENVIRONMENT.localhost`."""
        others = set(routes.get(service, {})) - {environment}
        short = environment == PREFERRED or not others
        return f"{service}.localhost" if short else f"{service}.{environment}.localhost"
