"""What every router keeps: a change has happened when it returns, and repeating it changes nothing."""

import re
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import httpx2
import pytest

from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.cluster_traffic.way_in import way_in
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.istio.router import IstioRouter
from activities.releases.routers.port import Backend, Router
from activities.releases.routers.registry import routers
from activities.releases.routers.service import ServiceRouter
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor.service import free_port
from domain.releases.capabilities import CAPABILITIES, Capability
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.triggers.source import SourceRef
from tests.support.built_programs import built
from tests.support.gateway_lab import gateway_lab
from tests.support.istio_lab import istio_lab
from tests.support.made_clusters import one_node as one_node
from tests.support.made_clusters import simulated as simulated
from tests.support.played_gateway import PlayedGateway, played_istio
from tests.support.played_mesh import PlayedMesh
from tests.support.played_services import PlayedServices
from workers.core.settings import Settings
from workers.engine import embedded

LOCAL = ("traefik", "none")
REAL = {
    "real-gateway-api": ("real_gateway", GatewayApiRouter),
    "envoy-gateway-api": ("real_istio", GatewayApiRouter),
    "envoy-istio": ("real_istio", IstioRouter),
}
"""Traefik, and twice the Envoy of Istio: fixture and router."""
COUNTING = (
    "traefik",
    "gateway-api",
    "istio",
    "linkerd",
    *(pytest.param(name, marks=pytest.mark.heavy) for name in REAL),
)
WITH_REQUESTS = (*COUNTING, "service")


@pytest.fixture(scope="module")
async def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routers")
    yield routers(Traefik(folder / "router", Ports(free_port(), free_port())))
    embedded.down(Settings(folder, folder))


@dataclass(frozen=True)
class Case:
    """A router with two versions of a service, whose answers hold their names, and which have no route yet."""

    router: Router
    old: Backend
    new: Backend

    async def who_answers(self, preview: bool = False) -> str:
        answer = await self.router.get(self.router.address(self.new.deployment, preview=preview), "/")
        named = re.search("r[12]", answer.text)
        return named[0] if named else answer.text


def gateway_api() -> Case:
    played = PlayedGateway()
    router = GatewayApiRouter(lambda name: played.api, played.plane)
    return Case(router, Backend(played.release("r1")), Backend(played.release("r2")))


def istio() -> Case:
    played = played_istio()
    router = IstioRouter(lambda name: played.api, played.plane)
    old, new = (Backend(played.release(one, gateway_name="public")) for one in ("r1", "r2"))
    return Case(router, old, new)


def service() -> Case:
    played = PlayedServices()
    router = ServiceRouter(lambda name: played.api, played.clock)
    return Case(router, Backend(played.release("r1")), Backend(played.release("r2")))


def linkerd() -> Case:
    played = PlayedMesh()
    return Case(played.router(), Backend(played.release("r1")), Backend(played.release("r2")))


PLAYED = {"gateway-api": gateway_api, "istio": istio, "linkerd": linkerd, "service": service}


@pytest.fixture
def case(request, made):
    name = request.param
    if name in REAL:
        lab, router = request.getfixturevalue(REAL[name][0]), REAL[name][1]
        old, new = Backend(lab.release("r1")), Backend(lab.release("r2"))
        yield Case(router(lambda name: lab.kube), old, new)
        lab.end()
    elif name in PLAYED:
        yield PLAYED[name]()
    else:
        yield Case(made[name], *request.getfixturevalue("backends"))


@pytest.fixture(scope="module")
def real_gateway(simulated, tmp_path_factory):
    """Traefik as the controller of a Gateway, over a real API server."""
    with gateway_lab(simulated, built(), tmp_path_factory.mktemp("gateway")) as lab:
        yield lab


@pytest.fixture(scope="module")
def real_istio(one_node):
    """Istio's control plane and an Envoy of its own, over another real API server."""
    with istio_lab(one_node) as lab:
        yield lab


@pytest.fixture(scope="module")
def backends():
    """Two versions of a service, each of one instance that answers with its name."""
    servers = []

    def served(name: str) -> Backend:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(name)))
                self.end_headers()
                self.wfile.write(name.encode())

            def log_message(self, *_): ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        deployment = Deployment(
            service="web",
            environment="production",
            instance=name,
            spec=DeploySpec(service="web", version=name, command=("true",), instances=1),
            source=SourceRef(),
        )
        return Backend(deployment, (server.server_port,))

    yield served("r1"), served("r2")
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("name", LOCAL)
def test_a_router_can_what_linting_says_that_it_can(made, name):
    assert {router for target, router in CAPABILITIES if target != "kubernetes"} <= set(made)
    assert frozenset(made[name].capabilities) == CAPABILITIES["local", name] == CAPABILITIES["docker", name]


@pytest.mark.parametrize("name", ["gateway-api", "istio", "linkerd", "service"])
def test_a_router_of_clusters_can_at_most_what_linting_says_that_it_can(made, name):
    assert frozenset(made[name].capabilities) == CAPABILITIES["kubernetes", name]


@pytest.mark.parametrize("case", [*WITH_REQUESTS, "none"], indirect=True)
async def test_every_change_may_be_made_twice(case):
    router, old, new = case.router, case.old, case.new
    for _ in range(2):
        await router.send_all(old)
        await router.preview(new)
        await router.split(new, old, 10)
        await router.update(new)
    assert len(await router.counters(old.deployment, new.deployment)) == 2
    for _ in range(2):
        await router.remove(new.deployment)


@pytest.mark.parametrize("case", WITH_REQUESTS, indirect=True)
async def test_all_traffic_goes_where_it_is_sent_once_the_change_has_returned(case):
    for backend in (case.old, case.new, case.old):
        await case.router.send_all(backend)
        assert await case.who_answers() == backend.deployment.instance


@pytest.mark.parametrize("case", WITH_REQUESTS, indirect=True)
async def test_a_preview_has_its_own_address_and_takes_nothing_from_the_service(case):
    await case.router.send_all(case.old)
    await case.router.preview(case.new)
    assert await case.who_answers(preview=True) == "r2"
    assert await case.who_answers() == "r1"


@pytest.mark.parametrize("case", COUNTING, indirect=True)
async def test_requests_are_counted_by_the_version_that_answered_them(case):
    await case.router.send_all(case.old)
    await case.router.preview(case.new)
    deployments = (case.old.deployment, case.new.deployment)
    before = [one.answered for one in await case.router.counters(*deployments)]
    for _ in range(3):
        await case.who_answers()
        await case.who_answers(preview=True)
    after = [one.answered for one in await case.router.counters(*deployments)]
    assert [late - early for late, early in zip(after, before, strict=True)] == [3, 0]


@pytest.mark.parametrize("case", WITH_REQUESTS, indirect=True)
async def test_a_version_with_all_the_traffic_is_not_removed_and_another_gives_its_ports_back(case):
    router, old, new = case.router, case.old, case.new
    await router.send_all(old)
    await router.preview(new)
    assert await router.remove(old.deployment) is None
    assert await router.remove(new.deployment) == new
    assert await router.remove(new.deployment) is None


async def test_without_a_router_there_is_no_address_and_a_request_says_so(made, backends):
    router = made["none"]
    assert router.address(backends[0].deployment) == ""
    assert "without a router" in (await router.get("", "/")).error
    assert Capability.COUNTERS not in router.capabilities


async def test_a_scanner_that_goes_by_the_proxy_of_clusters_reaches_a_preview_of_a_real_router(made, backends):
    router, (old, new) = made["traefik"], backends
    await router.send_all(old)
    await router.preview(new)
    to = urlsplit(router.address(new.deployment, preview=True))
    async with way_in([RouterAddress("127.0.0.1", to.port)], to.hostname) as there:
        proxy = f"http://127.0.0.1:{there.rpartition(':')[2]}"
        async with httpx2.AsyncClient(proxy=proxy, trust_env=False) as scanner:
            assert [(await scanner.get(f"{there}/x?y=z")).text for _ in range(2)] == ["r2", "r2"]
