"""What a form does: what was asked, once, by a redirect; what is wrong is said, and what was typed stays."""

from __future__ import annotations

import pytest

from domain.access.actions import Action
from domain.core.errors import SluicewayError
from tests.support.memory_client import seeded
from tests.workers.console.site import reader
from tests.workers.console.walk import OLD_RUN, RELEASE, RUN
from workers.client.ports.runs import ParamField
from workers.console.pages.pipelines import values

KEY = "k" * 32


def test_a_run_is_cancelled_with_its_reason_and_the_page_says_what_happens():
    world = seeded()
    with reader(world) as client:
        answer = client.post(f"{RUN}/cancel", data={"reason": "wrong branch", "key": KEY})
        assert answer.status_code == 303
        assert "is being cancelled" in client.get(answer.headers["location"]).text
    assert world.runs["run/web-shop/30"].row.reason == "wrong branch"


def test_a_form_that_is_sent_twice_acts_once():
    world = seeded()
    with reader(world) as client:
        first, second = (client.post(f"{OLD_RUN}/rerun", data={"key": KEY}) for _ in range(2))
    assert first.headers["location"] == second.headers["location"] == "/runs/web-shop/25.2"
    assert "run/web-shop/25.3" not in world.runs


@pytest.mark.parametrize("verb", ["pause", "promote", "abort", "rollback"])
def test_a_release_is_commanded_from_its_page(verb: str):
    with reader() as client:
        answer = client.post(f"{RELEASE}/{verb}", data={"reason": "look at it", "key": KEY})
        assert answer.status_code == 303, answer.text
        assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("path", "code"),
    [(f"{RELEASE}/explode", "SLW905"), (f"{OLD_RUN}/cancel", "SLW905"), ("/runs/web-shop/999/cancel", "SLW911")],
)
def test_a_command_that_cannot_be_is_a_page_with_its_code(path: str, code: str):
    with reader() as client:
        answer = client.post(path, data={"reason": "x", "key": KEY})
    assert answer.status_code in (404, 409, 422)
    assert code in answer.text


def test_a_new_tokens_secret_is_shown_once_and_a_reload_makes_no_second_one():
    with reader() as client:
        asked = {"label": "nightly", "actions": "runs:read", "resources": "*", "days": "30", "key": KEY}
        answer = client.post("/tokens", data=asked)
        assert (answer.status_code, answer.headers["location"]) == (303, "/tokens")
        cookie = answer.headers["set-cookie"]
        assert all(one in cookie for one in ("HttpOnly", "Path=/tokens", "SameSite=strict", "Max-Age=60"))
        shown = [client.get("/tokens").text for _ in range(2)]
    assert ["shown this once" in one for one in shown] == [True, False]


def test_a_refused_command_does_nothing_and_says_so():
    world = seeded()
    with reader(world, refused=frozenset({Action.RUNS_CANCEL})) as client:
        answer = client.post(f"{RUN}/cancel", data={"reason": "x", "key": KEY})
    assert (answer.status_code, "SLW410" in answer.text) == (403, True)
    assert world.runs["run/web-shop/30"].row.status == "running"


def test_a_run_is_started_with_typed_values():
    world = seeded()
    with reader(world) as client:
        typed = {"branch": "main", "param.version": "2.0", "param.replicas": "3", "param.region": "us", "key": KEY}
        answer = client.post("/pipelines/web-shop/start", data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs/web-shop/31")
    assert world.runs["run/web-shop/31"].row.branch == "main"


@pytest.mark.parametrize(
    ("field", "value"), [("param.replicas", "many"), ("param.region", "mars"), ("param.replicas", "1e400")]
)
def test_a_value_that_cannot_be_is_said_and_what_was_typed_stays(field: str, value: str):
    with reader() as client:
        answer = client.post("/pipelines/web-shop/start", data={"param.version": "7.7.7", field: value, "key": KEY})
    assert answer.status_code == 422
    assert ("SLW490" in answer.text, "7.7.7" in answer.text) == (True, True)


def test_values_have_the_kind_of_their_parameter():
    fields = (
        ParamField(name="count", kind="number"),
        ParamField(name="share", kind="number"),
        ParamField(name="yes", kind="yes-no"),
        ParamField(name="no", kind="yes-no", default="true"),
        ParamField(name="text", kind="text", default="kept"),
    )
    typed = {"param.count": "3", "param.share": "0.5", "param.yes": "true", "param.text": ""}
    assert values(fields, typed) == {"count": 3, "share": 0.5, "yes": True, "no": False}


def test_a_required_value_that_is_empty_is_refused():
    with pytest.raises(SluicewayError, match="cannot be this"):
        values((ParamField(name="to", kind="text", required=True),), {})


def test_a_definition_is_checked_in_the_page():
    with reader() as client:
        wrong = client.post("/definitions", data={"text": "kind: Pipeline\njobs: 1\n", "branch": "main"})
        right = client.get("/definitions")
    assert 'data-line="' in wrong.text
    assert ('data-line="' in right.text, 'class="g-box' in right.text) == (False, True)


def test_a_text_of_any_length_is_answered():
    with reader() as client:
        answer = client.post("/definitions", data={"text": "[" * 300_000, "branch": "\x00" * 999})
    assert answer.status_code == 200
