"""An order through a server takes no file, folder, variable or account of the engine's machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from activities.authority.cluster_forms import content, form
from domain.clusters.spec import ClusterSpec, NodePool
from domain.volumes.volume import VolumeAction
from tests.workers.signer.people import (
    People,
    given,
    pod,
    volume,
    wanted,
)


@pytest.mark.parametrize("free", ["file:/root/.kube/config", "env:KUBECONFIG"])
def test_nothing_that_is_ordered_through_a_server_names_a_file_of_the_machine(people: People, free: str) -> None:
    spec = ClusterSpec("edge", "registered", connection={"kubeconfig": free})
    assert given(people, *people.signed(wanted(spec))) == "SLW040"
    assert given(people, pod(content({}, {}, {"T": free}))) == "SLW040"
    assert given(people, volume(VolumeAction.CREATE, host_path="/etc")) == "SLW040"


@pytest.mark.parametrize(
    ("provider", "connection"),
    [
        ("registered", {"kubeconfig": "/srv/jobs/1/checkout/kubeconfig"}),
        ("registered", {"kubeconfig": "kubeconfig"}),
        ("registered", {"kubeconfig": "in-cluster"}),
        ("registered", {}),
        ("cluster-api", {"management": "/srv/jobs/1/checkout/kubeconfig", "class": "c"}),
        ("cluster-api", {"management": "in-cluster", "class": "c"}),
        ("cluster-api", {"management": "", "class": "c"}),
    ],
)
def test_no_kubeconfig_of_the_machine_is_named_by_its_path_nor_by_leaving_it_out(
    people: People, provider: str, connection: dict[str, str]
) -> None:
    """A kubeconfig names programs, which run as the engine; without one, the worker's own account is taken."""
    assert given(people, *people.signed(wanted(ClusterSpec("edge", provider, connection=connection)))) == "SLW040"


def test_a_cluster_that_was_made_by_hand_becomes_none_with_the_workers_own_account(people: People) -> None:
    """The same connection, which is none, is another way with another provider."""
    people.home.hand.order(wanted(ClusterSpec("edge", "host")))
    people.home.again()
    assert given(people, *people.signed(wanted(ClusterSpec("edge", "registered")))) == "SLW040"
    assert given(people, *people.signed(wanted(ClusterSpec("edge", "host", version="1.34")))) == "taken"


def test_a_management_cluster_is_reached_by_a_secret(people: People) -> None:
    spec = ClusterSpec("edge", "cluster-api", connection={"management": "secret:management", "class": "c"})
    assert given(people, *people.signed(wanted(spec))) == "taken"


def test_a_cluster_that_somebody_made_by_hand_from_a_folder_is_scaled_with_the_same_folder_and_no_other(
    people: People,
) -> None:
    near = ClusterSpec("edge", "terraform", connection={"module": "/srv/infra"})
    people.home.hand.order(wanted(near))
    people.home.again()
    more = replace(near, pools=(NodePool("web", 3),))
    assert given(people, *people.signed(wanted(more))) == "taken"
    other = replace(more, connection={"module": "/root"})
    assert given(people, *people.signed(wanted(other), nonce="n2")) == "SLW040"


def test_a_cluster_that_an_earlier_version_was_told_of_is_reached_as_what_it_is_says_and_in_no_other_way(
    people: People,
) -> None:
    """That version kept no more of a cluster than the digest of what it is: so a server sends what it is along."""
    near = ClusterSpec("edge", "terraform", connection={"module": "/srv/infra"})
    clusters = people.home.authority._ledger.clusters
    clusters.ordered(replace(wanted(near), person="", via=""), 0)
    clusters.permitted("edge", "apply", wanted(near).what, "order", 0)
    more = wanted(replace(near, pools=(NodePool("web", 3),)))
    elsewhere = replace(near, connection={"module": "/root"})
    for number, (lie, asked) in enumerate(
        [
            ({}, more),
            (form(elsewhere), more),
            (form(elsewhere), wanted(elsewhere)),
            (form(near), wanted(elsewhere)),
            (form(replace(near, name="lab")), more),
        ]
    ):
        order, proof = people.signed(replace(asked, before=lie), nonce=f"n{number}")
        assert given(people, order, proof) == "SLW040", number
    assert given(people, *people.signed(replace(more, before=form(near)), nonce="last")) == "taken"
    assert given(people, *people.signed(wanted(replace(near, version="1.34")), nonce="later")) == "taken"
