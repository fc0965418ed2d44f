"""Routes as the engine means them, to Traefik's dynamic configuration. Pure: the same routes give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.releases.spec import Routing

PREFERRED = "production"
"""The environment whose service gets the short name when several have one."""
GENERATION = "sluiceway_generation"
"""A service that nobody is routed to: its address carries the number of the configuration that Traefik has loaded."""
HEADER_PRIORITY = 100_000
RETRY = "sluiceway_retry"
TRIES = {"attempts": 30, "initialInterval": "5ms"}
"""Each picks a server again: with ten, some requests met one that had just died every time."""
_IDLE_CONNECTION = "1s"
"""Idle connections to a version are closed after this, so that the open ones are its open requests."""


@dataclass(frozen=True)
class Route:
    """One service in one environment."""

    versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Instance to its loopback ports. A version without weight keeps its place: it may be previewed or come back."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Instance to percent."""
    preview: str = ""
    routing: Routing = Routing()
    mirror: str = ""
    """The instance that gets copies."""

    def without(self, instance: str) -> Route:
        """Takes an instance out, with its weight, its preview and its mirror."""
        return Route(
            {name: ports for name, ports in self.versions.items() if name != instance},
            {name: weight for name, weight in self.weights.items() if name != instance},
            "" if self.preview == instance else self.preview,
            self.routing,
            "" if self.mirror == instance else self.mirror,
        )

    def with_ports(self, instance: str, ports: tuple[int, ...]) -> Route:
        """Sets or adds an instance; weights stay as they are."""
        return replace(self, versions={**self.versions, instance: ports})


Routes = Mapping[str, Mapping[str, Route]]
"""Service to environment to route."""


def service_name(service: str, environment: str, instance: str = "") -> str:
    """As Traefik's counters call it. The underscore is in no name of ours."""
    return "_".join(part for part in (service, environment, instance) if part)


def host(service: str, environment: str, routes: Mapping[str, Mapping[str, Any]]) -> str:
    """`SERVICE.localhost` for the preferred environment or the only one, else `SERVICE.ENVIRONMENT.localhost`."""
    others = set(routes.get(service, {})) - {environment}
    short = environment == PREFERRED or not others
    return f"{service}.localhost" if short else f"{service}.{environment}.localhost"


def dynamic(routes: Routes, generation: int) -> dict[str, Any]:
    """Traefik's dynamic configuration (file provider). By the generation in it its API tells what is loaded."""
    routers: dict[str, Any] = {}
    services: dict[str, Any] = {GENERATION: _balancer((generation % 60_000 + 1,))}
    for service, environments in routes.items():
        for environment, route in environments.items():
            hosts = {f"{service}.{environment}.localhost", host(service, environment, routes)}
            _one(service_name(service, environment), hosts, route, routers, services)
    transport = {"forwardingTimeouts": {"idleConnTimeout": _IDLE_CONNECTION}}
    http: dict[str, Any] = {"services": services, "serversTransports": {"sluiceway": transport}}
    if any("middlewares" in router for router in routers.values()):
        http["middlewares"] = {RETRY: {"retry": TRIES}}
    return {"http": http | ({"routers": routers} if routers else {})}  # Traefik refuses a file with an empty section


def _one(name: str, hosts: set[str], route: Route, routers: dict[str, Any], services: dict[str, Any]) -> None:
    for instance, ports in route.versions.items():
        services[f"{name}_{instance}"] = _balancer(ports)
    weighted: dict[str, Any] = {
        "services": [
            # hundredths of a percent: Traefik's weights are whole numbers
            {"name": f"{name}_{instance}", "weight": round(weight * 100)}
            for instance, weight in sorted(route.weights.items())
            if weight > 0
        ]
    }
    if route.routing.sticky:
        weighted["sticky"] = {"cookie": {"name": f"{name}_version", "httpOnly": True}}
    services[name] = {"weighted": weighted}
    target = name
    if route.mirror:
        services[f"{name}_{route.mirror}_mirror"] = _balancer(route.versions[route.mirror])
        mirrors = [{"name": f"{name}_{route.mirror}_mirror", "percent": round(route.routing.mirror_percent)}]
        services[f"{name}_mirrored"] = {"mirroring": {"service": name, "mirrors": mirrors}}
        target = f"{name}_mirrored"
    rule = _hosts(hosts)
    # tried again only before anything of it was sent: a process that died meets the other one, nothing is asked twice
    again = {"middlewares": [RETRY]} if any(len(ports) > 1 for ports in route.versions.values()) else {}
    routers[name] = {"rule": rule, "service": target, "entryPoints": ["web"], **again}
    if not route.preview:
        return
    # a balancer of its own: what is previewed or copied is not counted as the version's traffic
    preview = f"{name}_{route.preview}_preview"
    services[preview] = _balancer(route.versions[route.preview])
    routers[f"{name}_preview"] = {
        "rule": _hosts({f"preview.{one}" for one in hosts}),
        "service": preview,
        "entryPoints": ["web"],
    }
    matches = _matches(route.routing)
    if matches:
        rule = f"({rule}) && ({' || '.join(matches)})"
        routers[f"{name}_match"] = {
            "rule": rule,
            "service": preview,
            "entryPoints": ["web"],
            "priority": HEADER_PRIORITY,
        }


def _hosts(hosts: set[str]) -> str:
    return " || ".join(f"Host(`{one}`)" for one in sorted(hosts))


def _matches(routing: Routing) -> list[str]:
    found = []
    if routing.header:
        key, _, value = routing.header.partition(":")
        found.append(f"Header(`{key.strip()}`, `{value.strip()}`)")
    if routing.cookie:
        pattern = routing.cookie.replace(".", r"\.")
        found.append(f"HeaderRegexp(`Cookie`, `(^|; ){pattern}(;|$)`)")
    return found


def _balancer(ports: tuple[int, ...]) -> dict[str, Any]:
    servers = [{"url": f"http://127.0.0.1:{port}"} for port in ports]
    return {"loadBalancer": {"servers": servers, "serversTransport": "sluiceway"}}
