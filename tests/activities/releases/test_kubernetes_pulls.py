"""Pods of a release pull by a Secret of its own, with the logins that its images need, or by a registered one."""

import base64
import json
from dataclasses import replace

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.releases.kubernetes.place import Migration
from domain.releases.registries import Login
from domain.secrets.rules import SecretRule, SecretUse
from domain.triggers.events import EventKind, EventRef
from tests.contracts.targets.kubernetes import TableRouter, in_cluster

PASSWORD = "hunter2-of-the-registry"
LOGINS = tuple(Login(registry=host, user="robot", secret="token") for host in ("registry.example", "other.example"))
USE = SecretUse(run="web-7", pipeline="web", repo="/repos/web", event=EventRef(EventKind.PUSH, "main"), job="ship")


def version(use=USE, **place):
    plain = in_cluster("1", "r1")
    assert plain.spec.kubernetes
    kubernetes = replace(plain.spec.kubernetes, place=replace(plain.spec.kubernetes.place, **place))
    return replace(plain, use=use, spec=replace(plain.spec, image="registry.example/web:1", kubernetes=kubernetes))


@pytest.fixture
def kube():
    return MemoryObjects()


@pytest.fixture
def secrets():
    store = MemorySecrets()
    store.write("token", PASSWORD)
    return store


@pytest.fixture
def target(kube, secrets, tmp_path):
    rule = SecretRule(secret="token", pipelines=("web",), repositories=("/repos/web",))
    broker = Broker(secrets, lambda: (rule,))
    return KubernetesTarget(
        {"edge": kube}.__getitem__, FolderStore(tmp_path / "store"), {"gateway-api": TableRouter()}, broker
    )


def pulls(kube):
    spec = Node(kube.get("", "Deployment", "web-r1", "shop")).at("spec", "template", "spec")
    return [one["name"].text() for one in spec["imagePullSecrets"]]


def passwords(kube):
    content = Node(kube.get("", "Secret", "web-r1-pull", "shop")).at("data", ".dockerconfigjson").text()
    auths = json.loads(base64.b64decode(content))["auths"]
    return {host: base64.b64decode(one["auth"]).decode() for host, one in auths.items()}


async def test_its_pods_pull_with_the_login_of_their_registry_and_no_other(kube, target):
    await target.start(version(logins=LOGINS))
    assert pulls(kube) == ["web-r1-pull"]
    assert passwords(kube) == {"registry.example": f"robot:{PASSWORD}"}
    texts = [json.dumps(one) for one in kube.every() if Node(one)["kind"].text() != "Secret"]
    assert PASSWORD not in "".join(texts)


async def test_the_secret_ends_with_its_release(kube, target):
    await target.start(version(logins=LOGINS))
    assert Node(kube.get("", "Secret", "web-r1-pull", "shop")).at("metadata")["ownerReferences"]
    await target.stop(version(logins=LOGINS))
    assert kube.every() == []


async def test_a_renewed_password_reaches_a_release_that_runs(kube, target, secrets):
    await target.start(version(logins=LOGINS))
    secrets.write("token", "renewed")
    await target.start(version(logins=LOGINS))
    assert passwords(kube) == {"registry.example": "robot:renewed"}


async def test_a_registered_secret_is_named_and_none_is_made(kube, target):
    await target.start(version(pull_secret="registry"))
    assert pulls(kube) == ["registry"]
    assert kube.get("", "Secret", "web-r1-pull", "shop") is None


async def test_an_image_of_an_open_registry_needs_none(kube, target):
    await target.start(version(logins=LOGINS[1:]))
    assert pulls(kube) == []
    assert kube.get("", "Secret", "web-r1-pull", "shop") is None


async def test_a_run_that_no_rule_lets_have_the_login_is_refused_before_anything_is_touched(kube, target):
    foreign = version(use=replace(USE, pipeline="evil"), logins=LOGINS)
    assert "secret token is not for" in (await target.preflight(foreign, None)).refusals[0]
    assert kube.every() == []
    with pytest.raises(RefusedError, match="secret token is not for"):
        await target.start(foreign)
    assert kube.get("", "Deployment", "web-r1", "shop") is None


async def test_an_engine_that_may_make_no_secret_is_told_so_before_anything_is_touched(kube, target):
    kube.denied = {("create", "Secret")}
    assert "create Secret in shop" in (await target.preflight(version(logins=LOGINS), None)).refusals[0]
    assert (await target.preflight(version(pull_secret="registry"), None)).refusals == ()


async def test_a_migration_that_comes_first_has_its_secret_and_pulls_by_the_same_login(kube, target):
    one = version(logins=LOGINS)
    made = replace(one, secrets={"DATABASE": "token"})
    spec = replace(made.spec, kubernetes=replace(made.spec.kubernetes, expand=Migration(command=("migrate",))))
    assert await target.hook(replace(made, spec=spec), "expand") == ""
    assert {call.split()[2] for call in kube.calls if call.startswith("apply Secret")} == {"web-r1-pull", "web-r1-env"}
    pod = Node(kube.get("", "Job", "web-r1-expand", "shop")).at("spec", "template", "spec")
    assert [one["name"].text() for one in pod["imagePullSecrets"]] == ["web-r1-pull"]
    assert pod["containers"].first()["env"].first().at("valueFrom", "secretKeyRef", "name").text() == "web-r1-env"


async def test_a_version_that_runs_is_scaled_whatever_has_become_of_its_secrets(kube, target, secrets):
    await target.start(version(logins=LOGINS))
    secrets.remove("token")
    await target.scale(version(logins=LOGINS), 3)
    assert Node(kube.get("", "Deployment", "web-r1", "shop")).at("spec", "replicas").whole() == 3
