"""Pods, claims and quotas are read without trust: an object of any shape gives defaults, and never an error."""

from __future__ import annotations

import pytest
from hypothesis import given

from domain.clusters import pending
from domain.jobs import job_pod
from domain.pods import manifest, status
from domain.volumes import snapshots, volume
from domain.volumes.volume import VolumeSpec
from tests.support.objects import objects

SPEC = VolumeSpec("data", from_snapshot="before")
READERS = {
    "a pod's phase": lambda one: status.status_of(one, status.nodes_of([one])),
    "the end of a pod": lambda one: status.is_gone(one),
    "why a pod waits": lambda one: pending.cause(one, [one]),
    "a given manifest": lambda one: manifest.with_ownership(one, "web", "team", "pod/web"),
    "a claim": lambda one: volume.status_of(one, one, one, [one], [one], "fast"),
    "orphans": lambda one: volume.orphans([one], [one], [one]),
    "a snapshot": lambda one: (snapshots.ready(one), snapshots.class_of(one, [one])),
    "what a snapshot cannot be restored for": lambda one: snapshots.not_restored(SPEC, one),
    "contents of snapshots": lambda one: list(snapshots.orphans([one], [one])),
    "a job's pod": lambda one: (job_pod.refused(one, ["db"]), job_pod.waits_for(one, ["db"])),
    "a quota": lambda one: job_pod.too_much({"cpu": 1.0, "pods": 1.0}, [one], now=True),
}


@pytest.mark.parametrize("reader", READERS)
@given(one=objects)
def test_an_object_of_any_shape_is_read_without_an_error(reader, one):
    READERS[reader](one)
