"""Converts routes to Traefik's dynamic configuration. Pure: the same routes give the same bytes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.core import names
from domain.core.documents import Manifest
from domain.releases.spec import Routing

PREFERRED = "production"
"""The environment whose service gets the short name, if several have one."""
PREFIX = "sluiceway"
"""Of what is not a service's. Names of services contain no underscore."""
GENERATION = f"{PREFIX}_generation"
"""A service without backends: its address carries the generation of the loaded configuration."""
HEADER_PRIORITY = 100_000
RETRY = "sluiceway_retry"
TRIES: Manifest = {"attempts": 30, "initialInterval": "5ms"}
"""Each retry picks a server again: even with ten, some requests kept meeting one that had just died."""
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}", re.ASCII)
"""A label of a host's name as it is, also of before names were in lower case."""
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
    """Its name in Traefik's counters. Names contain no underscore, and what is no name is replaced by its hash."""
    return "_".join(_word(part) for part in (service, environment, instance) if part)


def _word(text: str) -> str:
    """A part of a route: an environment of before they were names must not become another one's, or a rule."""
    return text if names.is_name(text) else f"x{hashlib.sha256(text.encode()).hexdigest()[:24]}"


def host(service: str, environment: str, routes: Routes) -> str:
    """`SERVICE.localhost` for the preferred environment or the only one, else `SERVICE.ENVIRONMENT.localhost`."""
    others = set(routes.get(service, {})) - {environment}
    short = environment == PREFERRED or not others
    return f"{_word(service)}.localhost" if short else _long(service, environment)


def _long(service: str, environment: str) -> str:
    return f"{_word(service)}.{environment if _HOST.fullmatch(environment) else _word(environment)}.localhost"


def internal(token: str) -> dict[str, Manifest]:
    """Traefik's own pages: for who has the token, and never for a page in a browser, which cannot send it unasked.

    The readiness page `/ping` needs none, and says nothing.
    """
    own = "Host(`127.0.0.1`) && !HeaderRegexp(`Origin`, `.`)"
    asked = f"{own} && Header(`Authorization`, `Bearer {token}`)"
    pages = {"api": (asked, "/api"), "prometheus": (asked, "/metrics"), "ping": (own, "/ping")}
    return {
        f"{PREFIX}_{name}": {
            "rule": f"{rule} && PathPrefix(`{path}`)", "service": f"{name}@internal", "entryPoints": ["traefik"]
        }
        for name, (rule, path) in pages.items()
    }  # fmt: skip


def dynamic(routes: Routes, generation: int, token: str) -> Manifest:
    """Traefik's dynamic configuration (file provider). It contains its generation, so Traefik's API shows what is
    loaded.
    """
    routers = internal(token)
    services: dict[str, Manifest] = {GENERATION: _balancer((generation % 60_000 + 1,))}
    for service, environments in routes.items():
        for environment, route in environments.items():
            hosts = {_long(service, environment), host(service, environment, routes)}
            _one(service_name(service, environment), hosts, route, routers, services)
    transport = {"forwardingTimeouts": {"idleConnTimeout": _IDLE_CONNECTION}}
    http: Manifest = {"services": services, "serversTransports": {"sluiceway": transport}, "routers": routers}
    if any("middlewares" in router for router in routers.values()):
        http["middlewares"] = {RETRY: {"retry": TRIES}}
    return {"http": http}


def _one(name: str, hosts: set[str], route: Route, routers: dict[str, Manifest], services: dict[str, Manifest]) -> None:
    for instance, ports in route.versions.items():
        services[f"{name}_{_word(instance)}"] = _balancer(ports)
    weighted: Manifest = {
        "services": [
            # hundredths of a percent: Traefik's weights are whole numbers
            {"name": f"{name}_{_word(instance)}", "weight": round(weight * 100)}
            for instance, weight in sorted(route.weights.items())
            if weight > 0
        ]
    }
    if route.routing.sticky:
        weighted["sticky"] = {"cookie": {"name": f"{name}_version", "httpOnly": True}}
    services[name] = {"weighted": weighted}
    target = name
    if route.mirror:
        services[f"{name}_{_word(route.mirror)}_mirror"] = _balancer(route.versions[route.mirror])
        percent = round(route.routing.mirror_percent)
        mirrors: list[Manifest] = [{"name": f"{name}_{_word(route.mirror)}_mirror", "percent": percent}]
        services[f"{name}_mirrored"] = {"mirroring": {"service": name, "mirrors": mirrors}}
        target = f"{name}_mirrored"
    rule = _hosts(hosts)
    # retried only before anything was sent: a dead process is replaced by another one, no request is sent twice
    again = {"middlewares": [RETRY]} if any(len(ports) > 1 for ports in route.versions.values()) else {}
    routers[name] = {"rule": rule, "service": target, "entryPoints": ["web"], **again}
    if not route.preview:
        return
    # a separate balancer: previews and mirrored requests do not count as the version's traffic
    preview = f"{name}_{_word(route.preview)}_preview"
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
