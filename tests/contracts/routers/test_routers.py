"""What every router keeps: a change has happened when it returns, and repeating it changes nothing."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from activities.releases.routers.port import Backend
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor.service import free_port
from domain.releases.capabilities import CAPABILITIES, Capability
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.triggers.source import SourceRef
from workers.core.settings import Settings
from workers.engine import embedded

NAMES = ("traefik", "none")


@pytest.fixture(scope="module")
async def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("routers")
    yield routers(Traefik(folder / "router", Ports(free_port(), free_port())))
    embedded.down(Settings(folder, folder))


@pytest.fixture(params=NAMES)
def router(request, made):
    return made[request.param]


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


async def who_answers(router, deployment, preview=False) -> str:
    return (await router.get(router.address(deployment, preview=preview), "/")).text


@pytest.mark.parametrize("name", NAMES)
def test_a_router_can_what_linting_says_that_it_can(made, name):
    assert set(made) == {router for target, router in CAPABILITIES if target != "kubernetes"}
    assert frozenset(made[name].capabilities) == CAPABILITIES["local", name] == CAPABILITIES["docker", name]


async def test_every_change_may_be_made_twice(router, backends):
    old, new = backends
    for _ in range(2):
        await router.send_all(old)
        await router.preview(new)
        await router.split(new, old, 10)
        await router.update(new)
    assert len(await router.counters(old.deployment, new.deployment)) == 2
    for _ in range(2):
        await router.remove(new.deployment)


async def test_all_traffic_goes_where_it_is_sent_once_the_change_has_returned(made, backends):
    router = made["traefik"]
    old, new = backends
    for backend in (old, new, old):
        await router.send_all(backend)
        assert await who_answers(router, old.deployment) == backend.deployment.instance


async def test_a_preview_has_its_own_address_and_takes_nothing_from_the_service(made, backends):
    router = made["traefik"]
    old, new = backends
    await router.send_all(old)
    await router.preview(new)
    assert await who_answers(router, new.deployment, preview=True) == "r2"
    assert await who_answers(router, new.deployment) == "r1"


async def test_a_version_with_all_the_traffic_is_not_removed_and_another_gives_its_ports_back(made, backends):
    router = made["traefik"]
    old, new = backends
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
