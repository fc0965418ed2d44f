"""What a permit says, done: each reads all that decides what happens from what was signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from activities.clusters import request_objects
from activities.core import serialization as serial
from activities.kubernetes.port import ApplyApi
from activities.pods import making
from activities.pods.objects import changed
from activities.pods.port import NewPod, ObjectWish, PodAt
from domain.authority.cluster_orders import APPLY_REQUEST, CHANGE_OBJECT, CREATE_POD, END_REQUEST, REMOVE_POD
from domain.authority.permit import Permit
from domain.clusters import metadata, requests
from domain.clusters.access import DIALS_OUT, Access
from domain.clusters.requests import ClusterRequest
from domain.core import ids
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.inventory.dialled import Deed
from domain.pods.manifest import NO_SECRETS, WORKFLOW
from domain.pods.object_action import ObjectAction

RELEASED_S = 30.0
"""How long a pod may take to go: whoever has asked waits for a minute."""


@dataclass(frozen=True)
class Wanted:
    """What is permitted in which cluster."""

    cluster: str
    permit: Permit
    deed: Deed
    home: str
    """Of the installation whose permit it is, as objects name it."""

    @property
    def what(self) -> Node:
        """All that was signed by its digest."""
        return Node(dict(self.deed.what))


class Does(Protocol):
    """One kind of deed. `api`: the worker's own client; `hands`: of whoever has ordered it, or the worker's."""

    def __call__(self, wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]: ...


def do(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> dict[str, str]:
    """What came of it.

    Raises:
        SluicewayError: what kept it.
    """
    try:
        return dict(_DEEDS[wanted.permit.action](wanted, api, hands))
    except (ValueError, TypeError, LookupError) as odd:
        raise RefusedError("SLW983", "what is permitted cannot be read", why=str(odd)[:300]) from odd


def _change_object(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]:
    about, what = wanted.what["object"].strings(), wanted.what
    wish = ObjectWish(wanted.cluster, ObjectAction(what["action"].text()), **about, at=what["at"].text())
    done = changed(wish, api, lambda: hands)
    return {"refusal": done.refusal, "words": done.words}


def _apply_request(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]:
    """What was changed before it was refused is said: it is taken back."""
    changed = list[str]()
    try:
        request_objects.apply(api, _by(wanted), _request(wanted), changed.append)
    except RefusedError as refused:
        return {"refusal": refused.why or refused.what, "changed": "; ".join(changed)}
    return {}


def _end_request(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]:
    request_objects.take_back(api, _by(wanted), _request(wanted))
    return {}


def _by(wanted: Wanted) -> str:
    return requests.at_home(wanted.permit.run, wanted.home)


def _request(wanted: Wanted) -> ClusterRequest:
    asked = serial.load(ClusterRequest, json.dumps(wanted.what["request"].value))
    if asked.cluster != wanted.cluster:
        raise ValueError("the request is about another cluster")
    return asked


def _create_pod(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]:
    content, at = wanted.what["content"], _at(wanted)
    if content["secrets"].strings():
        raise RefusedError("SLW977", NO_SECRETS)
    is_kept = wanted.deed.more.get("logs_by_watch") == "true"
    new = NewPod(at, dict(content["manifest"].object()), content["files"].strings(), logs_by_watch=is_kept)
    found = making.made(hands, new, {})
    return {"uid": metadata.uid(found), "workflow": metadata.annotations(found).get(WORKFLOW, "")}


def _remove_pod(wanted: Wanted, api: ApplyApi, hands: ApplyApi) -> Mapping[str, str]:
    """Of a pod that a workflow of ours has made: the permit names it, and its own note says whose it is."""
    at, more = _at(wanted), wanted.deed.more
    found = api.get("v1", "Pod", at.name, at.namespace)
    if found is None or not making.is_of(at, found) or more.get("uid") not in ("", None, metadata.uid(found)):
        return {"there": "false"}
    if more.get("step") == "end":
        making.ended(api, at)
        return {"there": "true"}
    there = making.released(api, at, found, is_lost=more.get("lost") == "true", within_s=RELEASED_S)
    return {"there": str(there).lower()}


def _at(wanted: Wanted) -> PodAt:
    """Raises:
    ValueError: its workflow is none of a pod of this name.
    """
    name, namespace = wanted.what["name"].text(), wanted.what.at("where", "namespace").text()
    if not ids.is_of_pod(wanted.deed.origin, wanted.cluster, namespace, name):
        raise ValueError("no workflow of this pod asks for it")
    return PodAt(Access(DIALS_OUT), wanted.cluster, namespace, name, wanted.deed.origin)


_DEEDS: Mapping[str, Does] = {
    CHANGE_OBJECT: _change_object,
    APPLY_REQUEST: _apply_request,
    END_REQUEST: _end_request,
    CREATE_POD: _create_pod,
    REMOVE_POD: _remove_pod,
}
