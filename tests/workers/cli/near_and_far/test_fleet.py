"""`sluiceway fleet` says the same near and far, in lines and in JSON, and what it says has no power over a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.core.errors import DefinitionError, SluicewayError
from tests.support.command_line import call
from tests.workers.cli.near_and_far.conftest import Said
from workers.cli import fleet
from workers.cli.fleet import kind_of, place_of


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("", "connection timed out: 203.0.113.7:6443"),
        ("clusters --health bad", "quota of the project is exceeded"),
        ("cluster eu-1", "refused to drain eu-1-node-1"),
        ("cluster edge-1", "its workflow does not answer"),
        ("namespaces shop -c us-1", "92%"),
        ("services --health degraded", "web-shop"),
        ("pods --status ImagePullBackOff", "cannot be pulled: not found"),
        ("pods -n shop --limit 2", "more"),
        ("pods -c edge-1", "was Running"),
        ("show edge-1/shop/deploy/mail", "was Running"),
        ("workloads --environment production -c eu-1 --limit 50", "2 of 3 pods are updated"),
        ("nodes --health bad -c eu-1", "MemoryPressure"),
        ("get pvc scratch", "no StorageClass is named fast"),
        ("show eu-1/shop/deploy/web-shop-canary", "CrashLoopBackOff"),
        ("show eu-1/Node/eu-1-node-1", "its kubelet stopped posting node status"),
        ("events --going", "NodeNotReady"),
        ("networks eu-1 -n shop", "default-deny"),
        ("networks us-1", "what the definition generates is not known"),
        ("search canary", "eu-1/shop/Deployment/web-shop-canary"),
        ("pods nowhere", "nothing that you may read fits"),
    ],
)
def test_what_is_in_the_clusters_is_shown(say: Said, command: str, shown: str) -> None:
    answer = say("fleet", *command.split())
    assert answer.exit_code == 0
    assert shown in answer.output
    assert "\x1b" not in answer.output
    parsed = json.loads(say("fleet", *command.split(), "--json").output)
    assert isinstance(parsed, list | dict)


def test_a_list_that_is_watched_is_shown_again_when_it_differs(near: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("workers.cli.fleet.time.sleep", wait)
    answer = near("fleet", "nodes", "--watch", "-c", "us-1")
    assert answer.output.count("us-1-node-0") == 1
    assert waits == [fleet.AGAIN_S] * 3


@pytest.mark.parametrize("text", ["pods", "po", "Pod", "statefulsets", "storageclasses", "networkpolicies", "workload"])
def test_a_kind_is_named_as_people_type_it(text: str) -> None:
    assert kind_of(text)


@pytest.mark.parametrize("text", ["eu-1", "eu-1/a/b/c/d", "eu-1/shop/Secret/a", "/a/Pod/b"])
def test_what_names_no_object_is_refused(text: str) -> None:
    with pytest.raises(DefinitionError):
        place_of(text)


def test_a_place_of_a_search_can_be_shown(near: Said) -> None:
    (one, *_) = json.loads(near("fleet", "search", "eu-1-node-0", "--json").output)
    assert one["id"] == "eu-1//Node/eu-1-node-0"
    assert "control-plane" not in near("fleet", "show", one["id"]).output
    near("fleet", "cluster", "nowhere", fails=SluicewayError)


@pytest.mark.parametrize("words", [(), ("clusters",), ("pods",), ("services",), ("events",), ("search", "web")])
def test_a_home_without_records_has_an_empty_fleet(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, _, err = call("fleet", *words, env={"SLUICEWAY_HOME": str(tmp_path / "home")})
    assert (code, "Traceback" in err) == (0, False), err
