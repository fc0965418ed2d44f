"""What the activities of pods claim from the signer before they create or delete one."""

from __future__ import annotations

from activities.authority.cluster_forms import content, where
from activities.pods.port import NewPod, PodAt
from domain.authority.cluster_orders import CREATE_POD, REMOVE_POD
from domain.authority.permit import Claim, Effect
from domain.core.documents import Manifest


def creation(new: NewPod) -> Claim:
    """A pod with all that it is given."""
    return _claim(new.at, CREATE_POD, {"content": content(new.manifest, new.files, new.secrets)})


def removal(at: PodAt) -> Claim:
    """A pod that is deleted, or whose finalizer is removed."""
    return _claim(at, REMOVE_POD, {})


def _claim(at: PodAt, action: str, more: Manifest) -> Claim:
    what: Manifest = {"where": where(at.access, at.namespace), "name": at.name, **more}
    return Claim(effect=Effect.CLUSTER, subject=at.cluster, what=what, action=action, origin=at.workflow)
