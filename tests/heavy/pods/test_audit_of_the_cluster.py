"""A cluster's own audit log names the person, and the engine as whoever spoke for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from activities.clusters.providers.local.audit_log import log_of
from activities.clusters.providers.local.kwok import KwokProvider
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.impersonation import Acting
from activities.kubernetes.kubeconfigs import AddressBook
from domain.authority.permit import Effect, Permit
from domain.clusters import manifests
from domain.clusters.plan import Phase, difference, items
from domain.clusters.spec import ClusterSpec, Quota
from domain.core.documents import Manifest, Node
from domain.core.errors import RefusedError
from tests.support.built_programs import built
from tests.support.lab import until
from tests.support.made_clusters import Made, made

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
SPEC = ClusterSpec("heard", "kwok", connection={"audit": "metadata"}, pools=(), quotas=(Quota("team", pods=5),))
HIDDEN = "what-nobody-may-read"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> KwokProvider:
    return KwokProvider(tmp_path_factory.mktemp("heard") / "clusters", built())


@pytest.fixture(scope="module")
def heard(provider: KwokProvider) -> Iterator[Made]:
    with made(provider, SPEC, provider.root.parent) as cluster:
        yield cluster


def entries(provider: KwokProvider) -> list[Node]:
    return [Node(json.loads(line)) for line in log_of(provider.root / SPEC.name).read_text().splitlines()]


async def test_the_log_has_the_person_as_impersonated_and_the_engine_as_the_user(
    heard: Made, provider: KwokProvider, tmp_path: Path
) -> None:
    book = AddressBook(tmp_path / "addresses")
    book.remember(SPEC.name, heard.access, impersonate=True)
    permit = Permit(effect=Effect.CLUSTER, subject=SPEC.name, digest="", person="person:ann", groups=("ops",))
    hands = Acting(book, Kubes(tmp_path).open).hands(SPEC.name, permit)
    assert hands is not None
    secret: Manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "team"}}
    with pytest.raises(RefusedError, match="SLW974"):
        hands.create({**secret, "stringData": {"a": HIDDEN}})
    heard.kube.create({**secret, "stringData": {"a": HIDDEN}})

    def about(verb: str) -> list[Node]:
        at = (one for one in entries(provider) if one["verb"].text() == verb)
        return [one for one in at if one.at("objectRef", "resource").text() == "secrets"]

    theirs, own = await until(lambda: found if len(found := about("create")) == 2 else None)
    assert theirs.at("user", "username").text() == own.at("user", "username").text() == "sluiceway"
    assert theirs.at("impersonatedUser", "username").text() == "sluiceway:ann"
    assert "sluiceway:ops" in theirs.at("impersonatedUser", "groups").texts()
    assert theirs.at("responseStatus", "code").whole() == 403
    assert not own["impersonatedUser"]
    assert HIDDEN not in log_of(provider.root / SPEC.name).read_text()


def test_turning_it_off_is_a_change_of_the_control_plane_alone(heard: Made, provider: KwokProvider) -> None:
    quiet = replace(SPEC, connection={})
    changed = [one for one in difference(items(quiet), provider.existing(quiet)) if one.verb != "keep"]
    assert [(one.phase, one.before, one.after) for one in changed] == [
        (Phase.CONTROL_PLANE, "the provider's version, audit log of metadata", "the provider's version")
    ]
    provider.apply(Phase.CONTROL_PLANE, quiet, lambda words: None)
    size = log_of(provider.root / SPEC.name).stat().st_size
    heard.kube.apply(manifests.tenant(Quota("later", pods=1), isolated=False)[0])
    assert log_of(provider.root / SPEC.name).stat().st_size == size
