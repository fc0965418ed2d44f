"""Requests in clusters that were made elsewhere: their objects looked at, changed, and put back as they were."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from activities.kubernetes.port import REFUSALS, ObjectApi
from domain.clusters import manifests, metadata, request_ground, request_marks, requests
from domain.clusters.request_ground import LABEL, OBJECTS, POLICIES, VERBS, Ground
from domain.clusters.request_marks import Mark
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.core.documents import Node, Object
from domain.core.errors import RefusedError, SluicewayError

CONFLICT = 409
TRIES = 5
"""An object that somebody changes meanwhile is looked at again."""


class Looks(Protocol):
    """What a plan asks of a cluster: nothing is changed by it."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        ...

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Of one namespace."""
        ...

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """Why this access may not do something to the objects of a kind; empty: it may."""
        ...


class Asks(Looks, ObjectApi, Protocol):
    """What can be changed, too."""


def look(kube: Looks, asked: ClusterRequest) -> Ground:
    """A namespace as the API tells it now. Whoever may not look is told so."""
    version, kind = OBJECTS[asked.kind]
    try:
        denied = [
            f"the credential of {asked.cluster} may not {verb} {kind} objects in {asked.namespace}: {why[:200]}"
            for verb in VERBS[asked.kind]
            if (why := kube.refused(version, kind, verb, asked.namespace))
        ]
        if denied:
            return Ground(denied=tuple(denied))
        return Ground(exists=_exists(kube, asked.namespace), objects=_all(kube, version, kind, asked.namespace))
    except SluicewayError as broken:
        return Ground(trouble=(broken.why or broken.what)[:300])


def _exists(kube: Looks, namespace: str) -> bool:
    with contextlib.suppress(SluicewayError):  # whoever may not look at namespaces may still change one
        return kube.get("v1", "Namespace", namespace) is not None
    return True


def _all(kube: Looks, version: str, kind: str, namespace: str = "") -> tuple[Object, ...]:
    return tuple({**one, "apiVersion": version, "kind": kind} for one in kube.items(version, kind, namespace))


def apply(kube: Asks, by: str, asked: ClusterRequest, changed: Callable[[str], None]) -> None:
    """Does a request. What is done already stays as it is. `by`: the request with its home (`requests.at_home`).
    `changed`: is told each object that has something of it, as soon as it has.

    Raises:
        RefusedError: SLW971, it is not what people agreed to any more.
        SluicewayError: the cluster refuses it, or cannot be asked.
    """
    ground = look(kube, asked)
    if ground.trouble:
        raise SluicewayError("SLW943", f"cluster {asked.cluster} cannot be asked", why=ground.trouble)
    begun = [f"{_kind(one)} {metadata.full_name(one)}" for one in ground.objects if _has(one, by)]
    for one in begun:
        changed(one)
    why = next(request_ground.refusals(asked.cluster, ground, asked), "") or request_ground.moved(ground, asked)
    if why and not begun:
        raise RefusedError("SLW971", f"{by} cannot be done", why=why)
    if asked.kind is RequestKind.EXCEPTION:
        _open(kube, by, asked)
        return
    for edit in request_ground.edits(ground, asked):
        mark = Mark(by, asked.until, edit.fields)
        found = edit.object or {**kube.create(request_ground.added(asked)), "kind": OBJECTS[asked.kind][1]}
        _change(kube, found, mark)
        changed(f"{_kind(found)} {metadata.full_name(found)}")


def _has(one: Object, by: str) -> bool:
    """Whether a request has been here: what it began it finishes, whatever it would say by now."""
    return metadata.annotations(one).get(LABEL) == by or any(mark.id == by for mark in request_marks.marks_of(one))


def _open(kube: Asks, by: str, asked: ClusterRequest) -> None:
    wanted = request_ground.policy(by, asked)
    made = kube.create(wanted)
    if metadata.annotations(made).get(LABEL) != by or manifests.differs(wanted["spec"], Node(made)["spec"].value):
        what = f"NetworkPolicy {metadata.full_name(made)} is somebody else's"
        raise RefusedError("SLW971", f"{by} cannot be done", why=what)


def _change(kube: Asks, found: Object, mark: Mark) -> None:
    """Raises:
    RefusedError: SLW971, the object cannot remember it.
    """

    def step(one: Object) -> None:
        try:
            patch = request_marks.done(one, mark)
        except ValueError as full:
            raise RefusedError("SLW971", f"{mark.id} cannot be done", why=str(full)) from full
        if patch is not None:
            kube.patch("v1", _kind(one), metadata.name(one), patch, metadata.namespace(one))

    _until_it_holds(kube, found, step)


def _kind(one: Object) -> str:
    return Node(one)["kind"].text()


def _until_it_holds(kube: Asks, found: Object, step: Callable[[Object], None]) -> None:
    """A step on an object as it is now; again where somebody else was faster."""
    kind, name, namespace = _kind(found), metadata.name(found), metadata.namespace(found)
    for _ in range(TRIES):
        try:
            step(found)
        except SluicewayError as changed:
            if changed.status != CONFLICT:
                raise
        else:
            return
        now = kube.get("v1", kind, name, namespace)
        if now is None:
            return
        found = {**now, "kind": kind}
    raise SluicewayError("SLW943", f"{kind} {namespace}/{name} is changed all the time", why="somebody sets it again")


def take_back(kube: Asks, by: str, asked: ClusterRequest) -> None:
    """Puts back what a request has changed, and no more. What is not there is taken back. `by` as of `apply`."""
    version, kind = OBJECTS[asked.kind]
    if asked.kind is RequestKind.EXCEPTION:
        name = request_ground.policy_name(by)
        found = kube.get(version, kind, name, asked.namespace)
        if found is not None and metadata.annotations(found).get(LABEL) == by:
            kube.delete(version, kind, name, asked.namespace, uid=metadata.uid(found))
        return
    for one in _all(kube, version, kind, asked.namespace):
        _restore(kube, one, by)


def _restore(kube: Asks, found: Object, by: str) -> None:
    def step(one: Object) -> None:
        patch, name, namespace = request_marks.taken_back(one, by), metadata.name(one), metadata.namespace(one)
        if patch is None:
            return
        if request_marks.is_left_over(one, patch):
            kube.delete("v1", _kind(one), name, namespace, uid=metadata.uid(one))
        else:
            kube.patch("v1", _kind(one), name, patch, namespace)

    _until_it_holds(kube, found, step)


def forgotten(kube: Asks, cluster: str, home: str) -> list[str]:
    """Takes back all that has an end of what this installation was asked of a cluster by this name, as nobody will do
    it later; returns what could not be, in words.
    """
    return [*_closed(kube, cluster, home), *_restored(kube, cluster, home)]


def _is_of(marked: str, cluster: str, home: str) -> bool:
    return (requests.cluster_of(marked), requests.home_of(marked)) == (cluster, home)


def _closed(kube: Asks, cluster: str, home: str) -> Iterator[str]:
    version, kind = POLICIES
    for one in kube.items(version, kind, labels=LABEL):
        name, namespace = metadata.name(one), metadata.namespace(one)
        if _is_of(metadata.annotations(one).get(LABEL, ""), cluster, home):
            yield from _tried(partial(kube.delete, version, kind, name, namespace), f"{kind} {namespace}/{name}")


def _restored(kube: Asks, cluster: str, home: str) -> Iterator[str]:
    for kind in ("ResourceQuota", "LimitRange"):
        for one in _all(kube, "v1", kind):
            for mark in request_marks.marks_of(one):
                if mark.until and _is_of(mark.id, cluster, home):
                    yield from _tried(partial(_restore, kube, one, mark.id), f"{kind} {metadata.full_name(one)}")


def _tried(doing: Callable[[], None], what: str) -> Iterator[str]:
    try:
        doing()
    except SluicewayError as refused:
        if refused.status not in REFUSALS:
            raise
        yield what
