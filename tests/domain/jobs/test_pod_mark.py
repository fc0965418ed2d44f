"""A mark is good for one pod as it is, one attempt of a job, and the installation's own keys."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.pod_mark import ANNOTATION, is_marked, mark
from tests.support.objects import objects

SECRET, KEY = b"s" * 32, "a" * 32
POD: Any = {
    "metadata": {"uid": "u1"},
    "spec": {
        "initContainers": [{"name": "agent", "image": "agent@sha256:1"}],
        "containers": [{"name": "steps", "image": "job@sha256:1", "command": ["/agent", "run"]}],
    },
}


def marked(pod: Any, secret: bytes = SECRET, key: str = KEY) -> Any:
    made = copy.deepcopy(pod)
    made["metadata"]["annotations"] = {ANNOTATION: mark(secret, key, pod)}
    return made


@given(st.binary(min_size=1), st.binary(min_size=1), st.text(max_size=40), st.text(max_size=40))
def test_another_key_or_attempt_marks_otherwise(secret: bytes, other: bytes, key: str, another: str):
    pod = marked(POD, secret, key)
    assert is_marked([other, secret], key, pod)
    assert is_marked([other], key, pod) == (other.rstrip(b"\0") == secret.rstrip(b"\0"))  # RFC 2104 pads with zeros
    assert is_marked([secret], another, pod) == (another == key)
    assert not is_marked([], key, pod)


@given(objects)
def test_what_a_stranger_makes_is_none(pod: Any):
    assert not is_marked([SECRET], KEY, pod)
