"""Whatever stands in the fields that are read, a row is made of it, and it is bounded."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.inventory.causes import blamed, explained
from domain.inventory.details import MOST_ITEMS, MOST_TEXT
from domain.inventory.model import MOST_NAME, MOST_REASON, MOST_STATUS, Health
from domain.inventory.rows import READERS
from domain.inventory.scene import Scene
from domain.inventory.texts import MOST_NUMBER
from tests.support.profile import times

SCENE = Scene(cluster="c", lost=frozenset(("", "0")))


def bounded(value):
    if isinstance(value, str):
        assert len(value) <= MOST_TEXT
        assert "\0" not in value
    elif isinstance(value, dict):
        for key, each in value.items():
            bounded(key)
            bounded(each)
    elif isinstance(value, list):
        assert len(value) <= 2 * MOST_ITEMS
        for each in value:
            bounded(each)
    else:
        assert abs(value) <= MOST_NUMBER


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=times(10, 30))
@given(data=st.data())
def test_every_field_of_a_row_is_bounded_and_only_what_is_not_healthy_has_a_reason(kind, data):
    reader = READERS[kind]
    row = reader.row(data.draw(st.from_type(reader.shape)), SCENE)

    for field in fields(row):
        if field.name not in ("reason", "health"):
            bounded(getattr(row, field.name))
    assert len(row.name) <= MOST_NAME
    assert len(row.status) <= MOST_STATUS
    assert row.status
    assert len(row.reason) <= MOST_REASON
    assert not row.reason or row.health is not Health.HEALTHY


@given(words=st.text(), pods=st.dictionaries(st.text(), st.text()))
def test_a_reason_that_another_object_gives_is_bounded(words, pods):
    row = READERS["Deployment"].row(READERS["Deployment"].shape(), SCENE)

    assert len(explained(row, words).reason) <= MOST_REASON
    assert len(blamed(row, pods).reason) <= MOST_REASON
