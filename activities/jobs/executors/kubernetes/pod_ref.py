"""Finds a job's pod again: by a file beside the job, or by its labels."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from activities.core.files import write_atomically
from activities.kubernetes.client import Kube
from activities.kubernetes.exec import hang_up, open_exec
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.core.documents import Node, Object
from domain.core.errors import SluicewayError
from domain.jobs.job_pod import HOLDER, KEY, STEPS, PodRef

FILE = "pod.json"
KINDS = (("v1", "Pod"), ("v1", "Secret"), ("networking.k8s.io/v1", "NetworkPolicy"))
GONE_S = 60.0
POLL_S = 0.1


@dataclass(frozen=True)
class Held:
    """A job's pod and the access to its cluster. `cache`: the client's discovery cache file."""

    place: PodRef
    access: Access
    cache: str

    @cached_property
    def kube(self) -> Kube:
        """Connects when first used."""
        return Kube(self.access, Path(self.cache))

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def namespace(self) -> str:
        return self.place.namespace

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        if "kube" in self.__dict__:
            self.kube.close()

    def write(self, path: Path) -> None:
        """As JSON with the access reference; contains no secret."""
        write_atomically(path, json.dumps(asdict(self)))

    @staticmethod
    def read(path: Path) -> Held:
        """Reads what `write` has written."""
        found = json.loads(path.read_text())
        return Held(PodRef(**found["place"]), Access(**found["access"]), found["cache"])

    def said(self, command: list[str]) -> str:
        """The standard output of a short command."""
        stream = open_exec(self.kube, self.namespace, self.name, STEPS, command)
        try:
            stream.run_forever(timeout=10)
            return stream.read_channel(1).decode("utf-8", "replace")
        finally:
            hang_up(stream)


def made(held: Held, manifest: Object) -> Object:
    """The object of a job, made now; its holder is a word that nobody knew before.

    Raises:
        SluicewayError: SLW849, somebody else has made one of this name first: it is not used.
    """
    found = held.kube.create(manifest)
    if metadata.annotations(found).get(HOLDER) != held.place.holder:
        what = f"{Node(found)['kind'].text()} {metadata.name(found)} in {held.namespace} was made by somebody else"
        raise SluicewayError("SLW849", what, why=f"it has no holder {held.place.holder}", fix="remove it")
    return found


def is_ours(held: Held) -> bool:
    """Whether no other worker has taken up the job meanwhile; one that nobody holds is everybody's."""
    seen = held.kube.get("v1", "Pod", held.name, held.namespace)
    holder = metadata.annotations(seen).get(HOLDER, "") if seen else ""
    return not holder or not held.place.holder or holder == held.place.holder


def remove(held: Held) -> None:
    """Removes everything with the job's key, unless another worker has it now; returns when the pod is gone.

    Raises:
        SluicewayError: SLW951, the pod stays, or the cluster does not answer.
    """
    if not is_ours(held):
        return
    clear(held)


def clear(held: Held) -> None:
    """As `remove`, whoever has the job.

    Raises:
        SluicewayError: as `remove`.
    """
    kube, labels = held.kube, f"{KEY}={held.place.key}"
    for version, kind in KINDS:
        for one in kube.items(version, kind, held.namespace, labels):
            grace = 0 if kind == "Pod" else None
            kube.delete(version, kind, metadata.name(one), held.namespace, grace_s=grace)
    deadline = time.monotonic() + GONE_S
    while kube.items("v1", "Pod", held.namespace, labels):
        if time.monotonic() > deadline:
            raise SluicewayError(
                "SLW951",
                f"pod {held.namespace}/{held.name} is not deleted",
                why="a finalizer or its node holds it",
                transient=True,
            )
        time.sleep(POLL_S)
