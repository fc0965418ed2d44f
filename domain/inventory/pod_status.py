"""A pod's status in a word, as kubectl's column STATUS has it.

Source: https://github.com/kubernetes/kubernetes/blob/master/pkg/printers/internalversion/printers.go (printPod)
"""

from __future__ import annotations

from domain.inventory.scene import ending_since
from domain.inventory.shapes import ContainerStatus, Pod, Terminated
from domain.inventory.texts import condition, number, word

KNOWN = frozenset(
    (
        *("Pending", "Running", "Succeeded", "Failed", "Unknown", "Completed", "Error", "Terminating", "NotReady"),
        *("ContainerCreating", "PodInitializing", "CrashLoopBackOff", "SchedulingGated", "Evicted", "Preempting"),
        *("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable"),
        *("ImageInspectError", "SignatureValidationFailed", "CreateContainerConfigError", "CreateContainerError"),
        *("PreCreateHookError", "PreStartHookError", "PostStartHookError", "RunContainerError", "StartError"),
        *("ContainerCannotRun", "ContainerStatusUnknown", "OOMKilled", "DeadlineExceeded", "SetupNetworkError"),
        *("NodeLost", "NodeAffinity", "NodeShutdown", "Shutdown", "Terminated", "UnexpectedAdmissionError"),
        *("TopologyAffinityError", "OutOfcpu", "OutOfmemory", "OutOfpods", "OutOfephemeral-storage"),
        *("NodePorts", "PodOSNotSupported", "SysctlForbidden", "AppArmor", "Other"),
    )
)
"""A stranger may write any word as a status's reason; what is not here is `Other`."""


def status_of(pod: Pod) -> str:
    """`Running`, `CrashLoopBackOff`, `Init:1/2`, `Terminating`, …"""
    said = pod.status
    reason = said.reason or said.phase or "Pending"
    if condition(said.conditions, "PodScheduled").reason == "SchedulingGated":
        reason = "SchedulingGated"
    begun = _initializing(pod)
    if begun and condition(said.conditions, "Initialized").status != "True":
        reason = begun
    else:
        reason = _of_containers(pod, reason)
    if ending_since(pod.metadata):
        if said.reason == "NodeLost":
            return "Unknown"
        if said.phase not in ("Succeeded", "Failed"):
            return "Terminating"
    return _closed(reason)


def _closed(reason: str) -> str:
    begins, _, rest = reason.partition(":")
    if begins == "Init":
        of = rest.partition("/")
        counted = of[0].isdigit() and of[2].isdigit()
        return reason if counted or rest.startswith(("Signal:", "ExitCode:")) else f"Init:{word(rest, KNOWN)}"
    return reason if begins in ("Signal", "ExitCode") else word(reason, KNOWN)


def _initializing(pod: Pod) -> str:
    """What its init containers are at; empty: they are done."""
    sidecars = {one.name for one in pod.spec.init_containers or () if one.restart_policy == "Always"}
    for place, one in enumerate(pod.status.init_container_statuses or ()):
        ended = one.state.terminated if one.state else None
        waiting = one.state.waiting if one.state else None
        if (ended and not ended.exit_code) or (one.name in sidecars and one.started):
            continue
        if ended:
            return f"Init:{ended.reason or _end(ended)}"
        if waiting and waiting.reason and waiting.reason != "PodInitializing":
            return f"Init:{waiting.reason}"
        return f"Init:{place}/{len(pod.spec.init_containers or ())}"
    return ""


def _of_containers(pod: Pod, reason: str) -> str:
    """The first container's word counts: it is looked at last."""
    has_running = False
    for one in reversed(pod.status.container_statuses or ()):
        told = _of_container(one)
        reason = told or reason
        has_running |= not told and one.ready and bool(one.state and one.state.running)
    if reason == "Completed" and has_running:
        return "Running" if condition(pod.status.conditions, "Ready").status == "True" else "NotReady"
    return reason


def _of_container(one: ContainerStatus) -> str:
    if one.state and one.state.waiting and one.state.waiting.reason:
        return one.state.waiting.reason
    if one.state and one.state.terminated:
        return one.state.terminated.reason or _end(one.state.terminated)
    return ""


def _end(ended: Terminated) -> str:
    if ended.signal:
        return f"Signal:{number(ended.signal) % 1000}"
    return f"ExitCode:{number(ended.exit_code) % 1000}"
