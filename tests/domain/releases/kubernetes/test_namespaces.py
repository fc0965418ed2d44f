"""Whatever is registered, in whatever order: no namespace of a cluster has two environments."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from domain.authority.registrations import By, Register, Registration, Topic, objection
from domain.core.documents import Manifest
from domain.releases.kubernetes.registered import registered, text_of

names = st.sampled_from(("blue", "green", "red"))


@st.composite
def documents(draw: st.DrawFn) -> Manifest:
    """One cluster, several, or none."""
    place: Manifest = {"namespace": draw(names)}
    if draw(st.booleans()):
        place["cluster"] = draw(names)
    else:
        place["clusters"] = {name: {} for name in draw(st.lists(names, min_size=1, max_size=2))}
    return {"target": draw(st.sampled_from(({"kubernetes": place}, "local", None)))}


def said(name: str, document: Manifest) -> Registration:
    return Registration(topic=Topic.ENVIRONMENT, name=name, body={"document": json.dumps(document)})


@given(st.lists(st.tuples(names, documents()), max_size=8))
def test_no_namespace_has_two_environments_and_whoever_is_refused_is_told_of_the_other(many) -> None:
    register = Register()
    for name, document in many:
        statement = said(name, document)
        why = objection(register, statement, By(), 0)
        if not why:
            register.apply(statement, By())
        assert not why or any(f"environment {other}'s" in why for other in register.environments if other != name)
    places = [
        (cluster, found.namespace)
        for document in register.environments.values()
        if (found := registered(text_of(document)))
        for cluster in found.clusters
    ]
    assert len(places) == len(set(places))


@given(st.recursive(st.none() | st.text() | st.integers(), lambda some: st.dictionaries(st.text(), some), max_leaves=5))
def test_a_document_of_any_shape_is_no_error(document) -> None:
    assert isinstance(objection(Register(), said("red", document), By(), 0), str)
