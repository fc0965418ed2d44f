"""As whom people act in clusters: never as somebody that the cluster knows from elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.clusters.impersonation import PREFIX, Impersonated, acting, impersonated, ordered_by, refusal
from domain.core.errors import RefusedError

ANN = Principal(kind=PrincipalKind.PERSON, name="ann", groups=("ops", "leads"))
AS_ANN = Impersonated("sluiceway:ann", ("sluiceway:leads", "sluiceway:ops"))
NO = 'pods is forbidden: User "sluiceway:ann" cannot create resource "pods" in API group "" in the namespace "shop"'


def test_a_person_has_a_prefix_and_so_has_each_group():
    assert impersonated(ANN) == AS_ANN


@given(st.sampled_from(PrincipalKind), st.text(), st.lists(st.text(), max_size=5))
def test_whatever_somebody_is_called_no_header_breaks_and_no_name_of_the_cluster_is_taken(kind, name, groups):
    try:
        found = impersonated(Principal(kind=kind, name=name, groups=tuple(groups)))
    except RefusedError:
        return
    for one in (found.user, *found.groups):
        assert one.startswith(PREFIX)
        assert one.isascii()
        assert one.isprintable()
        assert one == one.strip()


@given(st.sampled_from([kind for kind in PrincipalKind if kind != PrincipalKind.PERSON]), st.text(), st.text())
def test_a_machine_is_never_taken_for_a_person(kind, name, person):
    try:
        machine = impersonated(Principal(kind=kind, name=name))
        human = impersonated(Principal(kind=PrincipalKind.PERSON, name=person))
    except RefusedError:
        return
    assert machine.user != human.user


def test_the_owner_of_the_home_acts_as_the_engine_and_a_token_as_its_person():
    token = Principal(kind=PrincipalKind.TOKEN, name="t1")
    assert acting(Caller(principal=OWNER)) is None
    assert acting(Caller(principal=ANN, channel="console")) == ANN
    assert acting(Caller(principal=token, channel="api", rights_of=ANN)) == ANN
    assert acting(Caller(principal=OWNER, channel="api")) == OWNER


def test_what_a_permit_says_is_a_person_or_nobody():
    assert ordered_by("", ()) is None
    assert ordered_by("person:ann", ("leads", "ops")) == Principal(
        kind=PrincipalKind.PERSON, name="ann", groups=("leads", "ops")
    )
    with pytest.raises(RefusedError, match="SLW976"):
        ordered_by("owner:owner", ())


def test_a_refusal_by_rbac_names_the_person_and_the_role_binding_that_helps():
    found = refusal(AS_ANN, "creating Pod shop/web", NO)
    assert found is not None
    assert (found.code, "sluiceway:ann" in found.what) == ("SLW974", True)
    assert "rolebinding sluiceway-ann -n shop --clusterrole=edit --user=sluiceway:ann" in found.fix


@pytest.mark.parametrize(
    "said",
    [
        'pods "web" is forbidden: exceeded quota: tenant',
        'pods "web" is forbidden: violates PodSecurity "restricted:latest"',
        'pods is forbidden: User "sluiceway:annabel" cannot create resource "pods"',
    ],
)
def test_what_a_quota_or_a_policy_refuses_is_no_matter_of_rbac(said):
    assert refusal(AS_ANN, "creating Pod shop/web", said) is None


def test_a_credential_that_may_not_impersonate_is_another_matter_than_a_person_who_may_not():
    said = 'users "sluiceway:ann" is forbidden: User "engine" cannot impersonate resource "users" in API group ""'
    found = refusal(AS_ANN, "creating Pod shop/web", said)
    assert found is not None
    assert found.code == "SLW975"
