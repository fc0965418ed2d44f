"""The promises of ports are shown by tests that exist, for every adapter that a registry knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from activities.clusters.providers.registry import providers
from activities.jobs.executors.registry import executors
from activities.jobs.isolation.isolation import Isolation
from activities.kubernetes.kubeconfigs import AddressBook
from activities.notifications.notifiers.registry import notifiers
from activities.releases.cluster_traffic.router import no_clusters
from activities.releases.metric_sources.registry import sources
from activities.releases.rendering.registry import renderers
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.releases.targets.registry import targets
from activities.scans.scanners import registry as scanners
from activities.secrets.broker import closed
from activities.secrets.stores.registry import open_secrets
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from domain.releases.judge.policy import Policy
from tests.contracts import quality

FOLDERS = [str(folder.relative_to(quality.ROOT / "activities")) for folder in quality.folders()]


def traefik(at: Path) -> Traefik:
    return Traefik(at, Ports(1, 2))


def modules(adapters: Iterable[object]) -> list[str]:
    return [type(one).__module__.rpartition(".")[2] for one in adapters]


REGISTERED: dict[str, Callable[[Path], Iterable[str]]] = {
    "releases/rendering": lambda at: modules(renderers().values()),
    "clusters/providers": lambda at: providers(at, at, closed()),
    "jobs/executors": lambda at: executors(at, at, AddressBook(at), Isolation(at)),
    "notifications/notifiers": lambda at: modules(notifiers(at, "http://example.com")),
    "releases/metric_sources": lambda at: modules(
        one for source in ("router", "prometheus") for one in sources(routers(traefik(at)))(Policy(source=source))
    ),
    "releases/routers": lambda at: routers(traefik(at)),
    "releases/targets": lambda at: targets(
        at, FolderStore(at), Mirrors(at), routers(traefik(at)), closed(), no_clusters
    ).by_name(),
    "scans/scanners": lambda at: [
        *scanners.scanners(at),
        *scanners.image_scanners(at),
        *scanners.remote_scanners(at),
        *scanners.root_scanners(at),
    ],
    "secrets/stores": lambda at: modules(
        open_secrets(address, at)
        for address in ("", "env:NOBODY_", "vault:https://vault.example/secret", "kubernetes:ci")
    ),
    "storage/stores": lambda at: ["folder", "s3"],
}
"""The adapters of each registry, by name."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_promise_names_a_port_that_exists_and_adapters_that_exist(folder):
    described = quality.read(quality.ROOT / "activities" / folder)

    assert described.promises()
    assert described.named() <= set(described.adapters)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_test_that_shows_a_promise_is_there_and_is_not_skipped(folder):
    described = quality.read(quality.ROOT / "activities" / folder)
    shown = [name for rule in described.rules for name in rule.done]

    assert [name for name in shown if name not in quality.tests()] == []
    assert [name for name in shown if quality.tests()[name]] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_adapter_is_listed_and_shown(folder, tmp_path):
    described = quality.read(quality.ROOT / "activities" / folder)
    registered = set(REGISTERED[folder](tmp_path)) if folder in REGISTERED else set()

    assert registered <= set(described.adapters)
    assert set(described.adapters) == described.shown()


def test_every_registry_is_described_but_for_formats_which_are_functions() -> None:
    with_registry = {path.parent for path in (quality.ROOT / "activities").rglob("registry.py")}
    names = {str(one.relative_to(quality.ROOT / "activities")) for one in with_registry} - {"scans/formats"}

    assert names == set(REGISTERED) <= set(FOLDERS)


def test_the_page_is_what_the_files_say() -> None:
    assert quality.PAGE.read_text() == quality.page(), "run make docs"


@pytest.mark.parametrize(
    ("text", "skips"),
    [
        ("def test_x(): ...", False),
        ("@pytest.mark.docker\ndef test_x(): ...", False),
        ("@pytest.mark.skip(reason='later')\ndef test_x(): ...", True),
        ("@pytest.mark.skipif(True, reason='later')\nasync def test_x(): ...", True),
        ("pytestmark = [pytest.mark.skip]\ndef test_x(): ...", True),
        ("@pytest.mark.xfail\nclass TestA:\n    def test_x(self): ...", True),
    ],
)
def test_what_is_skipped_for_good_shows_nothing(text, skips, tmp_path):
    (tmp_path / "test_a.py").write_text(text)

    assert list(quality._tests_in(tmp_path / "test_a.py")) == [("test_x", skips)]
