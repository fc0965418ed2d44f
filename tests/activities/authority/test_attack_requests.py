"""Whoever can forge every message opens nothing in a cluster: what people have agreed to is in their own signatures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.authority.cluster_forms import form
from activities.clusters import permits as of_clusters
from activities.core import serialization as serial
from domain.approvals.request import ApprovalSubject, Decision, EnvironmentRule, Trust, VerifiedIdentity
from domain.approvals.scope import document
from domain.authority.cluster_orders import KNOWN, LOOK, Order, OrderKind
from domain.authority.permit import digest_of
from domain.clusters import requests
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.clusters.spec import ClusterSpec, Network, Quota
from domain.core.errors import RefusedError
from domain.releases.kubernetes.registered import text_of
from tests.support.signers import Signing

ID = "request/edge/1"
QUOTAS = (Quota("shop", cpu=8.0, allow_from=("gateway",)), Quota("pay", cpu=4.0))
SPEC = ClusterSpec("edge", "memory", network=Network(isolated=True), quotas=QUOTAS)


@pytest.fixture
def signing() -> Signing:
    made = Signing()
    made.client.order(Order(kind=OrderKind.CLUSTER, cluster="edge", what=digest_of(form(SPEC))))
    assert asks(made, SPEC) == "order"
    return made


HERE = text_of({"target": {"kubernetes": {"cluster": "edge", "namespace": "shop"}}})


def opens(signing: Signing, **more: object) -> ClusterRequest:
    until = int(signing.now) + 86_400
    plain = ClusterRequest(
        "edge", "shop", RequestKind.EXCEPTION, allow_from=("batch",), reason="r", until=until, requester="ann"
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def agrees(signing: Signing, asked: ClusterRequest, who: str = "ada", id_: str = ID, approve: bool = True) -> None:
    """A signed decision about exactly this request."""
    signing.registry.people.setdefault(who, VerifiedIdentity(True, (), (), True))
    scope = signing.put(document(requests.scope_of(id_, asked)))
    rule = signing.registry.rule(asked.environment).digest
    subject = ApprovalSubject(
        f"approval/{id_}/change", "n", "change", version=2, environment=asked.environment, rule=rule, scope=scope
    )
    made = Decision(
        approver=who, approve=approve, binding=subject, expires_at=signing.now + 60, signature=f"{who}{id_}"
    )
    signing.client.decision(made)


def asks(signing: Signing, spec: ClusterSpec, id_: str = "", action: str = LOOK) -> str:
    """The basis of the permit, or why there is none."""
    try:
        return signing.client.permit(of_clusters.change(replace(spec, asked_by=id_), action)).permit.basis
    except RefusedError as refused:
        return refused.why if refused.code == "SLW034" else refused.code


def test_what_one_who_may_has_agreed_to_is_done_and_taken_back_and_not_done_again(signing: Signing) -> None:
    asked = opens(signing)
    now = requests.applied(SPEC, asked)
    assert asks(signing, now, ID) == "nobody has signed a decision for it"
    agrees(signing, asked)
    assert asks(signing, now, ID) == "request"
    assert asks(signing, now, ID, KNOWN) == "remembered"
    signing.now = asked.until + 1
    assert asks(signing, SPEC, ID) == "request-ended"
    signing.now -= 1_000
    assert asks(signing, now, ID) == "it was taken back"
    signing.open()
    assert asks(signing, now, ID) == "it was taken back"
    assert asks(signing, SPEC) == "remembered"


def test_a_priority_class_is_what_was_agreed_to_and_nothing_else(signing: Signing) -> None:
    asked = ClusterRequest("edge", "", RequestKind.PRIORITY, name="high", reason="r", requester="ann")
    asked = requests.bound(SPEC, replace(asked, values={"value": 5.0}))
    agrees(signing, asked)
    for evil in (replace(asked, values={"value": 6.0}), replace(asked, name="higher")):
        assert "would be other than" in asks(signing, requests.applied(SPEC, evil), ID)
    assert asks(signing, requests.applied(SPEC, asked), ID) == "request"
    assert asks(signing, SPEC, ID) == "request-ended"


def test_a_restarted_signer_takes_back_what_it_permitted(signing: Signing) -> None:
    asked = opens(signing)
    agrees(signing, asked)
    assert asks(signing, requests.applied(SPEC, asked), ID) == "request"
    signing.open()
    assert asks(signing, SPEC, ID) == "request-ended"


@pytest.mark.parametrize(
    "other",
    [
        lambda spec: replace(spec, quotas=(replace(spec.quotas[0], allow_to=("0.0.0.0/0",)), spec.quotas[1])),
        lambda spec: replace(spec, quotas=(spec.quotas[0], replace(spec.quotas[1], allow_from=("batch",)))),
        lambda spec: replace(spec, quotas=(replace(spec.quotas[0], cpu=80.0), spec.quotas[1])),
        lambda spec: replace(spec, network=Network()),
        lambda spec: replace(spec, connection={"folder": "/tmp/evil"}),
    ],
)
def test_more_than_was_agreed_to_is_not_done(signing: Signing, other) -> None:
    asked = opens(signing)
    agrees(signing, asked)
    assert "other than what was agreed" in asks(signing, other(requests.applied(SPEC, asked)), ID)
    assert asks(signing, other(SPEC), ID) != "request"


def test_who_asks_does_not_decide_it(signing: Signing) -> None:
    agrees(signing, opens(signing, requester="ada"))
    assert "may not decide" in asks(signing, requests.applied(SPEC, opens(signing)), ID)


def test_a_rejection_and_a_decision_about_another_request_open_nothing(signing: Signing) -> None:
    asked = opens(signing)
    agrees(signing, asked, approve=False)
    assert asks(signing, requests.applied(SPEC, asked), ID) == "ada has rejected it"
    agrees(signing, asked, who="eve", id_="request/edge/2")
    assert asks(signing, requests.applied(SPEC, asked), "request/edge/3") == "nobody has signed a decision for it"
    assert asks(signing, requests.applied(SPEC, asked), "request/other/2") == "nobody has signed a decision for it"


def test_who_may_not_approve_in_the_cluster_opens_nothing(signing: Signing) -> None:
    signing.registry.forbidden[("person:ada", "approvals:decide")] = "rbac/none"
    agrees(signing, opens(signing))
    assert asks(signing, requests.applied(SPEC, opens(signing)), ID) == "ada may not approve there: rbac/none"


def test_it_is_not_done_after_its_time(signing: Signing) -> None:
    asked = opens(signing)
    agrees(signing, asked)
    signing.now = asked.until
    assert asks(signing, requests.applied(SPEC, asked), ID) == "its time is over"


def test_the_rule_of_the_environment_says_who_has_to_agree(signing: Signing) -> None:
    asked = opens(signing, environment="production")
    signing.registry.rules["production"] = EnvironmentRule(name="production", quorum=2, kubernetes=HERE)
    agrees(signing, asked)
    assert "1 of 2 approvals" in asks(signing, requests.applied(SPEC, asked), ID)
    agrees(signing, asked, who="bea")
    assert asks(signing, requests.applied(SPEC, asked), ID) == "request"


@pytest.mark.parametrize("named", ["", "trial", "nowhere"])
def test_a_server_does_not_choose_whose_rule_counts(signing: Signing, named: str) -> None:
    """Two have to agree in production; the server asks one, as if the namespace were nobody's, or a trial's."""
    signing.registry.rules["production"] = EnvironmentRule(name="production", quorum=2, kubernetes=HERE)
    signing.registry.rules["trial"] = EnvironmentRule(name="trial", trust=Trust.OPEN)
    asked = opens(signing, environment=named)
    agrees(signing, asked)
    assert "the rule of environment production counts" in asks(signing, requests.applied(SPEC, asked), ID)


def test_a_key_that_nobody_has_confirmed_agrees_to_nothing(signing: Signing) -> None:
    """A server could have registered it."""
    signing.registry.people["ada"] = VerifiedIdentity(True, (), (), True, confirmed=False)
    asked = opens(signing)
    agrees(signing, asked)
    assert "not confirmed" in asks(signing, requests.applied(SPEC, asked), ID)


def test_an_exception_ends_whatever_was_signed(signing: Signing) -> None:
    for at, until in enumerate((0, int(signing.now + 60 * 86_400))):
        asked, id_ = opens(signing, until=until), f"request/edge/{at + 5}"
        agrees(signing, asked, id_=id_)
        assert asks(signing, requests.applied(SPEC, asked), id_) in (
            "an exception ends, and this one does not",
            "it would hold for too long",
        )


@pytest.mark.parametrize("asked", [{}, {"kind": RequestKind.QUOTA, "values": {"cpu": 80.0}, "until": 0}])
def test_what_somebody_orders_after_a_request_is_the_last_word(signing: Signing, asked: dict[str, object]) -> None:
    """A forged message does not do an old request once more."""
    wanted = requests.bound(SPEC, opens(signing, **asked)) if asked else opens(signing)
    agrees(signing, wanted)
    assert asks(signing, requests.applied(SPEC, wanted), ID) == "request"
    signing.client.order(Order(kind=OrderKind.CLUSTER, cluster="edge", what=digest_of(form(SPEC))))
    assert asks(signing, SPEC) == "order"
    assert "done already" in asks(signing, requests.applied(SPEC, wanted), ID)
    signing.open()
    assert "done already" in asks(signing, requests.applied(SPEC, wanted), ID)


def test_a_rule_that_has_changed_since_asks_again(signing: Signing) -> None:
    asked = opens(signing, environment="production")
    signing.registry.rules["production"] = EnvironmentRule(name="production", kubernetes=HERE)
    agrees(signing, asked)
    signing.registry.rules["production"] = EnvironmentRule(name="production", quorum=1, kubernetes=HERE)
    assert "has changed since" in asks(signing, requests.applied(SPEC, asked), ID)


def test_nothing_is_taken_back_that_was_not_done_by_a_request(signing: Signing) -> None:
    """A limit that somebody lowered by hand is not raised again by a request that nobody agreed to."""
    asked = requests.bound(SPEC, opens(signing, kind=RequestKind.QUOTA, values={"cpu": 2.0}))
    lowered = requests.applied(SPEC, asked)
    signing.client.order(Order(kind=OrderKind.CLUSTER, cluster="edge", what=digest_of(form(lowered))))
    assert asks(signing, lowered) == "order"
    agrees(signing, asked, approve=False)
    assert asks(signing, SPEC, ID) == "ada has rejected it"


def test_a_request_takes_no_cluster_down_and_repairs_nothing(signing: Signing) -> None:
    agrees(signing, opens(signing))
    evil = replace(requests.applied(SPEC, opens(signing)), connection={"x": "y"})
    for action in ("undo network", "repair", "volume"):
        assert "a request is for no" in asks(signing, evil, ID, action)


def test_a_clusters_digest_does_not_depend_on_who_asked_for_it() -> None:
    assert form(replace(SPEC, asked_by=ID)) == form(SPEC)
    loaded = serial.load(ClusterSpec, serial.dump(replace(SPEC, asked_by=ID)))
    assert loaded.asked_by == ID
