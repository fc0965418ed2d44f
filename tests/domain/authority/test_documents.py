"""A document is told to the signer under its own name, and only if it is of a kind that a server registers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.actions import DANGEROUS
from domain.authority.documents import KINDS, kind_of, of_document
from domain.authority.topics import TOLD
from domain.core.errors import DefinitionError


@given(st.sampled_from(sorted(KINDS)), st.text(), st.text())
def test_what_is_told_is_the_document_and_nothing_else(kind: str, name: str, document: str) -> None:
    said = of_document(kind, name, document)
    assert (said.topic, said.name, said.body) == (KINDS[kind].topic, name, {"document": document})
    assert KINDS[kind].named(name).id == f"{KINDS[kind].resource}:{name}"


@given(st.text())
def test_every_other_kind_stays_on_the_host(kind: str) -> None:
    if kind not in KINDS:
        with pytest.raises(DefinitionError, match="SLW477"):
            kind_of(kind)


def test_every_document_is_signed_and_asks_for_a_second_factor() -> None:
    assert {one.action for one in KINDS.values()} <= DANGEROUS
    assert not {one.topic for one in KINDS.values()} & TOLD
