"""Whoever holds the server makes the worker in a cluster do nothing that the signer has not permitted there."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.authority.cluster_forms import content, where
from activities.authority.cluster_forms import plain as formed
from activities.kubernetes.memory import MemoryKube
from activities.pods.permits import ordered
from activities.pods.port import ObjectWish
from domain.access.checkpoint import origin_of, short
from domain.authority.cluster_orders import APPLY_REQUEST, CHANGE_OBJECT, CREATE_POD, END_REQUEST, REMOVE_POD
from domain.authority.permit import LIFE_S, Effect, Permit, digest_of, permit_text, plain
from domain.clusters import metadata
from domain.clusters.access import DIALS_OUT, Access
from domain.clusters.impersonation import Impersonated
from domain.clusters.request_ground import policy
from domain.clusters.requests import ClusterRequest, RequestKind, at_home
from domain.core.documents import Manifest, Object
from domain.inventory.dialled import AS_PERSON, Answered, Asked, Call, Deed, May
from domain.pods.object_action import ObjectAction
from tests.activities.clusters.test_request_objects import Api, theirs
from workers.dialling.hands import Hands, Let

NOW = 1_800_000_000.0
KEY, OTHER = Ed25519PrivateKey.from_private_bytes(b"1" * 32), Ed25519PrivateKey.from_private_bytes(b"2" * 32)
LET = Let(may=May.ACT, key=KEY.public_key().public_bytes_raw())
POD: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"}, "spec": {}}
ID = "pod/far/shop/made/1"
MANIFEST: Object = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "main", "image": "busybox"}]}}


@dataclass
class World:
    """A worker in a cluster, and whoever asks it."""

    cluster: Any = field(default_factory=MemoryKube)  # Any: what the worker uses of a client, in memory
    opened: list[Impersonated | None] = field(default_factory=list)
    entries: int = 0
    let: Let = LET

    def __post_init__(self) -> None:
        self.uid = metadata.uid(self.cluster.create(POD))
        self.hands = Hands("far", self.let, self._open, lambda: NOW)

    def _open(self, person: Impersonated | None) -> Any:
        self.opened.append(person)
        return self.cluster

    def deletion(self) -> Object:
        return ordered(ObjectWish("far", ObjectAction.DELETE, "Pod", "shop", "web", self.uid))

    def permit(self, does: str, what: Object, **other: Any) -> Permit:
        self.entries += 1
        made = Permit(
            effect=Effect.CLUSTER,
            subject="far",
            digest=digest_of(what),
            action=does,
            made_at=int(NOW),
            expires_at=int(NOW) + LIFE_S,
            entry=self.entries,
        )
        return replace(made, **other)

    def asks(self, permit: Permit, what: Object, key: Ed25519PrivateKey = KEY, **more: Any) -> Answered:
        """As it comes from the wire."""
        signature = base64.b64encode(key.sign(permit_text(permit))).decode()
        said = json.loads(json.dumps({"permit": plain(permit), "what": what}))
        return self.hands.answer(Asked(deed=Deed(signature=signature, **said, **more)))

    @property
    def is_there(self) -> bool:
        return self.cluster.get("v1", "Pod", "web", "shop") is not None


@pytest.fixture
def world() -> World:
    return World()


def code_of(answer: Answered) -> str:
    return answer.trouble.code if answer.trouble else ""


def test_what_is_permitted_is_done(world: World) -> None:
    answer = world.asks(world.permit(CHANGE_OBJECT, world.deletion()), world.deletion())
    assert (code_of(answer), world.is_there) == ("", False)
    assert "ends, with its grace period" in answer.done["words"]


@pytest.mark.parametrize(
    "other",
    [{"subject": "near"}, {"made_at": int(NOW) - 121}, {"action": "volume"}, {"made_at": int(NOW) - 3_000}],
    ids=["of another cluster", "old", "for another action", "from before it began"],
)
def test_a_permit_for_anything_else_does_nothing(world: World, other: dict[str, Any]) -> None:
    answer = world.asks(world.permit(CHANGE_OBJECT, world.deletion(), **other), world.deletion())
    assert (code_of(answer), world.is_there) == ("SLW016", True)


def test_a_changed_body_does_nothing(world: World) -> None:
    changed = {**world.deletion(), "at": "another"}
    assert code_of(world.asks(world.permit(CHANGE_OBJECT, world.deletion()), changed)) == "SLW016"
    assert world.is_there


def test_a_permit_of_another_signer_does_nothing(world: World) -> None:
    answer = world.asks(world.permit(CHANGE_OBJECT, world.deletion()), world.deletion(), OTHER)
    assert (code_of(answer), world.is_there) == ("SLW016", True)


def test_a_permit_that_was_changed_after_it_was_signed_does_nothing(world: World) -> None:
    permit = world.permit(CHANGE_OBJECT, world.deletion(), subject="near")
    signature = base64.b64encode(KEY.sign(permit_text(permit))).decode()
    forged = {**plain(permit), "subject": "far"}
    answer = world.hands.answer(Asked(deed=Deed(permit=forged, signature=signature, what=world.deletion())))
    assert (code_of(answer), world.is_there) == ("SLW016", True)


@pytest.mark.parametrize("permit", [{}, {"effect": "x"}, {"effect": "cluster", "entry": []}], ids=str)
def test_what_is_no_permit_does_nothing(world: World, permit: dict[str, Any]) -> None:
    answer = world.hands.answer(Asked(deed=Deed(permit=permit, signature="AAAA", what=world.deletion())))
    assert (code_of(answer), world.is_there) == ("SLW016", True)


def test_a_permit_that_is_sent_again_does_nothing(world: World) -> None:
    permit, what = world.permit(CHANGE_OBJECT, world.deletion()), world.deletion()
    world.asks(permit, what)
    world.cluster.create(POD)
    assert code_of(world.asks(permit, what)) == "SLW016"
    assert world.is_there


@pytest.mark.parametrize("may", [May.WATCH, May.READ])
def test_a_permit_moves_no_worker_whose_owner_lets_it_look(may: May) -> None:
    world = World(let=replace(LET, may=may))
    answer = world.asks(world.permit(CHANGE_OBJECT, world.deletion()), world.deletion())
    assert (code_of(answer), world.is_there) == ("SLW977", True)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "PUT", "POST"])
def test_a_server_that_asks_without_a_permit_changes_nothing(world: World, method: str) -> None:
    call = Call(method=method, path="/api/v1/namespaces/shop/pods/web", body="{}")
    assert code_of(world.hands.answer(Asked(call=call))) == "SLW977"
    assert world.is_there
    assert code_of(world.hands.answer(Asked(call=replace(call, method="GET", user="sluiceway:ann")))) == "SLW977"


def creation(**secrets: str) -> Manifest:
    said = content(MANIFEST, {"a.txt": "b"}, dict(secrets))
    return {"where": where(Access(DIALS_OUT), "shop"), "name": "made", "content": said}


def test_a_pod_is_made_with_its_files_and_removed_by_its_own_workflow_alone(world: World) -> None:
    made = world.asks(world.permit(CREATE_POD, creation()), creation(), origin=ID)
    assert (code_of(made), made.done["workflow"]) == ("", ID)
    assert world.cluster.get("v1", "ConfigMap", "made-files", "shop") is not None
    gone: Manifest = {"where": where(Access(DIALS_OUT), "shop"), "name": "made"}
    for step in ("end", "release"):
        other = world.asks(world.permit(REMOVE_POD, gone), gone, origin="pod/far/shop/other/1", more={"step": step})
        assert code_of(other) == "SLW983"
        again = world.asks(world.permit(REMOVE_POD, gone), gone, origin="pod/far/shop/made/2", more={"step": step})
        assert again.done == {"there": "false"}
    assert world.cluster.get("v1", "Pod", "made", "shop") is not None
    world.asks(world.permit(REMOVE_POD, gone), gone, origin=ID, more={"step": "release"})
    assert world.cluster.get("v1", "Pod", "made", "shop") is None


def test_a_pod_that_somebody_else_made_is_not_removed_as_ours(world: World) -> None:
    gone: Manifest = {"where": where(Access(DIALS_OUT), "shop"), "name": "web"}
    world.asks(world.permit(REMOVE_POD, gone), gone, origin="pod/far/shop/web/1", more={"step": "release"})
    assert world.is_there


def test_no_value_of_a_secret_comes_by_way_of_a_server(world: World) -> None:
    what = creation(KEY="vault:key")
    assert code_of(world.asks(world.permit(CREATE_POD, what), what, origin=ID)) == "SLW977"


def test_a_request_is_done_to_the_letter_and_put_back(world: World) -> None:
    asked = ClusterRequest("far", "shop", RequestKind.EXCEPTION, allow_from=("batch",), reason="r", until=10**10)
    closed: Manifest = {"podSelector": {}, "policyTypes": ["Ingress"]}
    world.cluster = Api().put(theirs("NetworkPolicy", "default-deny", closed))
    what: Manifest = {"request": formed(asked)}
    done = world.asks(world.permit(APPLY_REQUEST, what, run="request/far/1"), what)
    assert code_of(done) == ""
    (made,) = (one for (_, name), one in world.cluster.objects.items() if name != "default-deny")
    assert made == policy(at_home("request/far/1", short(origin_of(LET.key))), asked)
    world.asks(world.permit(END_REQUEST, what, run="request/far/1"), what)
    assert list(world.cluster.objects) == [("NetworkPolicy", "default-deny")]


def test_a_request_of_another_cluster_is_not_done_here(world: World) -> None:
    what: Manifest = {"request": formed(ClusterRequest("near", "shop", RequestKind.QUOTA, values={"pods": 5.0}))}
    assert code_of(world.asks(world.permit(APPLY_REQUEST, what, run="request/near/1"), what)) == "SLW983"


def test_people_act_under_their_own_names_where_the_manifest_says_so() -> None:
    world = World(let=replace(LET, impersonate=True))
    permit = world.permit(CHANGE_OBJECT, world.deletion(), person="person:ann", groups=("ops",))
    world.asks(permit, world.deletion())
    assert world.opened == [Impersonated("sluiceway:ann", ("sluiceway:ops",)), None]


def test_nobody_acts_as_the_worker_where_the_engine_wants_their_own_name(world: World) -> None:
    permit = world.permit(CHANGE_OBJECT, world.deletion(), person="person:ann")
    answer = world.asks(permit, world.deletion(), more={AS_PERSON: "true"})
    assert (code_of(answer), world.is_there) == ("SLW977", True)


def test_nothing_that_is_asked_is_answered_with_an_error() -> None:
    assert code_of(World().hands.answer(Asked())) == "SLW983"
