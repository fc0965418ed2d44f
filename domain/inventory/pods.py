"""A pod's row: kubectl's STATUS, Argo CD's health, and why."""

from __future__ import annotations

from itertools import islice

from domain.clusters import pending
from domain.inventory import pod_status
from domain.inventory.details import MOST_ITEMS, ContainerDetails, PodDetails
from domain.inventory.model import MOST_NAME, Health, ObjectRow
from domain.inventory.scene import Scene, ending_since, row, version_of, why_ending
from domain.inventory.shapes import Container, ContainerStatus, Pod, PodSpec, Terminated
from domain.inventory.texts import clean, condition, conditions, cores_m, labels, mebibytes, moment, number
from domain.pods.manifest import WORKFLOW

HASH, ROLLOUT_HASH = "pod-template-hash", "rollouts-pod-template-hash"
ENDED = ("Succeeded", "Failed")
_FAILING = ("BackOff", "Error", "Err")
"""Ends of waiting reasons that do not pass by themselves, as in Argo CD's health of pods."""


def pod_row(pod: Pod, scene: Scene) -> ObjectRow:
    """A pod on a lost node is unknown, whatever was said of it before."""
    containers = pod.spec.containers or ()
    health, status, reason = _seen(pod, scene)
    ended = pod.status.phase in ENDED
    owner = owner_of(pod)
    cpu, memory = (0, 0) if ended else requested(pod.spec)
    made = row(
        scene,
        "Pod",
        pod.metadata,
        health,
        status,
        _details(pod),
        reason=reason,
        since=_since(pod, health),
        node=clean(pod.spec.node_name, MOST_NAME),
        owner=owner,
        version=version_of(pod.metadata, containers[0].image if containers else ""),
        wanted=len(containers),
        ready=sum(one.ready for one in pod.status.container_statuses or ()),
        cpu_m=cpu,
        memory_mb=memory,
    )
    return made if made.service else _of_its_workload(made)


def _of_its_workload(made: ObjectRow) -> ObjectRow:
    kind, _, name = made.owner.partition("/")
    if kind in ("", "Node"):
        return made
    object.__setattr__(made, "service", name)  # nobody else has it yet, and a copy costs as much as the row
    return made


def owner_of(pod: Pod) -> str:
    """`Deployment/web`; of a ReplicaSet that a Deployment made by its hash, as it has no row. Empty: nobody's."""
    owner = next((one for one in pod.metadata.owner_references or () if one.controller), None)
    if owner is None:
        return ""
    labelled = pod.metadata.labels or {}
    kind, name = owner.kind, owner.name
    if kind == "ReplicaSet":
        for label, maker in ((ROLLOUT_HASH, "Rollout"), (HASH, "Deployment")):
            made_by = labelled.get(label)
            if made_by and name.endswith(f"-{made_by}"):
                kind, name = maker, name.removesuffix(f"-{made_by}")
                break
    return f"{clean(kind, 63)}/{clean(name, MOST_NAME)}"


def _seen(pod: Pod, scene: Scene) -> tuple[Health, str, str]:
    phase, status = pod.status.phase, pod_status.status_of(pod)
    if pod.spec.node_name in scene.lost and phase not in ENDED:
        return Health.UNKNOWN, "NodeLost", f"its node {pod.spec.node_name} is not heard of"
    if phase in ENDED and ending_since(pod.metadata):
        return Health.PROGRESSING, status, _why_ending(pod)
    if phase == "Succeeded":
        return Health.HEALTHY, status, ""
    if phase == "Failed":
        return Health.DEGRADED, status, pod.status.message or _of_containers(pod) or pod.status.reason
    if status == "Terminating":
        return Health.PROGRESSING, status, _why_ending(pod)
    if status == "SchedulingGated":
        return Health.SUSPENDED, status, "a scheduling gate holds it back"
    if (failing := _failing(pod)) is not None:
        return Health.DEGRADED, status, failing
    if phase == "Running" and condition(pod.status.conditions, "Ready").status == "True":
        return Health.HEALTHY, status, ""
    return _on_its_way(pod, status)


def _on_its_way(pod: Pod, status: str) -> tuple[Health, str, str]:
    scheduled = condition(pod.status.conditions, "PodScheduled")
    if scheduled.status == "False" and scheduled.reason == "Unschedulable":
        return Health.DEGRADED, status, _unschedulable(pod, scheduled.message or "")
    waiting = next((one for one in _statuses(pod) if one.state and one.state.waiting), None)
    if waiting and waiting.state and waiting.state.waiting:
        said = waiting.state.waiting
        return Health.PROGRESSING, status, said.message or f"container {waiting.name}: {said.reason or 'waiting'}"
    unready = [one.name for one in pod.status.container_statuses or () if not one.ready]
    return Health.PROGRESSING, status, f"not ready: {', '.join(unready[:5])}" if unready else "it is not ready yet"


def _unschedulable(pod: Pod, message: str) -> str:
    """Kubernetes names a node where it preempts others for the pod."""
    why, node = pending.scheduling(message), clean(pod.status.nominated_node_name)
    return f"pods of a lower priority make room for it on node {node}: {why}" if node else why


def _why_ending(pod: Pod) -> str:
    """Source: https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions"""
    disrupted = condition(pod.status.conditions, "DisruptionTarget")
    if disrupted.status == "True" and disrupted.reason == "PreemptionByScheduler":
        return f"it makes room for a pod of a higher priority: {disrupted.message}".removesuffix(": ")
    return why_ending(pod.metadata)


def _failing(pod: Pod) -> str | None:
    """Why a container does not come up, or has died before and is not ready again; None: none does so."""
    for one in _statuses(pod):
        said = one.state.waiting if one.state else None
        if said and said.reason.endswith(_FAILING):
            return _why_waiting(pod, one)
        last = _last_end(one)
        if not one.ready and last and last.exit_code:
            return f"{_end_words(one.name, last)}; {_restarts(one)}"
    return None


def _why_waiting(pod: Pod, one: ContainerStatus) -> str:
    said = one.state.waiting if one.state else None
    assert said is not None
    if said.reason == "CrashLoopBackOff" and (last := _last_end(one)):
        return f"{_end_words(one.name, last)}; {_restarts(one)}, the next after a pause"
    if said.reason in pending.PULL:
        known = [*(pod.spec.containers or ()), *(pod.spec.init_containers or ())]
        image = next((each.image for each in known if each.name == one.name), "")
        return f"the image {clean(image)} cannot be pulled ({said.reason}): {said.message}".removesuffix(": ")
    return f"container {one.name}: {said.reason}: {said.message}".removesuffix(": ")


def _restarts(one: ContainerStatus) -> str:
    return f"{one.restart_count:,} restart{'' if one.restart_count == 1 else 's'}"


def _of_containers(pod: Pod) -> str:
    """How the first container that failed has ended."""
    for one in _statuses(pod):
        ended = one.state.terminated if one.state else None
        if ended and ended.exit_code:
            return _end_words(one.name, ended)
    return ""


def _end_words(name: str, ended: Terminated) -> str:
    how = f"signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}"
    why = f" ({ended.reason})" if ended.reason and ended.reason != "Error" else ""
    said = f": {ended.message}" if ended.message and ended.reason not in ("Error", "Completed", "OOMKilled") else ""
    return f"container {name} ended with {how}{why}{said}"


def _last_end(one: ContainerStatus) -> Terminated | None:
    for state in (one.state, one.last_state):
        if state and state.terminated:
            return state.terminated
    return None


def _statuses(pod: Pod) -> list[ContainerStatus]:
    return [*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ())]


def _since(pod: Pod, health: Health) -> float:
    if asked := ending_since(pod.metadata):
        return asked
    if pod.status.phase in ENDED:
        ends = [one.state.terminated for one in _statuses(pod) if one.state and one.state.terminated]
        return max((moment(one.finished_at) for one in ends), default=0.0) or moment(pod.status.start_time)
    for kind in ("Ready", "PodScheduled"):
        if found := moment(condition(pod.status.conditions, kind).last_transition_time):
            return found
    return moment(pod.status.start_time)


def requested(spec: PodSpec) -> tuple[int, int]:
    """Millicores and MiB that the scheduler counts: all containers, or the largest init container, and the overhead.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
    """
    cpu = memory = 0
    for one in spec.containers or ():
        each = _asked(one)
        cpu, memory = cpu + each[0], memory + each[1]
    most_cpu = most_memory = beside_cpu = beside_memory = 0
    for one in spec.init_containers or ():
        each = _asked(one)
        if one.restart_policy == "Always":  # a sidecar: it goes on beside the others
            beside_cpu, beside_memory = beside_cpu + each[0], beside_memory + each[1]
            each = (0, 0)
        most_cpu, most_memory = max(most_cpu, each[0] + beside_cpu), max(most_memory, each[1] + beside_memory)
    more = spec.overhead or {}
    cpu = max(cpu + beside_cpu, most_cpu) + cores_m(more.get("cpu"))
    memory = max(memory + beside_memory, most_memory) + mebibytes(more.get("memory"))
    return number(cpu), number(memory)


def _asked(one: Container) -> tuple[int, int]:
    said = (one.resources.requests if one.resources else None) or {}
    return cores_m(said.get("cpu")), mebibytes(said.get("memory"))


def claims_of(spec: PodSpec, pod: str = "") -> list[str]:
    """Names of the claims that it mounts; `pod`: for claims that live as long as it."""
    found = []
    for one in islice(spec.volumes or (), MOST_ITEMS):
        if one.persistent_volume_claim:
            found.append(clean(one.persistent_volume_claim.claim_name))
        elif one.ephemeral and pod:
            found.append(clean(f"{pod}-{one.name}"))
    return found


def _details(pod: Pod) -> dict[str, object]:
    spec, status, meta = pod.spec, pod.status, pod.metadata
    found: PodDetails = {
        "phase": clean(status.phase, 40),
        "containers": _containers(pod),
        "restarts": number(sum(one.restart_count for one in status.container_statuses or ())),
        "ip": clean(status.pod_ip, 64),
        "qos": clean(status.qos_class, 40),
        "account": clean(spec.service_account_name),
        "priority": clean(spec.priority_class_name),
        "nominated": clean(status.nominated_node_name),
        "claims": claims_of(spec, meta.name),
        "labels": labels(meta.labels),
        "conditions": conditions(
            [one for one in status.conditions or () if one.status != "True" or one.type == "Ready"]
        ),
        "workflow": clean((meta.annotations or {}).get(WORKFLOW)),
    }
    return {**found}


def _containers(pod: Pod) -> list[ContainerDetails]:
    told = {one.name: one for one in _statuses(pod)}
    inits = [_container(one, told.get(one.name), True) for one in islice(pod.spec.init_containers or (), MOST_ITEMS)]
    return inits + [_container(one, told.get(one.name), False) for one in islice(pod.spec.containers or (), MOST_ITEMS)]


def _container(one: Container, told: ContainerStatus | None, is_init: bool) -> ContainerDetails:
    made: ContainerDetails = {"name": clean(one.name), "image": clean(one.image)}
    if is_init:
        made["init"] = True
    if one.resources:
        if one.resources.requests:
            made["cpu_m"], made["memory_mb"] = _asked(one)
        if limits := one.resources.limits:
            made["cpu_limit_m"], made["memory_limit_mb"] = cores_m(limits.get("cpu")), mebibytes(limits.get("memory"))
    if one.ports:
        made["ports"] = [
            f"{clean(each.name, 63)}{':' if each.name else ''}{each.container_port}/{clean(each.protocol, 8) or 'TCP'}"
            for each in islice(one.ports, MOST_ITEMS)
        ]
    if told:
        _tell(made, told)
    return made


def _tell(made: ContainerDetails, told: ContainerStatus) -> None:
    made["ready"] = told.ready
    if told.restart_count:
        made["restarts"] = number(told.restart_count)
    state = told.state
    if state and state.running:
        made["state"], made["since"] = "running", moment(state.running.started_at)
    elif state and state.waiting:
        made["state"], made["reason"] = "waiting", clean(state.waiting.reason)
        made["message"] = clean(state.waiting.message)
    elif state and state.terminated:
        ended = state.terminated
        made["state"], made["reason"], made["message"] = "terminated", clean(ended.reason), clean(ended.message)
        made["exit_code"], made["since"] = ended.exit_code, moment(ended.finished_at)
    if told.last_state and (last := told.last_state.terminated):
        made["last_reason"], made["last_exit_code"] = clean(last.reason), last.exit_code
        made["last_ended_at"] = moment(last.finished_at)
