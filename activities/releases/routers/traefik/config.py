"""Converts routes to Traefik's dynamic configuration. Pure: the same routes give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.core.documents import Manifest
from domain.releases.spec import Routing

PREFERRED = "production"
"""The environment whose service gets the short name, if several have one."""
GENERATION = "sluiceway_generation"
"""A service without backends: its address carries the generation of the loaded configuration."""
HEADER_PRIORITY = 100_000
RETRY = "sluiceway_retry"
TRIES: Manifest = {"attempts": 30, "initialInterval": "5ms"}
"""Each retry picks a server again: even with ten, some requests kept meeting one that had just died."""
_IDLE_CONNECTION = "1s"
"""Idle connections to a version are closed after this, so that open ones are open requests."""


@dataclass(frozen=True)
class Route:
    """One service in one environment."""

    versions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Instance to its loopback ports. A version without weight stays configured: for its preview, or a rollback."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Instance to percent."""
    preview: str = ""
    routing: Routing = Routing()
    mirror: str = ""
    """The instance that gets mirrored requests."""

    def without(self, instance: str) -> Route:
        """Removes an instance with its weight, preview and mirror."""
        return Route(
            {name: ports for name, ports in self.versions.items() if name != instance},
            {name: weight for name, weight in self.weights.items() if name != instance},
            "" if self.preview == instance else self.preview,
            self.routing,
            "" if self.mirror == instance else self.mirror,
        )

    def with_ports(self, instance: str, ports: tuple[int, ...]) -> Route:
        """Sets or adds an instance; weights are unchanged."""
        return replace(self, versions={**self.versions, instance: ports})


Routes = Mapping[str, Mapping[str, Route]]
"""Service to environment to route."""


def service_name(service: str, environment: str, instance: str = "") -> str:
    """Its name in Traefik's counters. Our names contain no underscore."""
    return "_".join(part for part in (service, environment, instance) if part)


def host(service: str, environment: str, routes: Routes) -> str:
    """`SERVICE.localhost` for the preferred environment or the only one, else `SERVICE.ENVIRONMENT.localhost`."""
    others = set(routes.get(service, {})) - {environment}
    short = environment == PREFERRED or not others
    return f"{service}.localhost" if short else f"{service}.{environment}.localhost"


def dynamic(routes: Routes, generation: int) -> Manifest:
    """Traefik's dynamic configuration (file provider). It contains its generation, so Traefik's API shows what is
    loaded.
    """
    routers: dict[str, Manifest] = {}
    services: dict[str, Manifest] = {GENERATION: _balancer((generation % 60_000 + 1,))}
    for service, environments in routes.items():
        for environment, route in environments.items():
            hosts = {f"{service}.{environment}.localhost", host(service, environment, routes)}
            _one(service_name(service, environment), hosts, route, routers, services)
    transport = {"forwardingTimeouts": {"idleConnTimeout": _IDLE_CONNECTION}}
    http: Manifest = {"services": services, "serversTransports": {"sluiceway": transport}}
    if any("middlewares" in router for router in routers.values()):
        http["middlewares"] = {RETRY: {"retry": TRIES}}
    if routers:  # Traefik rejects a file with an empty section
        http["routers"] = routers
    return {"http": http}


def _one(name: str, hosts: set[str], route: Route, routers: dict[str, Manifest], services: dict[str, Manifest]) -> None:
    for instance, ports in route.versions.items():
        services[f"{name}_{instance}"] = _balancer(ports)
    weighted: Manifest = {
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
        percent = round(route.routing.mirror_percent)
        mirrors: list[Manifest] = [{"name": f"{name}_{route.mirror}_mirror", "percent": percent}]
        services[f"{name}_mirrored"] = {"mirroring": {"service": name, "mirrors": mirrors}}
        target = f"{name}_mirrored"
    rule = _hosts(hosts)
    # retried only before anything was sent: a dead process is replaced by another one, no request is sent twice
    again = {"middlewares": [RETRY]} if any(len(ports) > 1 for ports in route.versions.values()) else {}
    routers[name] = {"rule": rule, "service": target, "entryPoints": ["web"], **again}
    if not route.preview:
        return
    # a separate balancer: previews and mirrored requests do not count as the version's traffic
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


def _balancer(ports: tuple[int, ...]) -> Manifest:
    servers = [{"url": f"http://127.0.0.1:{port}"} for port in ports]
    return {"loadBalancer": {"servers": servers, "serversTransport": "sluiceway"}}
