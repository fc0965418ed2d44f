"""Import of a running Deployment: at every moment some route leads to its pods, and its undo leaves what was before."""

from dataclasses import replace

import pytest

from activities.releases.cluster_traffic.data_plane import RouterAddress
from activities.releases.port import NotReadyError
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.port import Backend
from activities.releases.targets.kubernetes.living import look
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.releases.kubernetes import naming
from domain.releases.kubernetes.adoption import Asked, plan
from domain.releases.kubernetes.place import Ends, KubernetesSpec
from tests.support.played_gateway import NAMESPACE, PlayedGateway

HOST = "shop.example"


def deployment(replicas=2):
    container = {"name": "main", "image": "registry.example/shop:1", "ports": [{"containerPort": 8080}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [container]}},
        },
    }


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "shop", "namespace": NAMESPACE},
    "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080}]},
}


def route(name):
    rule = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"name": "shop", "port": 80, "weight": 1}],
    }
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "parentRefs": [{"namespace": "sluiceway", "name": "edge"}],
            "hostnames": [HOST],
            "rules": [rule],
        },
    }


class Scene:
    """A Deployment with its Service, and perhaps a route to it."""

    def __init__(self, folder, led_by_route):
        self.played = PlayedGateway()
        self.api, self.led_by_route = self.played.api, led_by_route
        for one in (deployment(), SERVICE, *([route(led_by_route)] if led_by_route else [])):
            self.api.apply(one, manager="kubectl")
        self.router = GatewayApiRouter(lambda name: self.api, self.played.plane)
        store = FolderStore(folder / "store")
        self.target = KubernetesTarget(lambda name: self.api, store, {"gateway-api": self.router})

    async def load(self):
        for process in self.played.processes:
            for _ in range(20):
                await self.played.request(RouterAddress(process, 80), HOST, "/")

    async def answers(self):
        await self.load()
        return await self.played.everywhere()

    def planned(self, **more):
        place = (self.played.deployment("r0").spec.kubernetes or KubernetesSpec()).place
        asked = Asked(service="shop", environment="production", workload="shop", place=place, route=self.led_by_route)
        found = plan(replace(asked, **more), look(self.api, replace(asked, **more)))
        assert not found.refusals
        return found.deployment

    def objects(self):
        return [one for one in self.api.every() if one.split("/")[0] in ("ConfigMap", "HTTPRoute", "Service")
                and one != "Service/edge"]  # fmt: skip


@pytest.fixture(params=["", "old", "shop"])
async def scene(request, tmp_path):
    scene = Scene(tmp_path, request.param)
    await scene.load()
    return scene


async def imported(scene, **more):
    version = scene.planned(**more)
    await scene.target.adopt(version)
    await scene.target.route(version)
    return version


async def test_its_pods_answer_by_a_route_of_ours_and_none_was_touched(scene):
    pods = scene.api.items("v1", "Pod", NAMESPACE)
    before = scene.api.get("apps/v1", "Deployment", "shop", NAMESPACE)
    version = await imported(scene)
    assert await scene.answers() == {"shop-r0"}
    assert scene.api.items("v1", "Pod", NAMESPACE) == pods
    assert scene.api.get("apps/v1", "Deployment", "shop", NAMESPACE) == before
    assert (await scene.target.backend(version)).ready == 2
    assert scene.objects() == [
        "ConfigMap/shop-r0", "HTTPRoute/shop", "HTTPRoute/shop-preview", "Service/shop", "Service/shop-r0",
    ]  # fmt: skip


async def test_at_no_moment_does_a_router_have_no_route_to_its_pods(tmp_path):
    for led_by in ("old", "shop"):
        scene = Scene(tmp_path / led_by, led_by)
        await scene.load()
        gaps: list[str] = []
        request = scene.played.request

        async def watched(to, host, path, version="", request=request, gaps=gaps, scene=scene):
            answer = await request(to, host, path, version)
            gaps += [one for one in await scene.played.everywhere() if not one.startswith("shop")]
            return answer

        scene.router._plane = replace(scene.played.plane, requests=watched)
        version = await imported(scene)
        assert await scene.answers() == {"shop-r0"}
        await scene.target.give_back(version)
        assert await scene.answers() == {"shop"}
        assert gaps == []


async def test_undo_leaves_what_was_before(scene):
    before, old = scene.objects(), scene.api.get("", "HTTPRoute", scene.led_by_route, NAMESPACE)
    version = await imported(scene)
    for _ in range(2):  # and once more, as after a worker's end
        await scene.target.give_back(version)
        assert scene.objects() == before
        now = scene.api.get("", "HTTPRoute", scene.led_by_route, NAMESPACE)
        assert Node(now)["spec"].object() == Node(old)["spec"].object()


@pytest.mark.parametrize("step", range(12))
async def test_whatever_call_failed_doing_it_again_or_undoing_it_ends_right(tmp_path, monkeypatch, step):
    scene = Scene(tmp_path, "shop")
    await scene.load()
    before, version, calls = scene.objects(), scene.planned(), []
    apply, delete = scene.api.apply, scene.api.delete

    def failing(call):
        def called(*args, **kwargs):
            calls.append(call)
            if len(calls) == step + 1:
                raise SluicewayError("SLW943", "the API server is away", transient=True)
            return call(*args, **kwargs)

        return called

    monkeypatch.setattr(scene.api, "apply", failing(apply))
    monkeypatch.setattr(scene.api, "delete", failing(delete))
    try:
        await scene.target.adopt(version)
        await scene.target.route(version)
    except SluicewayError:
        if step % 2:
            await scene.target.give_back(version)
            assert scene.objects() == before
            return
        await scene.target.adopt(version)
        await scene.target.route(version)
    assert await scene.answers() == {"shop-r0"}


async def test_what_has_changed_since_the_plan_is_not_imported(scene):
    version = scene.planned()
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "evil:1"}]}}}}
    scene.api.edit("Deployment", "shop", patch, NAMESPACE, manager="kubectl")
    with pytest.raises(SluicewayError) as refused:
        await scene.target.adopt(version)
    assert refused.value.code == "SLW968"
    assert "ConfigMap/shop-r0" not in scene.objects()


async def test_an_object_with_the_labels_of_a_release_spares_no_look_at_what_is_imported(scene):
    version = scene.planned()
    meta = {"name": "shop-r0", "namespace": NAMESPACE, "labels": naming.labels(version)}
    scene.api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta})
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "evil:1"}]}}}}
    scene.api.edit("Deployment", "shop", patch, NAMESPACE, manager="kubectl")
    with pytest.raises(SluicewayError) as refused:
        await scene.target.adopt(version)
    assert refused.value.code == "SLW968"


async def test_a_name_that_somebody_has_taken_is_not_overwritten(scene):
    version = scene.planned()
    taken = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop-r0", "namespace": NAMESPACE}}
    scene.api.create(taken)
    with pytest.raises(SluicewayError) as refused:
        await scene.target.adopt(version)
    assert refused.value.code == "SLW961"


@pytest.mark.parametrize(("ends", "left"), [(Ends.SCALE, 0), (Ends.DELETE, None)])
async def test_it_ends_as_it_was_chosen_and_can_be_gone_back_to_while_it_is_there(scene, ends, left):
    version = await imported(scene, ends=ends)
    new = scene.played.release("r1")
    await scene.router.send_all(Backend(new))
    await scene.target.stop(version)
    found = scene.api.get("apps/v1", "Deployment", "shop", NAMESPACE)
    assert (Node(found).at("spec", "replicas").whole() if found else None) == left
    assert "Service/shop-r0" not in scene.objects()
    if ends is Ends.DELETE:
        assert (await scene.target.preflight(version, None)).refusals == ("Deployment shop is gone",)
        return
    await scene.target.start(version, 2)
    await scene.target.route(version)
    assert await scene.answers() == {"shop-r0"}


async def test_an_import_is_not_undone_while_another_version_has_requests(scene):
    version = await imported(scene)
    new = scene.played.release("r1")
    await scene.router.send_all(Backend(new))
    with pytest.raises(SluicewayError) as refused:
        await scene.target.give_back(version)
    assert refused.value.code == "SLW968"


async def test_pods_that_do_not_answer_are_waited_for_and_then_told(scene):
    version = scene.planned()
    scene.api.waiting[version.spec.image] = "CrashLoopBackOff"
    scene.api.edit("Deployment", "shop", {"metadata": {"annotations": {"a": "b"}}}, NAMESPACE, manager="kubectl")
    spec = replace(version.spec, readiness=replace(version.spec.readiness, timeout_s=0))
    with pytest.raises((NotReadyError, SluicewayError)):
        await scene.target.adopt(replace(version, spec=spec))
