"""The mark by which the engine knows a job's pod again: a MAC (HMAC-SHA256, RFC 2104) that is bound to the pod's uid.

A name, labels and a Secret beside it prove nothing: whoever may write pods in the namespace of jobs can make such a
pod. The API server gives each one a uid that nobody chooses and none has twice.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable

from domain.clusters import metadata
from domain.core.documents import Node, Object

ANNOTATION = "sluiceway.dev/mark"
_PURPOSE = b"a pod of a job"
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_PROGRAM = ("name", "image", "command", "args")


def mark(secret: bytes, key: str, pod: Object) -> str:
    """Of the pod of one attempt of a job, with the programs that it runs. `key`: the attempt's."""
    own = hmac.digest(secret, _PURPOSE, hashlib.sha256)
    spec = Node(pod)["spec"]
    programs = [[kind, *(one[part].value for part in _PROGRAM)] for kind in _CONTAINERS for one in spec[kind]]
    said = json.dumps([key, metadata.uid(pod), programs], separators=(",", ":"))
    return hmac.new(own, said.encode(), hashlib.sha256).hexdigest()


def is_marked(secrets: Iterable[bytes], key: str, pod: Object) -> bool:
    """Whether one of the installation's keys has marked this very pod, as it is, for this attempt."""
    found = metadata.annotations(pod).get(ANNOTATION, "").encode()
    known = bool(metadata.uid(pod))
    return known and any(hmac.compare_digest(mark(secret, key, pod).encode(), found) for secret in secrets)
