"""Whoever owns a server orders nothing in a cluster: a person has the right, and signs what makes, ends or deletes."""

from __future__ import annotations

import base64
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access.private_keys import public_half
from activities.authority.cluster_forms import content, form, where
from activities.clusters import permits as of_clusters
from activities.pods import permits as pod_permits
from activities.pods.port import NewPod, ObjectWish, PodAt
from domain.access.keys import KeyKind, KeyProof, PersonKey
from domain.authority.cluster_orders import CHANGE_OBJECT, Order, OrderKind
from domain.authority.ledger import Ledger
from domain.authority.order_proofs import objection, order_text
from domain.authority.permit import digest_of
from domain.authority.registrations import By, Registration
from domain.clusters.access import Access
from domain.clusters.spec import NodePool
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.pods.object_action import ObjectAction
from domain.volumes.volume import VolumeAction
from tests.support.passkeys import Passkey
from tests.workers.signer.people import (
    SPEC,
    People,
    claimed,
    code,
    delete,
    given,
    guard,
    pod,
    proof,
    volume,
    wanted,
)
from workers.client.on_engine.orders import home_of
from workers.core.records import Records
from workers.core.settings import Settings
from workers.signer.opening import open_authority


def test_a_person_makes_and_deletes_a_cluster_with_their_own_key(people: People) -> None:
    assert given(people, *people.signed(wanted())) == "taken"
    assert claimed(people.home, of_clusters.change(SPEC, "preflight")) == "taken"
    assert given(people, *people.signed(delete(), nonce="n2")) == "taken"
    assert claimed(people.home, of_clusters.change(SPEC, "undo network")) == "taken"


def test_the_log_says_who_by_which_rule_and_with_which_key_and_a_restart_remembers_it(people: People) -> None:
    whole, shown = people.signed(wanted())
    people.home.server.order(whole, shown)
    last = [one for one in people.home.authority._log.entries() if one.kind == "order"][-1].body

    assert (last["person"], last["what"]) == ("person:ann", whole.what)
    assert str(last["key"]).startswith("SHA256:")
    assert last["rule"]
    assert last["proof"]
    assert "content" not in last
    people.home.again()
    assert given(people, whole, shown) == "SLW049"
    assert claimed(people.home, of_clusters.change(SPEC, "preflight")) == "taken"


@pytest.mark.parametrize("order", [wanted(), delete(), guard(2), volume(VolumeAction.DELETE)])
def test_what_makes_ends_repairs_or_deletes_is_signed_whatever_a_server_says(people: People, order: Order) -> None:
    assert given(people, order) == "SLW049"
    assert given(people, *people.signed(order, by="bob")) == "SLW049"
    assert given(people, *people.signed(order, life_s=-1)) == "SLW049"
    assert given(people, *people.signed(order, life_s=700)) == "SLW049"
    whole, shown = people.signed(order)
    assert given(people, replace(whole, nonce="other"), shown) == "SLW049"
    assert given(people, whole, shown) == "taken"
    assert given(people, whole, shown) == "SLW049"  # once


def test_a_signature_for_one_cluster_is_none_for_another(people: People) -> None:
    whole, shown = people.signed(delete(cluster="lab"))
    assert given(people, replace(whole, cluster="edge"), shown) == "SLW049"

    whole, shown = people.signed(wanted())
    other = form(replace(SPEC, name="prod"))
    moved = replace(whole, cluster="prod", what=digest_of(other), content=other)
    assert given(people, moved, shown) == "SLW049"
    assert given(people, replace(whole, content=other), shown) == "SLW049"
    assert given(people, replace(whole, kind=OrderKind.DELETE), shown) == "SLW049"


def test_a_signature_for_one_installation_is_none_at_another(people: People, tmp_path: Path) -> None:
    """Whose passkey is for the same domain signs for both with it."""
    settings = Settings(tmp_path / "staging", tmp_path / "tools")
    records = Records.at(settings.records)
    open_authority(settings, records)
    staging = home_of(settings)
    records.close()
    assert staging not in ("", people.installation)
    for home in (staging, "-"):
        assert given(people, *people.signed(delete(), home=home)) == "SLW049"
    assert given(people, *people.signed(delete())) == "taken"


def test_a_signature_does_not_let_somebody_do_what_they_may_not(people: People) -> None:
    assert given(people, *people.signed(delete("person:bob"))) == "SLW484"
    assert given(people, *people.signed(wanted(person="person:cat"))) == "SLW484"
    assert given(people, pod(person="person:bob")) == "SLW484"
    assert given(people, pod(person="person:bob", cluster="lab")) == "taken"


def test_an_order_for_a_pod_in_one_cluster_is_none_for_a_pod_in_another(people: People) -> None:
    """bob operates `lab` alone: what he orders there does not name a pod of `edge`."""
    there = pod(person="person:bob", cluster="lab")
    for id_ in ("pod/edge/default/web/1", "pod/lab/x/../edge/default/web/1", "pod/lab/default/web", "cluster/lab", ""):
        assert given(people, replace(there, pod=id_)) == "SLW049"
    at = PodAt(Access("k", ""), "edge", "default", "web", "pod/edge/default/web/1")
    assert claimed(people.home, pod_permits.removal(at)) == "SLW034"


def test_a_pod_that_runs_again_is_the_one_that_was_ordered_whatever_its_workflow_tells(people: People) -> None:
    again = replace(pod(), again=True)
    assert given(people, again) == "SLW049"
    assert given(people, pod()) == "taken"
    people.home.again()
    assert given(people, again) == "taken"
    other = content({"kind": "Pod", "spec": {"hostPID": True}}, {}, {})
    assert given(people, replace(pod(other), again=True)) == "SLW049"
    assert given(people, replace(again, where=digest_of(where(Access("k", ""), "kube-system")))) == "SLW049"
    assert code(lambda: people.home.hand.order(replace(pod(other), again=True))) == "SLW049"


def test_rights_are_enough_for_pods_and_for_what_loses_nothing(people: People) -> None:
    for order in (pod(), guard(0), volume(VolumeAction.CREATE), volume(VolumeAction.SNAPSHOT)):
        assert given(people, order) == "taken"


def test_a_pod_gets_a_secret_from_whoever_may_have_it_and_from_nobody_else(people: People) -> None:
    body = content({"kind": "Pod"}, {}, {"T": "cloud-token"})
    assert given(people, pod(body)) == "SLW484"
    assert given(people, pod(body, person="person:dan")) == "taken"


def test_an_object_is_changed_by_whoever_may_change_the_cluster_once_ordered_and_no_other(people: People) -> None:
    wish = ObjectWish("edge", ObjectAction.RESTART, "Deployment", "shop", "web", "u1", "2026-11-30T04:00:00Z")
    body = pod_permits.ordered(wish)
    order = Order(kind=OrderKind.OBJECT, cluster="edge", what=digest_of(body), content=body, lasts_s=600)
    assert given(people, replace(order, person="person:cat")) == "SLW484"
    assert given(people, replace(order, person="person:bob")) == "SLW484"
    with pytest.raises(SluicewayError, match="SLW034"):
        people.home.hand.permit(pod_permits.change(wish))
    assert given(people, replace(order, person="person:ann")) == "taken"
    people.home.again()
    people.home.hand.permit(pod_permits.change(wish))
    for other in (replace(wish, uid="u2"), replace(wish, cluster="lab"), replace(wish, action=ObjectAction.DELETE)):
        with pytest.raises(SluicewayError, match="SLW034"):
            people.home.hand.permit(pod_permits.change(other))
    assert given(people, replace(order, person="person:ann", content={**body, "action": "delete"})) == "SLW049"


@pytest.mark.parametrize("person", ["owner:owner", "token:t1", "person:", "", "repository:/r"])
def test_a_server_orders_for_a_person_and_for_nobody_else(people: People, person: str) -> None:
    assert given(people, pod(person=person)) == "SLW019"


def test_an_import_is_ordered_by_hand_alone(people: People) -> None:
    order = Order(kind=OrderKind.IMPORT, cluster="production/web", what="d", person="person:ann")
    assert given(people, *people.signed(order)) == "SLW019"


def test_what_is_signed_is_what_is_made_and_not_what_came_beside_it(people: People) -> None:
    assert given(people, replace(pod(), content={})) == "SLW049"
    assert given(people, replace(pod(), content=content({}, {}, {}))) == "SLW049"
    hidden = replace(volume(VolumeAction.DELETE), content=volume(VolumeAction.CREATE).content)
    assert given(people, hidden) == "SLW049"
    assert given(people, replace(pod(), lasts_s=1e9)) == "SLW049"


def test_a_passkey_signs_an_order_and_a_key_in_a_browser_does_not(people: People) -> None:
    passkey, script = Passkey(), Ed25519PrivateKey.generate()
    stored = PersonKey(kind=KeyKind.BROWSER, public=public_half(script))
    for at, key in enumerate((passkey.key, stored)):
        people.home.server.register(*by_key(people.keys["ann"], people.home.enrolment("ann", key), f"k{at}"))
    whole = replace(delete(), expires_at=int(time.time()) + 300, nonce="p1")
    assert given(people, whole, proof(script, whole, people.installation, "browser")) == "SLW049"
    assert given(people, whole, passkey.prove(order_text(whole, people.installation))) == "taken"


def test_a_key_that_nobody_has_confirmed_gives_no_orders() -> None:
    now = time.time()
    whole = replace(delete(), expires_at=int(now) + 300, nonce="u1")
    assert objection(whole, By("ann", key="SHA256:k", confirmed=True), {}, now) == ""
    assert "not confirmed" in objection(whole, By("ann", key="SHA256:k"), {}, now)


def by_key(key: Ed25519PrivateKey, said: Registration, nonce: str) -> tuple[Registration, KeyProof]:
    whole = replace(said, expires_at=int(time.time()) + 300, nonce=nonce)
    return whole, KeyProof(base64.b64encode(key.sign(whole.text())).decode())


def test_by_hand_nothing_is_signed_and_no_other_name_is_written(people: People) -> None:
    people.home.hand.order(replace(wanted(person="person:bob"), by="root by hand"))
    last = [one for one in people.home.authority._log.entries() if one.kind == "order"][-1].body
    assert (last["person"], last["by"], Node(last)["rule"].text()) == ("", "root by hand", "")


def test_a_permit_says_who_ordered_it_and_their_groups_whatever_a_workflow_says(people: People) -> None:
    wish = ObjectWish("edge", ObjectAction.RESTART, "Deployment", "shop", "web", "u1", "2026-11-30T04:00:00Z")
    body = pod_permits.ordered(wish)
    order = Order(kind=OrderKind.OBJECT, cluster="edge", what=digest_of(body), content=body, lasts_s=600)
    assert given(people, replace(order, person="person:ann")) == "taken"
    people.home.again()
    for reason in ("", "as person:dan"):
        permit = people.home.hand.permit(pod_permits.change(replace(wish, reason=reason))).permit
        assert (permit.person, permit.groups) == ("person:ann", ("leads",))
    people.home.hand.order(order)
    assert people.home.hand.permit(pod_permits.change(wish)).permit.person == ""


def test_a_pod_is_made_by_who_ordered_it_last_and_ends_by_itself(people: People) -> None:
    at = PodAt(Access("k", ""), "edge", "default", "web", "pod/edge/default/web/1")
    assert given(people, pod()) == given(people, pod(person="person:dan")) == "taken"
    people.home.again()
    assert people.home.hand.permit(pod_permits.creation(NewPod(at, {"kind": "Pod"}))).permit.person == "person:dan"
    assert people.home.hand.permit(pod_permits.removal(at)).permit.person == ""


def test_that_people_act_under_their_own_names_ends_by_hand_alone(people: People) -> None:
    named = replace(SPEC, connection={"impersonate": "true"})
    people.home.hand.order(wanted(named))
    people.home.again()
    more = replace(named, pools=(NodePool("web", 3),))
    assert given(people, *people.signed(wanted(more))) == "taken"
    assert given(people, *people.signed(wanted(SPEC), nonce="n2")) == "SLW049"
    off = replace(SPEC, connection={"impersonate": "false"})
    assert given(people, *people.signed(wanted(off), nonce="n3")) == "SLW049"
    people.home.hand.order(wanted(SPEC))
    assert given(people, *people.signed(wanted(replace(SPEC, pools=())), nonce="n4")) == "taken"


def test_orders_from_before_they_had_a_person_are_the_engines_own() -> None:
    ledger, digest = Ledger(), digest_of({})
    ledger.apply("order", {"kind": "object", "cluster": "edge", "what": digest, "lasts_s": 60, "by": "root"}, 100)
    assert ledger.clusters.basis("edge", CHANGE_OBJECT, digest, 101) == "order"
    assert ledger.clusters.person("edge", CHANGE_OBJECT, digest, "") == ""


@pytest.mark.parametrize(
    ("kind", "namespace", "name"),
    [
        ("Pod", "shop", "../secrets/token"),
        ("Pod", "shop", ".."),
        ("Pod", "..", "web"),
        ("Pod", "shop", "web/status"),
        ("Secret", "shop", "token"),
        ("Pod", "shop", ""),
    ],
)
def test_an_order_for_an_object_names_no_other_object_by_a_path(
    people: People, kind: str, namespace: str, name: str
) -> None:
    wish = ObjectWish("edge", ObjectAction.DELETE, kind, namespace, name, "u1", "2026-11-30T04:00:00Z")
    body = pod_permits.ordered(wish)
    order = Order(kind=OrderKind.OBJECT, cluster="edge", what=digest_of(body), content=body, person="person:ann")
    assert given(people, replace(order, lasts_s=600)) == "SLW049"
