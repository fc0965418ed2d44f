"""A client writes and reads the same JSON as a worker, by other means."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from domain.approvals.request import DecisionRecord
from domain.triggers.events import Event, EventKind
from workers.core import plain_json
from workers.core.conversion import CONVERTER, SharedConverter
from workers.core.light_conversion import LIGHT
from workflows.runs.messages import JobView, RunResult, RunView
from workflows.triggers.messages import DeliveryAnswer, PipelineState

VIEW = RunView(
    id="run/a/1",
    status="passed",
    jobs=(JobView(id="a", kind="run", stage="build", status="passed", reason="ä", began_at=1, seconds=0.5),),
    waiting_for=("x", "y"),
    total=3,
)
EVENT = Event(EventKind.PUSH, branch="main", commit="c" * 40)
PLAIN = [VIEW, RunResult("failed", "a", 'says "no"'), DeliveryAnswer(1, "run/a/1"), EVENT, "text", 1.0, True]


def by_client(value, kind=None):
    converter = LIGHT.payload_converter
    return converter.from_payload(converter.to_payload(value), kind)


@pytest.mark.parametrize("value", [*PLAIN, PipelineState("a"), None, b"raw", [1, {"a": None}], {"a": (1, 2.5)}, {3}])
def test_a_client_sends_what_a_worker_would_send(value):
    assert LIGHT.payload_converter.to_payload(value) == CONVERTER.payload_converter.to_payload(value)


@pytest.mark.parametrize("value", PLAIN)
def test_what_is_plain_is_read_without_pydantic(value):
    assert plain_json.load(plain_json.dump(value), type(value)) == value


@pytest.mark.parametrize("kind", [Path, int | str, DecisionRecord, set[int], tuple[int, str]])
def test_other_types_are_left_to_pydantic(kind):
    with pytest.raises(plain_json.NotPlainError):
        plain_json.load(b"[]", kind)


def test_what_is_not_plain_travels_all_the_same() -> None:
    assert by_client(Path("a/b"), Path) == Path("a/b")
    assert by_client({1, 2}, set[int]) == {1, 2}
    assert by_client({"a": [1, None]}) == {"a": [1, None]}


@pytest.mark.parametrize("wrong", [{"id": 1}, {"id": "a"}, [], {"id": "a", "status": "passed", "jobs": [1]}])
def test_what_does_not_fit_is_refused_as_a_worker_would_refuse_it(wrong):
    with pytest.raises(ValidationError) as ours:
        by_client(wrong, RunView)
    payload = CONVERTER.payload_converter.to_payload(wrong)
    with pytest.raises(ValidationError) as theirs:
        CONVERTER.payload_converter.from_payload(payload, RunView)
    assert str(ours.value) == str(theirs.value)


def test_fields_of_another_version_are_passed_over() -> None:
    assert by_client({"status": "passed", "new": 1}, RunResult) == RunResult("passed")


def test_an_optional_answer_may_be_missing() -> None:
    assert by_client(RunResult("passed"), RunResult | None) == RunResult("passed")
    assert by_client(None, RunResult | None) is None


def test_workers_learn_a_type_once_for_all_their_converters() -> None:
    first, second = SharedConverter(), SharedConverter()
    assert first.converters[b"json/plain"] is second.converters[b"json/plain"]
