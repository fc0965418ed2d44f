"""What others change of a live version is named by class and healed; what no release made is told alone."""

import json
from typing import Any, cast

import pytest
from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from activities.core import serialization as serial
from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.drift import activities as looks
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.drift_classes import Healed, Kind, decide
from domain.releases.kubernetes.drift_classes import Policy as Drifts
from tests.activities.releases.test_kubernetes_target import rendered
from tests.contracts.targets.kubernetes import TableRouter, in_cluster

LIVE = in_cluster("1", "r1")
IMAGE = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "evil:1"}]}}}}


@pytest.fixture
def kube():
    return MemoryObjects()


@pytest.fixture
async def target(kube, tmp_path):
    made = KubernetesTarget({"edge": kube}.__getitem__, FolderStore(tmp_path / "s"), {"gateway-api": TableRouter()})
    await made.start(LIVE)
    return made


def changed(kube):
    kube.edit("Deployment", "web-r1", IMAGE, "shop", manager="kubectl-set")


def image(kube):
    found = Node(kube.get("", "Deployment", "web-r1", "shop")).at("spec", "template", "spec", "containers")
    return found.first()["image"].text()


async def test_a_changed_workload_is_named_with_its_manager_and_put_back(kube, target):
    changed(kube)
    found, *pods = await target.findings(LIVE)
    assert {(one.kind, one.target) for one in pods} == {(Kind.FOREIGN, f"Pod web-r1-{at}") for at in (0, 1)}
    assert (found.kind, found.target) == (Kind.WORKLOAD, "Deployment web-r1")
    assert "kubectl-set has set" in found.line
    await target.heal(LIVE, [found.target])
    assert image(kube) == LIVE.spec.image
    assert await target.findings(LIVE) == []


async def test_what_was_added_is_told_with_its_manager_and_is_not_said_to_be_healed(kube, target):
    found = Node(kube.get("", "Deployment", "web-r1", "shop")).at("spec", "template", "spec", "containers")
    more = [one.value for one in found]
    spy = {"spec": {"template": {"spec": {"containers": [*more, {"name": "spy", "image": "spy:1"}]}}}}
    kube.edit("Deployment", "web-r1", spy, "shop", manager="kubectl-patch")
    added = [one for one in await target.findings(LIVE) if one.kind is Kind.ADDED]
    assert [one.target for one in added] == ["Deployment web-r1", "Pod web-r1-0", "Pod web-r1-1"]
    assert 'containers[name="spy"] was added by kubectl-patch' in added[0].line
    kube.edit("Deployment", "web-r1", {"spec": {"replicas": 9}}, "shop", manager="kubectl-scale")
    assert (await target.findings(LIVE))[-1].line == "7 more of its pods are not as released"
    decided = decide(added, Drifts.HEAL, Healed(), 0.0, releasing=False)
    assert decided.heal == ()
    assert decided.lines[0].endswith("(added: told alone, no release has named it, so none takes it away)")


@pytest.mark.parametrize("selector", [{naming.RELEASE: "x"}, {"app": "other"}])
async def test_a_changed_service_is_traffic(kube, target, selector):
    kube.edit("Service", "web-r1", {"spec": {"selector": selector}}, "shop", manager="kubectl-edit")
    found = await target.findings(LIVE)
    assert {one.kind for one in found} == {Kind.TRAFFIC}
    await target.heal(LIVE, ["Service web-r1"])
    assert await target.findings(LIVE) == []


@pytest.mark.parametrize("kind", ["Service", "PodDisruptionBudget", "ConfigMap", "Deployment"])
async def test_what_is_gone_is_applied_again(kube, target, kind):
    before = kube.every()
    kube.delete("", kind, "web-r1", "shop")
    found = await target.findings(LIVE)
    assert {one.kind for one in found} == {Kind.GONE}
    await target.heal(LIVE, [one.target for one in found])
    assert kube.every() == before


async def test_a_number_that_an_autoscaler_has_set_is_kept_when_something_else_is_healed(kube, target):
    await target.scale(LIVE, 5)
    changed(kube)
    await target.heal(LIVE, ["Deployment web-r1"])
    assert Node(kube.get("", "Deployment", "web-r1", "shop")).at("spec", "replicas").whole() == 5


async def test_what_has_a_versions_labels_and_was_not_made_by_it_is_told_and_stays(kube, target):
    for version, kind in (("v1", "Service"), ("apps/v1", "Deployment")):
        meta = {"name": "mine", "namespace": "shop", "labels": naming.labels(LIVE)}
        kube.create({"apiVersion": version, "kind": kind, "metadata": meta})
    before, found = kube.every(), await target.findings(LIVE)
    assert {one.kind for one in found} == {Kind.FOREIGN}
    await target.heal(LIVE, [one.target for one in found])
    assert kube.every() == before


class Known:
    """Documents, environments and permits in one."""

    def __init__(self, policy="heal"):
        self.kept: Any = {}
        self.asked: list[str] = []
        self.policy, self.refuses = policy, False

    def get(self, kind, name=None):
        if name is not None:
            return self.kept.get(name)
        rule = type("Rule", (), {"kubernetes": json.dumps({"cluster": "edge", "drift": self.policy})})
        return type("E", (), {"approval": rule})

    def save(self, kind, name, text):
        self.kept[name] = json.loads(text)

    def names(self, kind):
        return sorted(self.kept)

    def remove(self, kind, name):
        del self.kept[name]

    def permit(self, claim):
        self.asked.append(claim.subject)
        if self.refuses:
            raise RefusedError("SLW015", "it is another one")


def looking(target, known, monkeypatch, holder="", now=1_000.0):
    async def state(place):
        return Node({"live": {"web": [serial.dump_plain(LIVE)]}, "holder": holder})

    monkeypatch.setattr(looks, "_state", state)
    return looks.DriftActivities({"kubernetes": target}, known, known, known, lambda: now)


@pytest.fixture(autouse=True)
def beats(monkeypatch):
    class Beat:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *gone): ...

        def report(self, what): ...

    monkeypatch.setattr(looks, "Heartbeat", Beat)


async def test_a_look_heals_by_a_permit_and_tells_it_once(kube, target, monkeypatch):
    known = Known()
    changed(kube)
    (told,) = await looking(target, known, monkeypatch).look("production")
    assert "healed" in told.lines[0]
    assert (image(kube), known.asked) == (LIVE.spec.image, ["production/web/r1"])
    (over,) = await looking(target, known, monkeypatch).look("production")
    assert over.words() == "production/web/r1 differed from what was released: it is as released again"
    assert await looking(target, known, monkeypatch).look("production") == []


async def test_who_changes_it_again_at_once_is_told_alone(kube, target, monkeypatch):
    known = Known()
    for _ in range(2):
        changed(kube)
        (told,) = await looking(target, known, monkeypatch).look("production")
    assert "the back-off is 120 s" in told.lines[0]
    (again,) = await looking(target, known, monkeypatch, now=1_060.0).look("production")
    assert again.told, "people are not told each minute until the back-off is over"
    assert image(kube) == "evil:1"


async def test_who_changes_it_again_after_each_back_off_waits_twice_as_long(kube, target, monkeypatch):
    known = Known()
    for now in (1_000.0, 1_130.0, 1_260.0):
        changed(kube)
        (told,) = await looking(target, known, monkeypatch, now=now).look("production")
    assert "the back-off is 240 s" in told.lines[0]
    assert image(kube) == "evil:1"


async def test_a_service_is_put_back_also_beside_a_workload_that_is_told_alone(kube, target, monkeypatch):
    known = Known("tell")
    kube.edit("Deployment", "web-r1", {"spec": {"revisionHistoryLimit": 3}}, "shop", manager="kubectl-edit")
    kube.edit("Service", "web-r1", {"spec": {"selector": {naming.RELEASE: "x"}}}, "shop", manager="kubectl-edit")
    (told,) = await looking(target, known, monkeypatch).look("production")
    assert not known.kept["production/web/r1"]["failed"]
    assert sorted(line.rpartition("(")[2] for line in told.lines) == [
        "traffic: healed)",
        "workload: told alone, its environment says `drift: tell`)",
    ]
    (left,) = await target.findings(LIVE)
    assert ".spec.revisionHistoryLimit" in left.line


async def test_a_configuration_that_is_gone_is_made_again_and_one_that_was_replaced_is_not_said_to_be_healed(
    kube, target, tmp_path
):
    store = FolderStore(tmp_path / "s")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"db": "ours"}}
    one = rendered(store, LIVE, config)
    await target.start(one)
    made = kube.get("", "ConfigMap", "web-r1.settings", "shop")
    kube.delete("v1", "ConfigMap", "web-r1.settings", "shop")
    await target.heal(one, ["ConfigMap web-r1.settings"])
    again = kube.get("", "ConfigMap", "web-r1.settings", "shop")
    assert again["data"] == made["data"]
    kube.delete("v1", "ConfigMap", "web-r1.settings", "shop")
    kube.create({**again, "data": {"db": "theirs"}})
    with pytest.raises(SluicewayError) as refused:
        await target.heal(one, ["ConfigMap web-r1.settings"])
    assert refused.value.code == "SLW961"


async def test_what_a_release_replaces_while_it_is_looked_at_is_not_put_back(kube, target, monkeypatch):
    known, states = Known(), [[LIVE], [LIVE, in_cluster("2", "r2")]]

    async def state(place):
        return Node({"live": {"web": [serial.dump_plain(one) for one in states.pop(0)]}, "holder": ""})

    changed(kube)
    looks_at = looking(target, known, monkeypatch)
    monkeypatch.setattr(looks, "_state", state)
    assert await looks_at.look("production") == []
    assert (image(kube), known.asked, known.kept) == ("evil:1", [], {})


async def test_what_was_told_of_a_version_that_was_replaced_is_over(target, monkeypatch):
    known = Known()
    for key in ("production/web/r0", "production@eu/web/r0", "other/web/r0"):
        known.kept[key] = {"lines": ["x"], "healed": {}}
    known.kept["production/api/r0"] = {"lines": [], "healed": {}}
    over = await looking(target, known, monkeypatch).look("production")
    assert [(one.key, one.over, one.lines) for one in over] == [
        (key, looks.REPLACED, ()) for key in ("production/web/r0", "production@eu/web/r0")
    ]
    assert list(known.kept) == ["other/web/r0"]


async def test_of_an_environment_without_releases_nothing_is_told(target, monkeypatch):
    class Nobody:
        def get_workflow_handle(self, id_):
            return self

        async def query(self, name, result_type):
            raise RPCError("not found", RPCStatusCode.NOT_FOUND, b"")

    known = Known()
    monkeypatch.setattr(activity, "client", Nobody)
    made = looks.DriftActivities({"kubernetes": target}, cast("Any", known), cast("Any", known), cast("Any", known))
    assert await made.look("production") == []


async def test_a_cluster_that_does_not_answer_is_told_the_second_time_in_a_row(target, monkeypatch):
    known, away = Known(), [True, False, True, True, True, False]
    found = target.findings

    async def findings(live):
        if away.pop(0):
            raise SluicewayError("SLW851", "edge does not answer", transient=True)
        return await found(live)

    monkeypatch.setattr(target, "findings", findings)
    looked = [await looking(target, known, monkeypatch).look("production") for _ in list(away)]
    told = [one.words() for each in looked for one in each if not one.told]
    assert told == [
        "production/web/r1 differs from what was released: it cannot be checked, or healed: edge does not answer",
        "production/web/r1 differed from what was released: it is as released again",
    ]


async def test_a_heal_that_fails_counts(kube, target, monkeypatch):
    known = Known()
    known.refuses = True
    changed(kube)
    await looking(target, known, monkeypatch).look("production")
    known.refuses = False
    (told,) = await looking(target, known, monkeypatch, now=1_001.0).look("production")
    assert "it was healed 1 time lately" in told.lines[0]


@pytest.mark.parametrize(("policy", "holder"), [("tell", ""), ("heal", "release/web/production/2")])
async def test_a_workload_is_told_alone_where_it_is_to_be(kube, target, monkeypatch, policy, holder):
    changed(kube)
    (told,) = await looking(target, Known(policy), monkeypatch, holder).look("production")
    assert "told alone" in told.lines[0]
    assert image(kube) == "evil:1"


async def test_nothing_is_healed_that_the_signer_does_not_permit(kube, target, monkeypatch):
    known = Known()
    known.refuses = True
    changed(kube)
    (told,) = await looking(target, known, monkeypatch).look("production")
    assert "it cannot be checked, or healed: it is another one" in told.lines[0]
    assert image(kube) == "evil:1"
