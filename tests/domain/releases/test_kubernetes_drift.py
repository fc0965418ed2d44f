"""Who has changed what of the objects of a release."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.kubernetes import drift
from tests.support.objects import values

CONTAINERS: dict[str, Any] = {'k:{"name":"main"}': {".": {}, "f:image": {}}}
WANTED: dict[str, Any] = {
    "kind": "Deployment",
    "metadata": {"name": "web-r1"},
    "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "web:1"}]}}},
}


def live(*entries):
    def nested(fields):
        return {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}}

    fields = [
        {"manager": manager, "operation": how, "time": "2026-01-01T00:00:00Z", "fieldsV1": nested(what)}
        for manager, how, what in entries
    ]
    return {"metadata": {"managedFields": fields}}


OURS = ("sluiceway-release", "Apply", CONTAINERS)


def test_a_field_of_a_list_is_named_as_the_server_names_it():
    one = live(("sluiceway-release", "Apply", {}), ("kubectl-set", "Update", CONTAINERS))
    where = '.spec.template.spec.containers[name="main"].image'
    assert drift.lines(WANTED, one) == [f"Deployment web-r1: kubectl-set has set {where} at 2026-01-01T00:00:00Z"]


def test_a_field_that_is_ours_too_is_as_it_was_applied():
    assert drift.lines(WANTED, live(OURS, ("kubectl-set", "Update", CONTAINERS))) == []


def test_what_nobody_applied_is_none_of_ours():
    assert drift.lines(WANTED, live(OURS, ("mesh", "Update", {'k:{"name":"proxy"}': {"f:image": {}}}))) == []


@given(values, st.text())
def test_whatever_a_cluster_says_is_read_without_an_error(said, manager):
    entry = {"manager": manager, "operation": said, "time": said, "fieldsV1": said}
    told = drift.lines(WANTED, {"metadata": {"managedFields": [entry, said]}})
    assert len(told) <= drift.MOST
