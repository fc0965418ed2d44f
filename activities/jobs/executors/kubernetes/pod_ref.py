"""Finds a job's pod again: by a file beside the job, or by its labels."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
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


class LeftoverError(SluicewayError):
    """SLW849: an earlier attempt of the job has left an object."""


@dataclass(frozen=True)
class Made:
    """An object of a job that this worker has made."""

    api_version: str
    kind: str
    name: str
    uid: str

    @staticmethod
    def of(found: Object) -> Made:
        """As the API server answers its creation."""
        node = Node(found)
        return Made(node["apiVersion"].text(), node["kind"].text(), metadata.name(found), metadata.uid(found))


@dataclass(frozen=True)
class Held:
    """A job's pod and the access to its cluster. `cache`: the client's discovery cache file."""

    place: PodRef
    access: Access
    cache: str
    client: Kube | None = None
    """Connected already; None: one of its own."""
    made: tuple[Made, ...] = ()
    """Its objects, in the order of their creation; empty: not known here, they are found by the job's label."""

    @cached_property
    def kube(self) -> Kube:
        """Connects when first used."""
        return self.client or Kube(self.access, Path(self.cache))

    @property
    def name(self) -> str:
        return self.place.name

    @property
    def namespace(self) -> str:
        return self.place.namespace

    def __enter__(self) -> Held:
        return self

    def __exit__(self, *_: object) -> None:
        if "kube" in self.__dict__ and not self.client:
            self.kube.close()

    def write(self, path: Path) -> None:
        """As JSON with the access reference; contains no secret."""
        kept = asdict(replace(self, client=None))
        del kept["client"]
        write_atomically(path, json.dumps(kept))

    @staticmethod
    def read(path: Path) -> Held:
        """Reads what `write` has written."""
        found = json.loads(path.read_text())
        made = tuple(Made(**one) for one in found.get("made", ()))  # earlier versions kept none
        return Held(PodRef(**found["place"]), Access(**found["access"]), found["cache"], made=made)

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
        LeftoverError: an earlier attempt has made it.
        SluicewayError: SLW849, somebody else has made one of this name first: it is not used.
    """
    found = held.kube.create(manifest)
    if metadata.annotations(found).get(HOLDER) != held.place.holder:
        about = f"{Node(found)['kind'].text()} {metadata.name(found)} in {held.namespace}"
        if metadata.labels(found).get(KEY) == held.place.key:
            raise LeftoverError("SLW849", f"{about} is left of an earlier attempt", transient=True)
        what = f"{about} was made by somebody else"
        raise SluicewayError("SLW849", what, why=f"it has no holder {held.place.holder}", fix="remove it")
    return found


def is_ours(held: Held) -> bool:
    """Whether no other worker has taken up the job meanwhile; one that nobody holds is everybody's."""
    seen = held.kube.get("v1", "Pod", held.name, held.namespace)
    holder = metadata.annotations(seen).get(HOLDER, "") if seen else ""
    return not holder or not held.place.holder or holder == held.place.holder


def remove(held: Held) -> None:
    """Removes everything of the job, unless another worker has it now; returns when the pod is gone.

    Raises:
        SluicewayError: SLW951, the pod stays, or the cluster does not answer.
    """
    if not is_ours(held):
        return
    if not held.made:
        clear(held)
        return
    for one in reversed(held.made):
        held.kube.delete(one.api_version, one.kind, one.name, held.namespace, grace_s=_grace(one.kind), uid=one.uid)
    pods = {one.uid for one in held.made if one.kind == "Pod"}
    _gone(held, lambda: metadata.uid(held.kube.get("v1", "Pod", held.name, held.namespace) or {}) not in pods)


def clear(held: Held) -> None:
    """Removes everything with the job's label, whoever has the job; returns when its pods are gone.

    Raises:
        SluicewayError: as `remove`.
    """
    kube, labels = held.kube, f"{KEY}={held.place.key}"
    for version, kind in KINDS:
        for one in kube.items(version, kind, held.namespace, labels):
            kube.delete(version, kind, metadata.name(one), held.namespace, grace_s=_grace(kind))
    _gone(held, lambda: not kube.items("v1", "Pod", held.namespace, labels))


def _grace(kind: str) -> int | None:
    return 0 if kind == "Pod" else None


def _gone(held: Held, happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GONE_S
    while not happened():
        if time.monotonic() > deadline:
            raise SluicewayError(
                "SLW951",
                f"pod {held.namespace}/{held.name} is not deleted",
                why="a finalizer or its node holds it",
                transient=True,
            )
        time.sleep(POLL_S)
