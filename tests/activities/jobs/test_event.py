"""What decides about caches and baselines is the event in the message, not the environment of its scripts."""

from collections.abc import Mapping

import pytest

from activities.jobs.event import event_of
from activities.jobs.port import JobInput
from domain.core.values import Json
from domain.pipelines.job import Job, JobKind
from domain.triggers.events import EventKind, EventRef
from workers.core.conversion import CONVERTER

JOB = Job("a", JobKind.RUN)
SCRIPTS = {"SLUICEWAY_EVENT": "push", "SLUICEWAY_BRANCH": "main", "SLUICEWAY_TAG": "v1"}


def received(message: JobInput | Mapping[str, Json]) -> JobInput:
    (read,) = CONVERTER.payload_converter.from_payloads(
        CONVERTER.payload_converter.to_payloads([message]), type_hints=[JobInput]
    )
    assert isinstance(read, JobInput)
    return read


def test_the_event_of_the_message_counts_whatever_the_scripts_are_told() -> None:
    pull = EventRef(EventKind.PULL_REQUEST, "topic")

    assert event_of(received(JobInput("run/x/1", JOB, env=SCRIPTS, event=pull))) == pull


@pytest.mark.parametrize(
    ("env", "expected"),
    [(SCRIPTS, EventRef(EventKind.PUSH, "main", "v1")), ({}, EventRef(EventKind.PULL_REQUEST))],
)
def test_a_message_of_a_version_that_told_only_scripts_is_read(env, expected):
    before = {"run": "run/x/1", "job": {"id": "a", "kind": "run"}, "env": env}

    assert event_of(received(before)) == expected
