"""What an API server says is read without trust: an object of any shape gives defaults, and never an error."""

from __future__ import annotations

import pytest
from hypothesis import given

from domain.clusters import (
    add_ons,
    autoscaling,
    health,
    manifests,
    metadata,
    other_namespaces,
    remediation,
    running_images,
    topology,
)
from domain.clusters.namespace_diagram import namespace_diagram
from domain.core.documents import Object
from tests.support.objects import objects

READERS = {
    "repairs": lambda one: remediation.survey([one], [one]),
    "autoscaling": lambda one: autoscaling.load([one], [one], {}),
    "health": lambda one: health.of_nodes([one], "", {}),
    "a condition": lambda one: health.why_not(one, "Ready"),
    "usage": lambda one: health.in_use(health.ClusterHealth(), [one, {**one, "usage": one}]),
    "the diagram": lambda one: namespace_diagram([one], [one], [one]),
    "images": lambda one: running_images.images([one]),
    "what is scanned": lambda one: (running_images.looked_at(one), running_images.written(one, "Pod")),
    "add-ons": lambda one: (add_ons.unready("Deployment", one), add_ons.stays("a", one, [one])),
    "the Cluster API": lambda one: (topology.waits_for(one), topology.held_by(one, 0)),
    "drift": lambda one: manifests.differs(one, one),
    "other namespaces": lambda one: other_namespaces.open_ones([one], [one]),
    "marks": lambda one: metadata.marked(one, labels={"a": "b"}),
}


@pytest.mark.parametrize("reader", READERS)
@given(one=objects)
def test_an_object_of_any_shape_is_read_without_an_error(reader, one):
    READERS[reader](one)


def test_marks_are_added_to_what_an_object_says_already() -> None:
    one: Object = {"kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web"}}}
    assert metadata.marked(one, labels={"ours": "yes"}) == {
        "kind": "Pod",
        "metadata": {"name": "web", "labels": {"app": "web", "ours": "yes"}},
    }


@pytest.mark.parametrize("text", ["NaN", "inf", "1e999", "many", ""])
def test_a_quantity_that_is_no_finite_number_counts_nothing(text):
    assert health.quantity(text) == 0
