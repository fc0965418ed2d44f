"""What is done to objects of a registered cluster is exactly what people have signed, in its time, and once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.clusters import permits as of_clusters
from domain.approvals.request import EnvironmentRule
from domain.authority.cluster_orders import AGREED_S
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.core.errors import RefusedError
from tests.activities.authority.test_attack_requests import HERE, ID, agrees, opens
from tests.support.signers import Signing


@pytest.fixture
def signing() -> Signing:
    return Signing()


def stays(signing: Signing) -> ClusterRequest:
    return replace(
        opens(signing), kind=RequestKind.QUOTA, allow_from=(), values={"cpu": 12.0}, before={"cpu": 8.0}, until=0
    )


def asks(signing: Signing, asked: ClusterRequest, id_: str = ID, *, back: bool = False) -> str:
    try:
        return signing.client.permit(of_clusters.request(id_, asked, back=back)).permit.basis
    except RefusedError as refused:
        return refused.why if refused.code == "SLW034" else refused.code


def test_what_was_agreed_to_is_done_tried_again_taken_back_and_over(signing: Signing) -> None:
    asked = opens(signing)
    assert asks(signing, asked) == "nobody has signed a decision for it"
    assert asks(signing, asked, back=True) == "nobody has signed a decision for it"
    agrees(signing, asked)
    assert asks(signing, asked, back=True) == "it was not permitted to begin"
    assert [asks(signing, asked), asks(signing, asked)] == ["request", "request"]
    signing.now = asked.until + 1
    assert asks(signing, asked) == "its time is over"
    signing.open()
    assert [asks(signing, asked, back=True), asks(signing, asked, back=True)] == ["request-ended", "request-ended"]
    signing.now = asked.until - 60
    assert asks(signing, asked) == "it was taken back"


@pytest.mark.parametrize(
    "more",
    [
        {"allow_from": ("batch", "evil")},
        {"namespace": "pay"},
        {"until": 10**10},
        {"allow_to": ("0.0.0.0/0",)},
        {"kind": RequestKind.QUOTA, "values": {"cpu": 1.0}},
        {"cluster": "other"},
    ],
)
def test_nothing_else_is_done_than_what_was_signed(signing: Signing, more: dict[str, object]) -> None:
    asked = opens(signing)
    agrees(signing, asked)
    assert asks(signing, replace(asked, **more)) != "request"  # type: ignore[arg-type]
    assert asks(signing, asked) == "request"
    assert asks(signing, replace(asked, **more), back=True) != "request-ended"  # type: ignore[arg-type]


def test_what_stays_is_done_at_once_or_not_at_all(signing: Signing) -> None:
    """A forged message does not raise a limit again that its owner has lowered since."""
    asked = stays(signing)
    agrees(signing, asked)
    assert asks(signing, asked) == "request"
    signing.now += AGREED_S + 1
    assert asks(signing, asked) == "it was done already"
    signing.open()
    assert asks(signing, asked) == "it was done already"


def test_who_may_not_who_asks_and_a_rule_that_wants_two_open_nothing(signing: Signing) -> None:
    agrees(signing, opens(signing, requester="ada"))
    assert "may not decide" in asks(signing, opens(signing, requester="ada"))
    signing.registry.rules["production"] = EnvironmentRule(name="production", quorum=2, kubernetes=HERE)
    alone = opens(signing)
    agrees(signing, alone, id_="request/edge/2")
    assert "the rule of environment production counts" in asks(signing, alone, "request/edge/2")
    both = opens(signing, environment="production")
    agrees(signing, both, id_="request/edge/3")
    assert "1 of 2 approvals" in asks(signing, both, "request/edge/3")
    agrees(signing, both, who="bea", id_="request/edge/3")
    assert asks(signing, both, "request/edge/3") == "request"
    signing.registry.forbidden[("person:bea", "approvals:decide")] = "rbac/none"
    assert asks(signing, both, "request/edge/3") == "bea may not approve there: rbac/none"


def test_a_cluster_from_before_the_signer_lets_nobody_do_it_without_decisions(signing: Signing) -> None:
    signing.authority._ledger.clusters.inherited.add("edge")
    assert asks(signing, opens(signing)) == "nobody has signed a decision for it"
