"""What a cluster's worker tells is what the engine's own reading would say of that cluster, or it is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.core.errors import DefinitionError
from domain.inventory.events import event_row
from domain.inventory.model import KINDS, Certificate, EventRow, ObjectRow, WatchRow
from domain.inventory.rows import READERS, unreadable
from domain.inventory.scene import Scene
from domain.inventory.shapes import Event
from domain.inventory.told import DETAILS, MOST_ROWS, Ended, Told, believed
from tests.support.profile import times

NOW = 1_000_000.0
POD = ObjectRow(cluster="far", kind="Pod", namespace="shop", name="web", status="Running")
WATCH = WatchRow(cluster="far", heard_at=NOW, version="v1.34.4")
SCENE = Scene(cluster="far", lost=frozenset(("", "0")))


def told(**given):
    return Told(**{"at": NOW, **given})


def test_every_kind_that_is_watched_has_a_shape():
    assert set(DETAILS) == set(KINDS)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=times(8, 20), deadline=None)
@given(data=st.data())
def test_every_row_that_the_engine_itself_would_make_is_believed_as_it_is(kind, data):
    row = READERS[kind].row(data.draw(st.from_type(READERS[kind].shape)), SCENE)
    row = row if row.name else replace(row, name="n")

    assert believed("far", told(rows=(row,)), NOW).rows == (row,)


@settings(max_examples=times(10, 30), deadline=None)
@given(event=st.from_type(Event))
def test_every_warning_that_the_engine_itself_would_make_is_believed(event):
    row = event_row(event, "far")

    believed("far", told(events=(row if row.uid else replace(row, uid="u"),)), NOW)


def test_an_object_that_could_not_be_read_is_believed():
    row = unreadable("far", "Pod", "shop", "odd", "x" * 1000)

    assert believed("far", told(rows=(row,)), NOW).rows == (row,)


REFUSED = {
    "another cluster's object": {"rows": (replace(POD, cluster="near"),)},
    "another cluster's warning": {"events": (EventRow(cluster="near", uid="u"),)},
    "another cluster's watch": {"watch": replace(WATCH, cluster="near")},
    "a kind of its own": {"rows": (replace(POD, kind="Secret"),)},
    "no name": {"rows": (replace(POD, name=""),)},
    "a long name": {"rows": (replace(POD, name="x" * 254),)},
    "a long status": {"rows": (replace(POD, status="x" * 41),)},
    "a NUL": {"rows": (replace(POD, reason="a\0b"),)},
    "half a character": {"rows": (replace(POD, node="\ud800"),)},
    "not a number": {"rows": (replace(POD, since=float("nan")),)},
    "a number without end": {"rows": (replace(POD, cpu_m=2**60),)},
    "a time that no page can show": {"rows": (replace(POD, since=10.0**12),)},
    "a warning at such a time": {"events": (EventRow(cluster="far", uid="u", last_at=10.0**12),)},
    "details of such a time": {
        "rows": (replace(POD, details={"conditions": [{"type": "Ready", "status": "True", "since": 10**12}]}),)
    },
    "a certificate until such a time": {"watch": replace(WATCH, certificates=(Certificate(name="x", until=10**12),))},
    "details of another shape": {"rows": (replace(POD, details={"labels": ["a"]}),)},
    "details without end": {"rows": (replace(POD, details={"labels": {str(n): "x" for n in range(20_000)}}),)},
    "deep details": {"rows": (replace(POD, details={"own": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}),)},
    "too many rows": {"rows": (POD,) * (MOST_ROWS + 1)},
    "a long key of what is gone": {"gone": (("Pod", "shop", "x" * 300),)},
    "an end at no time": {"ended": (Ended(at=float("inf")),)},
    "a kind that is left out": {"watch": replace(WATCH, unwatched={"Secret": "no"})},
    "a certificate without end": {"watch": replace(WATCH, certificates=(Certificate(name="x" * 300, until=1),))},
    "no time": {"at": -1.0},
}


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_what_is_another_ones_or_no_row_is_refused_whole(given):
    with pytest.raises(DefinitionError) as refused:
        believed("far", told(**given), NOW)
    assert refused.value.code == "SLW978"


def test_a_key_that_a_kind_does_not_have_is_left_out():
    row = replace(POD, details={"phase": "Running", "own": "x"})

    assert believed("far", told(rows=(row,)), NOW).rows[0].details == {"phase": "Running"}


@given(ahead=st.floats(-1e5, 1e5), age=st.floats(0, 1e4))
def test_a_cluster_is_as_old_as_its_own_clock_says_whatever_time_it_shows(ahead, age):
    clock = NOW + ahead
    found = believed("far", Told(at=clock, watch=replace(WATCH, heard_at=clock - age)), NOW).watch

    assert found is not None
    assert found.heard_at == pytest.approx(NOW - age, abs=1e-3)
    assert found.dialled_at == NOW


@given(moment=st.floats(0, 1e10))
def test_nobody_is_heard_of_in_the_future(moment):
    watch = replace(WATCH, heard_at=moment, synced_at=moment, trouble_since=moment)
    found = believed("far", told(watch=watch), NOW).watch

    assert found is not None
    assert max(found.heard_at, found.synced_at, found.trouble_since) <= NOW
