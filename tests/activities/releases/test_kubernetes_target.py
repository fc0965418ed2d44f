"""What the target kubernetes does beside what every target keeps: it asks first, names who interfered, and holds."""

import json
from dataclasses import replace

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.port import NotReadyError
from activities.releases.routers.port import Listened
from activities.releases.targets.kubernetes import rendered as of_renderer
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.clusters import metadata
from domain.core.documents import Node
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.judge.policy import Metric, Policy
from domain.releases.kubernetes import container
from domain.releases.kubernetes.objects import release_objects
from domain.releases.spec import RolloutSpec
from tests.contracts.targets.kubernetes import TableRouter, in_cluster

ONE, TWO = in_cluster("1", "r1"), in_cluster("2", "r2")


@pytest.fixture
def kube():
    return MemoryObjects()


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def router():
    return TableRouter()


@pytest.fixture
def target(kube, store, router):
    return KubernetesTarget({"edge": kube}.__getitem__, store, {"gateway-api": router})


def rendered(store, deployment, *more):
    """The deployment with its objects and others as a renderer keeps them."""
    data = json.dumps([*container.objects(deployment.spec), *more]).encode()
    spec = replace(deployment.spec.kubernetes, rendered=store.put(data))
    return replace(deployment, spec=replace(deployment.spec, kubernetes=spec))


def job(hook, image):
    template = {"spec": {"containers": [{"name": "main", "image": image}]}}
    meta = {"name": hook, "annotations": {"sluiceway.dev/hook": hook}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}}


SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2,
        "maxReplicas": 9,
    },
}


def pods(kube, instance):
    return len(kube.items("v1", "Pod", "shop", f"sluiceway.dev/release=web.production.{instance}"))


class TestStart:
    async def test_a_version_is_there_when_its_pods_are_endpoints_of_its_own_service(self, kube, target):
        await target.start(ONE)
        assert (await target.backend(ONE)).ready == pods(kube, "r1") == 2

    async def test_a_pod_that_cannot_start_says_why_with_its_last_line(self, kube, target):
        kube.waiting[ONE.spec.image], kube.output[ONE.spec.image] = "CrashLoopBackOff", "no such table: orders"
        with pytest.raises(NotReadyError) as late:
            await target.start(ONE)
        assert "ended 3 times" in late.value.why
        assert "no such table: orders" in late.value.why
        assert kube.every() == []

    async def test_a_field_that_somebody_else_has_set_is_not_taken_back_and_named(self, kube, target):
        await target.start(ONE)
        kube.edit(
            "Deployment",
            "web-r1",
            {"spec": {"minReadySeconds": 7, "revisionHistoryLimit": 3}},
            "shop",
            manager="kubectl-edit",
        )
        for act in (target.start, lambda one: target.scale(one, 3)):
            with pytest.raises(SluicewayError) as refused:
                await act(ONE)
            assert refused.value.code == "SLW961"
            assert 'conflict with "kubectl-edit": .spec.revisionHistoryLimit' in refused.value.why

    @pytest.mark.parametrize("kind", ["ConfigMap", "Deployment", "Service"])
    @pytest.mark.parametrize("labels", [{}, {"sluiceway.dev/release": "web.staging.r1"}])
    async def test_what_somebody_else_made_under_its_name_is_neither_taken_over_nor_run(
        self, kube, target, kind, labels
    ):
        version = "apps/v1" if kind == "Deployment" else "v1"
        meta = {"name": "web-r1", "namespace": "shop", "labels": labels}
        kube.create({"apiVersion": version, "kind": kind, "metadata": meta})
        assert "is there already" in (await target.preflight(ONE, None)).refusals[0]
        with pytest.raises(SluicewayError) as refused:
            await target.start(ONE)
        assert refused.value.code == "SLW961"
        assert Node(kube.get("", kind, "web-r1", "shop")).at("metadata", "labels").strings() == labels

    async def test_a_configuration_that_a_tenant_made_first_is_not_the_releases(self, kube, store, target):
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"db": "ours"}}
        deployment = rendered(store, ONE, config)
        meta = {
            "name": "web-r1.settings",
            "namespace": "shop",
            "labels": {"sluiceway.dev/release": "web.production.r1"},
            "ownerReferences": [{"kind": "ConfigMap", "name": "web-r1", "uid": "guessed"}],
        }
        kube.create({**config, "metadata": meta, "immutable": True, "data": {"db": "theirs"}})
        with pytest.raises(SluicewayError) as refused:
            await target.start(deployment)
        assert refused.value.code == "SLW961"
        assert "its data is not the release's" in refused.value.why

    async def test_a_migration_that_somebody_else_has_run_is_not_taken_for_the_releases(self, kube, store, target):
        done = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "web-r1-expand", "namespace": "shop"}}
        kube.create({**done, "status": {"conditions": [{"type": "Complete", "status": "True"}]}})
        with pytest.raises(SluicewayError) as refused:
            await target.hook(rendered(store, ONE, job("expand", "web:1")), "expand")
        assert refused.value.code == "SLW961"

    async def test_a_running_version_is_never_started_with_fewer_pods(self, kube, target):
        await target.start(ONE, 5)
        await target.start(ONE, 2)
        assert pods(kube, "r1") == 5

    async def test_what_was_rendered_is_what_is_applied(self, kube, store, target):
        await target.start(rendered(store, ONE, SCALER))
        assert Node(kube.get("", "HorizontalPodAutoscaler", "web-r1", "shop")).at("spec", "minReplicas").whole() == 2

    async def test_bytes_that_no_renderer_made_are_refused(self, store, target):
        assert ONE.spec.kubernetes is not None
        spec = replace(ONE.spec, kubernetes=replace(ONE.spec.kubernetes, rendered=store.put(b'{"kind": "Pod"}')))
        with pytest.raises(SluicewayError) as refused:
            await target.start(replace(ONE, spec=spec))
        assert refused.value.code == "SLW962"

    async def test_what_reaches_beyond_its_pods_is_refused_at_the_effect_too(self, kube, store, target):
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"}}
        for act in (target.start, lambda one: target.hook(one, "expand")):
            with pytest.raises(RefusedError) as refused:
                await act(rendered(store, ONE, role))
            assert refused.value.code == "SLW963"
        ready = await target.preflight(rendered(store, ONE, role), None)
        assert "ClusterRole all" in ready.refusals[0]
        assert kube.calls == []


class TestScale:
    async def test_an_autoscaler_gets_its_floor_and_the_pods_are_there_at_once(self, kube, store, target):
        one = rendered(store, ONE, SCALER)
        await target.start(one)
        await target.scale(one, 6)
        await target.scale(one, 2)  # it goes down by itself, when it thinks so
        assert Node(kube.get("", "HorizontalPodAutoscaler", "web-r1", "shop")).at("spec", "minReplicas").whole() == 2
        assert pods(kube, "r1") == 6

    async def test_the_number_of_pods_is_taken_back_from_others_in_words(self, kube, target):
        await target.start(ONE, 4)
        kube.edit("Deployment", "web-r1", {"spec": {"replicas": 1}}, "shop", manager="kubectl-scale")
        assert await target.scale(ONE, 4) == "kubectl-scale had set .spec.replicas of web-r1"
        assert pods(kube, "r1") == 4

    async def test_a_floor_is_held_until_nobody_comes_back(self, kube, store, target):
        one, two = rendered(store, ONE, SCALER), rendered(store, TWO, SCALER)
        await target.start(one)
        await target.start(two)
        await target.scale(two, 7)
        await target.shift(two, one, 100)
        await target.retire(one, two)
        assert Node(kube.get("", "HorizontalPodAutoscaler", "web-r2", "shop")).at("spec", "minReplicas").whole() == 2
        assert pods(kube, "r2") == 7


class TestAfterAnUpgrade:
    """An engine that makes a release's objects otherwise than the one that started it."""

    @pytest.fixture
    def upgraded(self, monkeypatch):
        def otherwise(deployment, source):
            made = release_objects(deployment, source)
            spec = {**Node(made.workload)["spec"].object(), "minReadySeconds": 9}
            spec["template"] = {**Node(spec)["template"].object(), "restarts": "all pods"}
            state = {"sluiceway.dev/state": "another"}
            root = metadata.marked(made.root, annotations=state)
            return replace(
                made, root=root, workload=metadata.marked({**made.workload, "spec": spec}, annotations=state)
            )

        return lambda: monkeypatch.setattr(of_renderer, "release_objects", otherwise)

    @pytest.mark.parametrize("scaler", [[], [SCALER]])
    async def test_no_template_of_a_started_version_changes(self, kube, store, target, upgraded, scaler):
        one = rendered(store, ONE, *scaler)
        await target.start(one)
        before = Node(kube.get("", "Deployment", "web-r1", "shop"))
        upgraded()
        await target.scale(one, 5)
        await target.start(one, 6)
        await target.settle(one)
        after = Node(kube.get("", "Deployment", "web-r1", "shop"))
        assert {**after["spec"].object(), "replicas": 0} == {**before["spec"].object(), "replicas": 0}
        assert pods(kube, "r1") == 6
        assert await target.drift(one) == []
        assert (await target.preflight(one, None)).refusals == ()

    async def test_an_engine_that_is_set_back_goes_on_with_it(self, kube, target, upgraded, monkeypatch):
        await target.start(ONE)
        with monkeypatch.context():
            upgraded()
            await target.scale(ONE, 5)
        monkeypatch.undo()
        await target.scale(ONE, 3)
        assert pods(kube, "r1") == 3


class TestStop:
    async def test_traffic_and_requests_leave_before_the_pods(self, kube, router, target):
        await target.start(ONE)
        await target.start(TWO)
        await target.shift(TWO, ONE, 100)
        kube.calls.clear()
        await target.stop(ONE)
        assert router.told[-2:] == ["without r1", "drained r1"]
        assert [call for call in kube.calls if "Pod " not in call][:2] == [
            "delete Deployment web-r1",
            "delete ConfigMap web-r1",
        ]
        assert not [one for one in kube.every() if "r1" in one]


class TestPreflight:
    async def test_nothing_is_touched_and_what_is_there_is_counted(self, kube, store, target):
        await target.start(ONE, 4)
        before, two = kube.every(), rendered(store, TWO, job("expand", "migrate"))
        ready = await target.preflight(two, ONE)
        assert (ready.refusals, ready.instances, ready.stable, ready.hooks) == ((), 2, 4, ("expand",))
        assert kube.every() == before

    async def test_a_live_version_that_differs_is_told(self, kube, target):
        await target.start(ONE)
        kube.delete("policy/v1", "PodDisruptionBudget", "web-r1", "shop")
        assert (await target.preflight(TWO, ONE)).notes == (
            "the live version differs, so it is no sure baseline: PodDisruptionBudget web-r1 is gone",
        )

    async def test_a_missing_right_is_named(self, kube, target):
        kube.denied = {("create", "PodDisruptionBudget")}
        ready = await target.preflight(ONE, None)
        assert ready.refusals == ("create PodDisruptionBudget in shop: no role allows create of PodDisruptionBudget",)

    async def test_a_pod_that_admission_refuses_is_found_though_its_deployment_passes(self, kube, target):
        kube.rejected = {"Pod": 'violates PodSecurity "restricted:latest": runAsNonRoot != true'}
        ready = await target.preflight(ONE, None)
        why = '403: Pod web-r1-preflight is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true'
        assert ready.refusals == (f"Pod web-r1-preflight: refused by Pod Security restricted:latest: {why}",)

    async def test_old_and_new_must_fit_into_the_quota_together(self, kube, target):
        await target.start(ONE, 4)
        quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "most", "namespace": "shop"}}
        kube.create({**quota, "status": {"hard": {"pods": "6"}, "used": {"pods": "4"}}})
        ready = await target.preflight(TWO, ONE)
        assert ready.refusals == ("4 pods need 4 of pods, and quota most has 2 of 6 left",)

    async def test_what_the_router_cannot_do_here_is_told_before_anything_is_touched(self, router, target):
        router.capabilities = frozenset()
        canary = replace(ONE, spec=replace(ONE.spec, strategy="canary"))
        ready = await target.preflight(canary, None)
        assert "strategy: router gateway-api cannot split traffic by weight here" in ready.refusals

    async def test_queries_that_nobody_answers_are_refused(self, target):
        queried = Policy(metrics=(Metric(name="o", share=1, events="a_total", total="b_total"),))
        canary = replace(ONE, spec=replace(ONE.spec, rollout=RolloutSpec(policy=queried)))
        assert "names no Prometheus" in (await target.preflight(canary, None)).refusals[0]

    async def test_a_listener_that_serves_nobody_refuses_and_one_that_was_not_seen_is_told(self, router, target):
        async def listened(deployment):
            return Listened(("SLW870: it has ended",), ("another was not seen",))

        router.listened = listened
        ready = await target.preflight(ONE, None)
        assert (ready.refusals, ready.notes) == (("SLW870: it has ended",), ("another was not seen",))


class TestHooks:
    async def test_a_hook_runs_once_by_its_name(self, kube, store, target):
        one = rendered(store, ONE, job("expand", "migrate"))
        assert [await target.hook(one, "expand") for _ in range(2)] == ["", ""]
        assert [call for call in kube.calls if "Job" in call] == ["apply Job web-r1-expand by sluiceway-release"]

    async def test_what_a_hook_reads_is_there_before_it_though_nothing_else_of_its_release_is(
        self, kube, store, target
    ):
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"db": "ours"}}
        assert await target.hook(rendered(store, ONE, job("expand", "migrate"), config), "expand") == ""
        made = [call for call in kube.calls if call.startswith("apply")]
        assert [call.split()[2] for call in made] == ["web-r1", "web-r1.settings", "web-r1-expand"]

    async def test_a_failed_hook_says_its_last_line(self, kube, store, target):
        kube.failing, kube.output[ONE.spec.image] = {ONE.spec.image}, "column exists"
        one = rendered(store, ONE, job("expand", "migrate"))
        assert await target.hook(one, "expand") == "job web-r1-expand failed; last line of its log: column exists"

    async def test_the_old_version_stays_where_the_contract_of_the_new_one_failed(self, kube, store, target):
        kube.failing = {TWO.spec.image}
        two = rendered(store, TWO, job("contract", "migrate"))
        await target.start(ONE)
        await target.start(two)
        with pytest.raises(NotReadyError, match="r1 stays"):
            await target.retire(ONE, two)
        assert pods(kube, "r1") == 2
        assert await target.hook(two, "before") == ""

    async def test_a_failed_contract_is_run_again_when_the_end_is_asked_for_again(self, kube, store, target):
        kube.failing = {TWO.spec.image}
        two = rendered(store, TWO, job("contract", "migrate"))
        await target.start(ONE)
        await target.start(two)
        with pytest.raises(NotReadyError, match="r1 stays"):
            await target.retire(ONE, two)
        kube.failing = set()
        assert (await target.retire(ONE, two)).contracted
        assert pods(kube, "r1") == 0
