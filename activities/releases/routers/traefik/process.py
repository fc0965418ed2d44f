"""Traefik on one machine: every service has a stable address on one shared entry point.

The dynamic configuration is one file, replaced by rename; a change counts when Traefik's API confirms it. Routes are
also stored in a file of their own, so a restarted router gets its weights back.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2

from activities.core import serialization as serial
from activities.core.files import made_once, write_atomically
from activities.releases.routers.traefik import config as config
from activities.releases.routers.traefik.config import Route
from activities.supervisor import launch
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.releases.traffic_baseline import BUCKETS_S

RELOAD_TIMEOUT_S = 15.0
_CONFIRM_POLL_S = 0.01
_THROTTLE = "20ms"
"""How long Traefik waits for further changes of its file: most of the time of a shift."""


_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without CA certificates, which loopback does not need: loading them takes longer than the request."""


def loopback() -> httpx2.AsyncClient:
    """A client without proxies and certificates."""
    return httpx2.AsyncClient(trust_env=False, verify=_NO_TLS)


@dataclass(frozen=True)
class Ports:
    """Ports of the shared entry point and of Traefik's API."""

    web: int
    api: int


class Traefik:
    """The process, its files, and its own API."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder, self.ports = folder, ports
        self._lock = asyncio.Lock()

    def address(self, service: str, environment: str, *, preview: bool = False) -> str:
        """The URL of a service on the shared entry point; its name is below `localhost`."""
        name = config.host(service, environment, self.routes())
        return f"http://{'preview.' if preview else ''}{name}:{self.ports.web}"

    def should_run(self) -> bool:
        """Whether a service has a route; without one there is nothing to serve."""
        return any(self.routes().values())

    def route_of(self, service: str, environment: str) -> Route:
        """The stored route; an empty one when the service has none."""
        return self.routes().get(service, {}).get(environment, Route())

    async def change(self, service: str, environment: str, how: Callable[[Route], Route]) -> Route:
        """Changes a route and returns it, once Traefik has confirmed. A route without versions is removed.

        Raises:
            SluicewayError: Traefik did not apply the change in time.
        """
        async with self._lock:
            await self.ensure()
            routes = self.routes()
            before = routes.get(service, {}).get(environment, Route())
            after = how(before)
            if after == before and await self._loaded() == self._generation():
                return after
            if after.versions:
                routes.setdefault(service, {})[environment] = after
            else:
                routes.get(service, {}).pop(environment, None)
            await self._load(routes, config.service_name(service, environment))
            return after

    async def ensure(self) -> None:
        """Starts Traefik unless it runs. A supervisor keeps it running."""
        if launch.running(self._folder):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "stop").unlink(missing_ok=True)
        self._write("dynamic.yaml", config.dynamic(self.routes(), self._generation(), self.token()))
        self._write("static.yaml", self._static())
        self._write("spec.json", self._spec())
        launch.start("service", self._folder, {})
        deadline = time.monotonic() + RELOAD_TIMEOUT_S
        while Node(launch.read_json(self._folder / "state.json"))["phase"].value != "ready":
            if time.monotonic() > deadline:
                log = self._folder / "service.log"
                why = log.read_text()[-300:] if log.exists() else ""
                raise SluicewayError("SLW861", "the router did not start", why=why)
            await asyncio.sleep(0.05)

    def _spec(self) -> Manifest:
        return {
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
            "max_backoff_s": 2.0,
        }

    def _static(self) -> Manifest:
        return {
            "entryPoints": {
                # X_Real_Ip and the like: many services would read them as the headers that the router sets
                "web": {"address": f"127.0.0.1:{self.ports.web}", "http": {"aliasHeadersStrategy": "delete"}},
                "traefik": {"address": f"127.0.0.1:{self.ports.api}", "http": {"aliasHeadersStrategy": "delete"}},
            },
            # no page of its own is open: config.internal says to whom each answers
            "api": {"insecure": False, "dashboard": False},
            "ping": {"manualRouting": True},
            "metrics": {"prometheus": {"addServicesLabels": True, "buckets": list(BUCKETS_S), "manualRouting": True}},
            "providers": {
                "providersThrottleDuration": _THROTTLE,
                "file": {"filename": f"{self._folder}/dynamic.yaml", "watch": True},
            },
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
            "log": {"level": "WARN"},
        }

    def routes(self) -> dict[str, dict[str, Route]]:
        """Service to environment to route, from the file: known again after a restart."""
        kept = Node(launch.read_json(self._folder / "routes.json"))["routes"]
        return {
            service: {name: serial.load(Route, json.dumps(route.value)) for name, route in environments.fields()}
            for service, environments in kept.fields()
        }

    def _generation(self) -> int:
        return Node(launch.read_json(self._folder / "routes.json"))["generation"].whole()

    async def _load(self, routes: dict[str, dict[str, Route]], changed: str) -> None:
        generation = self._generation() + 1
        kept = {name: {env: serial.dump_plain(route) for env, route in each.items()} for name, each in routes.items()}
        self._write("routes.json", {"generation": generation, "routes": kept})
        self._write("dynamic.yaml", config.dynamic(routes, generation, self.token()))
        deadline = time.monotonic() + RELOAD_TIMEOUT_S
        while await self._loaded() != generation % 60_000:
            if time.monotonic() > deadline:
                what = f"the router did not confirm the route of {changed}"
                raise SluicewayError("SLW862", what, fix="see router/service.log")
            await asyncio.sleep(_CONFIRM_POLL_S)
        await self._sound(changed)

    async def _loaded(self) -> int:
        """The generation that Traefik serves; -1: it does not answer."""
        found = await self._api(f"/api/http/services/{config.GENERATION}@file")
        server = found.at("loadBalancer", "servers").first()
        return int(server.need_text("url").rpartition(":")[2]) - 1 if server else -1

    async def _sound(self, name: str) -> None:
        """Traefik loads a configuration with an invalid router, and leaves out just that one."""
        for suffix in ("", "_preview", "_match"):
            found = await self._api(f"/api/http/routers/{name}{suffix}@file")
            if found["status"].value == "disabled":
                why = "; ".join(found["error"].texts())
                raise SluicewayError("SLW862", f"the router refused the route of {name}{suffix}", why=why)

    async def _api(self, path: str) -> Node:
        try:
            async with loopback() as client:
                answer = await self._get(client, path)
        except httpx2.HTTPError:
            return Node()
        return Node(answer.json()) if answer.status_code == 200 else Node()

    async def metrics(self) -> str:
        """The counters, in the text format of Prometheus.

        Raises:
            SluicewayError: the router does not answer.
        """
        try:
            async with loopback() as client:
                answer = await self._get(client, "/metrics")
            answer.raise_for_status()
        except httpx2.HTTPError as broken:
            raise SluicewayError("SLW869", "the router's counters cannot be read", why=str(broken)) from broken
        return answer.text

    async def _get(self, client: httpx2.AsyncClient, path: str) -> httpx2.Response:
        asked = {"Authorization": f"Bearer {self.token()}"}
        return await client.get(f"http://127.0.0.1:{self.ports.api}{path}", headers=asked, timeout=2)

    def token(self) -> str:
        """What Traefik's own pages ask for, new for each home: a scrape of `/metrics` needs it too."""
        return made_once(self._folder / "api.token", partial(secrets.token_urlsafe, 32))

    def _write(self, file: str, value: Object) -> None:
        write_atomically(self._folder / file, json.dumps(value, indent=1))
