"""Runs a hook of a version: a Job, at most once by its name, whose output is read before anything is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from activities.kubernetes.port import ApplyApi
from domain.clusters import metadata
from domain.clusters.health import condition
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.releases.kubernetes import naming, readiness
from domain.releases.kubernetes.readiness import Seen

POLL_S = 0.5
JOB = ("batch/v1", "Job")


def run(kube: ApplyApi, job: Object, limit_s: float, told: Callable[[str], None], masked: Callable[[str], str]) -> str:
    """Why it failed, with the last line of its output; empty: it succeeded. One that exists already is awaited.

    `masked`: a text without secrets; asked before a text is cut, since half a secret would not be known for one.
    """
    name, namespace = metadata.name(job), metadata.namespace(job)
    if kube.get(*JOB, name, namespace) is None:
        kube.apply(job, manager=naming.WORKLOADS, force=False)
    began = time.monotonic()
    while True:
        found, waited_s = kube.get(*JOB, name, namespace), time.monotonic() - began
        if found is None:
            return f"somebody has removed job {name} while it ran"
        if condition(found, "Complete") == "True":
            return ""
        if condition(found, "Failed") == "True":
            return f"job {name} failed{_last_words(kube, name, namespace, masked)}"
        told(f"waits until job {name} has ended")
        if stuck := readiness.job_is_stuck(found, _seen(kube, name, namespace), waited_s):
            return f"job {name} does not start: {stuck}"
        if waited_s > limit_s:
            return f"job {name} has not ended after {limit_s:g} s{_last_words(kube, name, namespace, masked)}"
        time.sleep(POLL_S)


def forget_failed(kube: ApplyApi, job: Object, limit_s: float, told: Callable[[str], None]) -> None:
    """A Job of this name that has failed makes room for another try."""
    name, namespace = metadata.name(job), metadata.namespace(job)
    if condition(kube.get(*JOB, name, namespace) or {}, "Failed") != "True":
        return
    kube.delete(*JOB, name, namespace)
    deadline = time.monotonic() + limit_s
    while kube.get(*JOB, name, namespace) is not None and time.monotonic() < deadline:
        told(f"waits until the failed job {name} is gone")
        time.sleep(POLL_S)


def _seen(kube: ApplyApi, name: str, namespace: str) -> Seen:
    events = sorted(kube.items("v1", "Event", namespace), key=metadata.event_time)
    return Seen(pods=_pods(kube, name, namespace), events=events)


def _pods(kube: ApplyApi, name: str, namespace: str) -> Sequence[Object]:
    return kube.items("v1", "Pod", namespace, f"batch.kubernetes.io/job-name={name}")


def _last_words(kube: ApplyApi, name: str, namespace: str, masked: Callable[[str], str]) -> str:
    pods = _pods(kube, name, namespace)
    if not pods:
        return "; it had no pod"
    last = Node(max(pods, key=metadata.created))
    container = last.at("spec", "containers").first()["name"].text()
    try:
        text = masked(kube.last_output(namespace, last.at("metadata", "name").text(), container)).strip()
    except SluicewayError:  # it has not run
        return ""
    return f"; last line of its log: {text[-300:]}" if text else ""
