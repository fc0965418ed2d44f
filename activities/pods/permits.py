"""What the activities of pods claim from the signer before they create, delete or change something."""

from __future__ import annotations

from activities.authority.cluster_forms import content, where
from activities.pods.port import NewPod, ObjectWish, PodAt
from domain.authority.cluster_orders import CHANGE_OBJECT, CREATE_POD, REMOVE_POD
from domain.authority.permit import Claim, Effect
from domain.core.documents import Manifest, Object


def creation(new: NewPod) -> Claim:
    """A pod with all that it is given."""
    return _claim(new.at, CREATE_POD, {"content": content(new.manifest, new.files, new.secrets)})


def removal(at: PodAt) -> Claim:
    """A pod that is deleted, or whose finalizer is removed."""
    return _claim(at, REMOVE_POD, {})


def change(wish: ObjectWish) -> Claim:
    """What is done to an object that no workflow of ours owns."""
    return Claim(effect=Effect.CLUSTER, subject=wish.cluster, what=ordered(wish), action=CHANGE_OBJECT)


def ordered(wish: ObjectWish) -> Object:
    """All that decides what happens. The reason is for people."""
    return {
        "object": {"kind": wish.kind, "namespace": wish.namespace, "name": wish.name, "uid": wish.uid},
        "action": str(wish.action),
        "at": wish.at,
    }


def _claim(at: PodAt, action: str, more: Manifest) -> Claim:
    what: Manifest = {"where": where(at.access, at.namespace), "name": at.name, **more}
    return Claim(effect=Effect.CLUSTER, subject=at.cluster, what=what, action=action, origin=at.workflow)
