"""Real API servers: a cluster and its pods by the command line's own calls, from the template to the last process."""

import json
import os
import secrets
import signal
from dataclasses import replace

import pytest

from activities.clusters.providers.local import linux_host as machine
from activities.clusters.providers.local.control_plane import ControlPlane
from activities.clusters.providers.local.host_node import HostNode
from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from domain.clusters.access import Access
from domain.clusters.autoscaling import ScalePolicy
from domain.clusters.health import condition
from domain.clusters.lifecycle import Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, NodePool, Quota, registered
from domain.core.errors import SluicewayError
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.pods.status import PodPhase
from domain.secrets.rules import SecretUse
from tests.support.built_programs import built, needs_host
from tests.support.kube_status import named
from tests.support.lab import Lab, until
from tests.support.supervised import pids
from tests.workflows.clusters.test_clusters import settled
from workers.client.clusters import Clusters
from workflows.pods.messages import PodInput

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
BUSYBOX = "sluiceway.local/busybox:1"


@pytest.fixture
async def lab(temporal_address, tmp_path):
    async with Lab.on(temporal_address, tmp_path, built=built()) as made:
        yield made


async def cluster(lab, provider, **more):
    spec = ClusterSpec(f"real-{secrets.token_hex(3)}", provider, **more)
    await Clusters(lab.engine).ask(spec)
    state = await settled(Clusters(lab.engine), spec.name, Status.READY, Status.FAILED)
    assert state.status is Status.READY, state.blocker
    return state


async def gone(lab, state):
    await Clusters(lab.engine).delete(state.spec.name)
    ended = await lab.engine.client.get_workflow_handle(f"cluster/{state.spec.name}").result()
    assert ended["status"] == "deleted"
    assert lab.wired.clusters.providers[state.spec.provider].leftovers(state.spec) == []


def asked(state, name, *command, namespace="default", **spec):
    manifest = pod_manifest.manifest(PodSpec(BUSYBOX, command, **spec))
    return PodInput(
        Access(state.reference, state.spec.context), state.spec.name, namespace, name, manifest, timeout_s=90
    )


async def test_pods_on_a_real_node_run_as_nobody_and_leave_their_logs(lab):
    needs_host()
    state = await cluster(lab, "host", quotas=(Quota("team", cpu=1, pods=1),))
    try:
        clusters = Clusters(lab.engine)
        lab.secret("cloud-token", "hunter2hunter2", by_hand=True)
        wish = asked(state, "fine", "sh", "-c", "id; test $A$T = bhunter2hunter2", env={"A": "b"}, secrets=("T",))
        fine = await clusters.pod_result(
            await clusters.start_pod(replace(wish, secrets={"T": "cloud-token"}, use=SecretUse(by_hand=True)))
        )
        bad = await clusters.pod_result(await clusters.start_pod(asked(state, "bad", "sh", "-c", "exit 3")))
        lost = await clusters.pod_result(await clusters.start_pod(asked(state, "lost", "no-such-program")))

        assert (fine.phase, fine.gap) == (PodPhase.SUCCEEDED, "")
        assert b"uid=65532" in lab.wired.store.get(fine.logs)
        assert (bad.phase, bad.exit_code) == (PodPhase.FAILED, 3)
        assert "no-such-program" in lost.reason

        await clusters.start_pod(asked(state, "one", "sleep", "100", namespace="team"))
        second = await clusters.pod_result(await clusters.start_pod(asked(state, "two", "true", namespace="team")))
        assert "quota" in second.reason
    finally:
        await gone(lab, state)


async def test_fifty_simulated_pods_are_told_about_in_one_stream(lab):
    state = await cluster(lab, "kwok", pools=(NodePool("web", 10),))
    try:
        clusters = Clusters(lab.engine)
        ids = [await clusters.start_pod(asked(state, f"p{number}")) for number in range(50)]
        for id_ in ids:
            view = await _running(clusters, id_)
            assert view.node.startswith(f"{state.spec.name}-web-")
        for id_ in ids:
            await clusters.end_pod(id_)
        ended = [await clusters.pod_result(id_) for id_ in ids]
        assert {one.reason for one in ended} == {"cancelled"}
        lengths = [
            len((await clusters.engine.client.get_workflow_handle(id_).fetch_history()).events) for id_ in ids[:5]
        ]
        assert max(lengths) < 60
    finally:
        await gone(lab, state)


async def _running(clusters, id_):
    async def running():
        view = await clusters.pod(id_)
        return view if view.phase is PodPhase.RUNNING else None

    return await until(running, 60)


async def whole_again(kube):
    """Scheduler and nodes have found the server again: a pod runs that nobody here looks after."""
    plain = named(pod_manifest.manifest(PodSpec(BUSYBOX)), "plain")
    await until(lambda: created(kube, plain)["status"]["phase"] == "Running", 90)


def created(kube, manifest):
    """Or found; the server may refuse all while it starts."""
    try:
        return kube.create(manifest)
    except SluicewayError:
        return {"status": {"phase": ""}}


def activities(event):
    """Of a task of its own, or of a workflow's: those are in markers, in Temporal's own words."""
    if name := event.activity_task_scheduled_event_attributes.activity_type.name:
        yield name
    for data in event.marker_recorded_event_attributes.details["data"].payloads:
        yield json.loads(data.data)["activity_type"]


async def test_after_an_api_server_was_killed_pods_are_still_told_about_and_not_asked_for(lab):
    state = await cluster(lab, "kwok")
    clusters, kube = Clusters(lab.engine), Kube(Access(state.reference), discovery(lab.settings.clusters, "killed"))

    async def runs(name):
        id_ = await clusters.start_pod(asked(state, name))

        async def there():
            return (await clusters.pod(id_)).phase is PodPhase.RUNNING

        await until(there, 60)
        return id_

    try:
        first = await runs("first")
        for part in ("etcd", "kube-apiserver"):
            os.kill(pids(lab.settings.clusters / state.spec.name / "run" / part)[0], signal.SIGKILL)
        await until(lambda: kube.ready() == "", 60)
        await whole_again(kube)
        second = await runs("second")
        for id_ in (first, second):
            await clusters.end_pod(id_)
            await clusters.pod_result(id_)
        history = await clusters.engine.client.get_workflow_handle(second).fetch_history()

        assert [name for event in history.events for name in activities(event)] == ["create-pod", "end-pod"]
    finally:
        kube.close()
        await gone(lab, state)


async def test_a_pod_that_no_node_has_room_for_says_so(lab):
    state = await cluster(lab, "kwok", pools=(NodePool("small", 2, cpu=1),))
    try:
        clusters = Clusters(lab.engine)
        id_ = await clusters.start_pod(asked(state, "big", cpu=8))
        view = await _told(clusters, id_)
        assert "no node has enough cpu free" in view.reason
        await clusters.end_pod(id_)
        await clusters.pod_result(id_)
    finally:
        await gone(lab, state)


async def _told(clusters, id_):
    async def told():
        view = await clusters.pod(id_)
        return view if "no node" in view.reason else None

    return await until(told, 60)


async def test_a_cluster_of_others_is_registered_used_and_left_as_it_is(lab):
    state, clusters = await cluster(lab, "kwok"), Clusters(lab.engine)
    known = registered(f"known-{secrets.token_hex(3)}", state.reference, state.spec.name)
    try:
        await clusters.ask(known)
        theirs = await settled(clusters, known.name, Status.READY, Status.FAILED)
        assert (theirs.status, theirs.health.ready) == (Status.READY, 1), theirs.blocker
        id_ = await clusters.start_pod(asked(theirs, "guest"))
        await _running(clusters, id_)
        await clusters.end_pod(id_)
        await clusters.pod_result(id_)

        await gone(lab, theirs)
        await clusters.heal(state.spec.name)
        assert (await settled(clusters, state.spec.name, Status.READY, Status.DEGRADED)).status is Status.READY
    finally:
        await gone(lab, state)


@pytest.mark.timeout(300)
async def test_of_200_nodes_5_that_are_lost_are_replaced_and_of_120_none_is_touched(lab):
    state, clusters = await cluster(lab, "kwok", pools=(NodePool("web", 200),)), Clusters(lab.engine)
    name, kube = state.spec.name, Kube(Access(state.reference), discovery(lab.settings.clusters, state.spec.name))
    try:
        await clusters.guard(name, RepairPolicy(actions_an_hour=8, node_grace_s=1))
        lose(kube, [f"{name}-web-{number}" for number in range(3)])
        await _healed(clusters, name, lambda view: view.done)  # while these are recreated, others are lost
        lose(kube, [f"{name}-web-{number}" for number in (3, 4)])
        await _healed(clusters, name, lambda view: len(view.done) == 5 and not view.seen.nodes)
        await until(lambda: len(kube.items("v1", "Node")) == 200, 60)
        await settled(clusters, name, Status.READY)

        await clusters.guard(name, RepairPolicy(actions_an_hour=1000, node_grace_s=3600))  # until all of them are seen
        lose(kube, [f"{name}-web-{number}" for number in range(120)])
        await _healed(clusters, name, lambda view: len(view.seen.nodes) == 120)
        await clusters.guard(name, RepairPolicy(actions_an_hour=1000, node_grace_s=1))
        view = await _healed(
            clusters, name, lambda view: "the circuit breaker is open: 120 of 200" in view.log[-1].words
        )
        assert (len(view.done), len(kube.items("v1", "Node"))) == (5, 200)
    finally:
        kube.close()
        await gone(lab, state)


def lose(kube, names):
    for one in names:
        kube.patch("v1", "Node", one, {"metadata": {"annotations": {"sluiceway.dev/simulate": "lost"}}})


async def _healed(clusters, name, done):
    async def there():
        view = await clusters.healing(name)
        return view if view.seen and done(view) else None

    return await until(there, 120)


async def test_a_real_node_that_is_cut_off_is_made_anew_and_its_pod_runs_elsewhere(lab):
    needs_host()
    state, clusters = await cluster(lab, "host", pools=(NodePool("web", 2),)), Clusters(lab.engine)
    name, kube = state.spec.name, Kube(Access(state.reference), discovery(lab.settings.clusters, state.spec.name))
    here, there = f"{name}-web-0", f"{name}-web-1"
    try:
        kube.patch("v1", "Node", here, {"spec": {"unschedulable": True}})
        wish = replace(asked(state, "moves", "sh", "-c", "trap exit TERM; sleep 600 & wait"), idempotent=True)
        moves = await clusters.start_pod(replace(wish, timeout_s=160))
        assert (await _running(clusters, moves)).node == there
        kube.patch("v1", "Node", here, {"spec": {"unschedulable": False}})

        await clusters.guard(
            name, RepairPolicy(max_unready=0.5, node_grace_s=12)
        )  # the watch of pods looks every five seconds
        machine.ip("link", "set", HostNode(ControlPlane(lab.settings.clusters / name, built(), name), 2).cable, "down")
        await _healed(clusters, name, lambda view: [one.target for one in view.done] == [there])

        async def elsewhere():
            view = await clusters.pod(moves)
            return view.phase is PodPhase.RUNNING and view.node == here

        await until(elsewhere)
        await until(lambda: condition(kube.get("v1", "Node", there) or {}, "Ready") == "True")
        await clusters.end_pod(moves)
    finally:
        kube.close()
        await gone(lab, state)


async def test_a_pool_grows_for_pods_that_find_no_room_and_shrinks_when_they_have_gone(lab):
    pools = (NodePool("web", 1, cpu=1, max_count=4, min_count=1),)
    state, clusters = await cluster(lab, "kwok", pools=pools), Clusters(lab.engine)
    name = state.spec.name
    try:
        await clusters.guard(name, RepairPolicy(scale=ScalePolicy(pending_s=0, idle_s=1)))
        ids = [await clusters.start_pod(asked(state, f"p{number}", cpu=0.6)) for number in range(3)]
        for id_ in ids:
            await _running(clusters, id_)
        assert (await settled(clusters, name, Status.READY)).spec.pools[0].count >= 3
        for id_ in ids:
            await clusters.end_pod(id_)

        async def small():
            now = await clusters.view(name)
            return now.spec.pools[0].count == 1 and now.status is Status.READY

        await until(small, 90)
    finally:
        await gone(lab, state)


async def test_a_pod_on_a_node_that_is_lost_is_placed_anew_and_the_node_replaced(lab):
    state, clusters = await cluster(lab, "kwok", pools=(NodePool("web", 5),)), Clusters(lab.engine)
    name, kube = state.spec.name, Kube(Access(state.reference), discovery(lab.settings.clusters, state.spec.name))
    try:
        moved = await clusters.start_pod(replace(asked(state, "moved"), idempotent=True))
        node = (await _running(clusters, moved)).node
        await clusters.guard(name, RepairPolicy(node_grace_s=1))
        lose(kube, [node])
        await _healed(clusters, name, lambda view: [one.target for one in view.done] == [node])

        async def elsewhere():
            view = await clusters.pod(moved)
            return view.phase is PodPhase.RUNNING and PodPhase.UNKNOWN in {t.phase for t in view.transitions}

        await until(elsewhere, 60)
        await until(lambda: len(kube.items("v1", "Node")) == 5)
        await clusters.end_pod(moved)
        await clusters.pod_result(moved)
    finally:
        kube.close()
        await gone(lab, state)
