"""Whatever a server answers, nothing raises, nothing grows without bound, and one object hides no other."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.inventory.decoding import Unfit, decoder_of
from activities.inventory.gathered import Gathered
from activities.inventory.port import MOST_GOING
from activities.inventory.sinks import ObjectSink, Surroundings, WarningSink
from activities.inventory.warnings import AT_ONCE
from domain.core.errors import SluicewayError
from domain.inventory import shapes
from domain.inventory.details import MOST_ITEMS, MOST_TEXT
from domain.inventory.events import event_row
from domain.inventory.model import MOST_NAME, MOST_REASON, MOST_STATUS, EventRow
from domain.inventory.rows import READERS
from domain.inventory.scene import Scene
from domain.inventory.texts import MOST_NUMBER, amount, clean, moment
from tests.support.played_writer import NoWriter
from tests.support.profile import times

WORDS = st.sampled_from(
    ["name", "namespace", "uid", "status", "spec", "metadata", "phase", "conditions", "type", "reason"]
)
STRANGE = st.text(max_size=20) | st.sampled_from(["\0", "\ud800", "A" * 9000, "2026-01-01T00:00:00Z", "9" * 400, "1Ei"])
NUMBERS = st.integers() | st.sampled_from([2**63, -(2**200)]) | st.floats(allow_nan=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | STRANGE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | STRANGE, inner, max_size=4),
    max_leaves=12,
)
FITS = st.fixed_dictionaries(
    {"metadata": st.fixed_dictionaries({"name": STRANGE, "labels": st.dictionaries(STRANGE, STRANGE)})}
)


def bounded(value):
    """Everything in a row's details."""
    if isinstance(value, str):
        assert len(value) <= MOST_TEXT
        assert "\0" not in value
        value.encode()  # no lone surrogate
    elif isinstance(value, dict):
        for key, each in value.items():
            bounded(key)
            bounded(each)
    elif isinstance(value, list):
        assert len(value) <= 2 * MOST_ITEMS
        for each in value:
            bounded(each)
    elif isinstance(value, int):
        assert abs(value) <= MOST_NUMBER


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=times(10, 30))
@given(one=JSON | FITS)
def test_any_json_is_a_row_or_unfit_and_never_an_error(kind, one):
    around = Surroundings(Gathered("c", NoWriter()), Scene(cluster="c"))
    sink = ObjectSink(READERS[kind], around)
    row = sink._row(decoder_of(READERS[kind].shape).one(json.dumps(one).encode("utf-8", "surrogatepass")))

    if row is not None:
        assert len(row.name) <= MOST_NAME
        assert len(row.reason) <= MOST_REASON
        assert len(row.status) <= MOST_STATUS
        for field in fields(row):
            bounded(getattr(row, field.name) if field.name != "reason" else "")
        json.dumps(dict(row.details), allow_nan=False).encode()


@given(body=st.binary(max_size=200) | JSON.map(lambda one: json.dumps(one).encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_page_or_a_refusal(body):
    with contextlib.suppress(SluicewayError):
        decoder_of(shapes.Pod).page(body)


@given(one=JSON)
def test_any_event_is_bounded(one):
    found = decoder_of(shapes.Event).one(json.dumps(one).encode("utf-8", "surrogatepass"))
    if not isinstance(found, Unfit):
        row = event_row(found, "c")
        assert row.count >= 1
        assert row.first_at <= row.last_at
        assert len(row.message) <= 1000


@given(text=STRANGE, most=st.integers(1, 300))
def test_a_text_is_cut_and_any_database_takes_it(text, most):
    made = clean(text, most)

    assert len(made) <= most
    assert "\0" not in made.encode().decode()


@given(text=STRANGE)
def test_a_time_and_an_amount_are_numbers(text):
    assert 0 <= moment(text) <= 253_402_300_799
    assert amount(text) >= 0


def test_a_page_with_one_strange_object_has_all_others():
    pods = [{"metadata": {"name": name}} for name in ("a", "b")]
    page = {
        "metadata": {"resourceVersion": "7", "continue": "next"},
        "items": [pods[0], {"metadata": {"name": "s"}, "spec": 1}, pods[1]],
    }
    found = decoder_of(shapes.Pod).page(json.dumps(page).encode())

    assert [one.name if isinstance(one, Unfit) else one.metadata.name for one in found.items] == ["a", "s", "b"]
    assert (found.version, found.go_on) == ("7", "next")


def test_a_field_that_is_null_has_its_default():
    one = decoder_of(shapes.Pod).one(
        b'{"metadata": {"name": "a", "uid": null}, "spec": null, "status": {"phase": null}}'
    )

    assert not isinstance(one, Unfit)
    assert (one.metadata.uid, one.spec.node_name, one.status.phase) == ("", "", "")


async def test_a_flood_of_warnings_waits_until_it_is_written_and_ends_the_oldest_together():
    gathered = Gathered("c", NoWriter())
    for at in range(MOST_GOING + 1):
        gathered.hear(EventRow(cluster="c", uid=f"u{at}", kind="Pod", name=f"p{at}", last_at=at))
    assert len(gathered.warnings.going) == MOST_GOING - AT_ONCE + 1
    assert "u0" not in gathered.warnings.going
    sink = WarningSink(Surroundings(gathered, Scene(cluster="c")))
    waits = asyncio.ensure_future(sink.room())
    await asyncio.sleep(0)
    assert not waits.done()
    await gathered.write()
    await waits
