"""A command says the same near and far, and the others say that they belong to the machine of the engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from domain.core.errors import DefinitionError, SluicewayError
from tests.support.far import ORIGIN
from tests.support.memory_client import World
from tests.workers.cli.near_and_far.conftest import Said
from workers.cli.main import COMMANDS, cli
from workers.cli.placed import HOST, LOCAL, placed, server_in
from workers.client.ports.findings import FindingRow


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (("runs", "--pipeline", "web-shop", "--limit", "3"), "web-shop/"),
        (("show", "web-shop/1"), "run/web-shop/1"),
        (("release", "list"), "release/"),
        (("environment", "list"), "production"),
        (("environment", "show", "production"), "since"),
        (("queues",), "in use"),
        (("findings", "list", "--at-least", "high"), "critical"),
        (("inbox", "--all"), "until"),
        (("access", "can-i", "runs:read", "run:web-shop/1"), "yes"),
        (("access", "explain", "runs:start", "pipeline:web-shop"), "decided by"),
        (("access", "who-can", "runs:start", "pipeline:web-shop"), "person:"),
        (("people", "list"), "ann"),
        (("request", "list", "--status", "active"), "from batch"),
        (("request", "show", "eu-1/1"), "cores: 8 cores -> 20 cores"),
        (("request", "quota", "eu-1", "shop", "--cpu", "12", "--reason", "more"), "waits for one who may approve"),
        (("request", "limits", "eu-1", "shop", "--cpu", "1", "--reason", "less", "--plan"), "Deployment/web"),
        (
            ("request", "exception", "eu-1", "shop", "--from", "a", "--for", "8h", "--reason", "r"),
            "pods of namespace a",
        ),
        (("request", "cancel", "eu-1/3", "--reason", "done"), "withdrawn"),
        (("token", "list"), ""),
        (("session", "list"), ""),
        (("cancel", "web-shop/30"), ""),
        (("rerun", "web-shop/1", "--detach"), "web-shop/1"),
        (("run", "web-shop", "--detach"), "web-shop/"),
    ],
)
def test_a_command_asks_the_one_that_is_named(say: Said, command: tuple[str, ...], shown: str):
    answer = say(*command)
    assert answer.exit_code in (0, 3), answer.output
    assert shown in answer.output


def test_a_server_says_whom_it_takes_one_for_and_what_is_found(far: Said):
    assert f"owner:owner at {ORIGIN}" in far("whoami").output
    assert "critical" in far("findings").output


@pytest.mark.parametrize("command", [("runs",), ("release", "list"), ("environment", "list"), ("inbox", "--all")])
def test_json_has_every_field_of_the_port(say: Said, command: tuple[str, ...]):
    first = json.loads(say(*command, "--json").output)[0]
    assert first.get("id") or first.get("name")


@pytest.mark.parametrize(
    ("options", "of"),
    [
        (("--severity", "critical", "--severity", "low"), lambda row: row.severity in ("critical", "low")),
        (("--kind", "vulnerability"), lambda row: row.kind == "vulnerability"),
        (("--rule", "rule-1", "--rule", "rule-4"), lambda row: row.rule in ("rule-1", "rule-4")),
        (("--path", "none/**"), lambda row: False),
        (("--owner", "none"), lambda row: not row.owner),
        (("--state", "suppressed"), lambda row: row.state == "suppressed"),
        (("--class", "vendored"), lambda row: row.file_class == "vendored"),
        (("--overdue",), lambda row: row.overdue),
    ],
)
def test_findings_are_chosen_by_what_they_are(
    say: Said, world: World, options: tuple[str, ...], of: Callable[[FindingRow], bool]
):
    listed = json.loads(say("findings", "list", "--limit", "100", "--json", *options).output)
    asked = [row for row in world.findings["web-shop"] if row.state != "suppressed" or "suppressed" in options]
    assert {row["fingerprint"] for row in listed} == {row.fingerprint for row in asked if of(row)}


def test_what_jobs_left_is_told_when_it_is_asked_for(say: Said):
    assert json.loads(say("show", "web-shop/1", "--json").output)["results"] is None
    assert json.loads(say("show", "web-shop/1", "--json", "--results").output)["results"]["jobs"][0]["outputs"]
    assert say("show", "web-shop/1", "--results").exit_code == 2


def test_a_long_list_comes_in_as_many_pages_as_it_needs(say: Said, world: World):
    listed = json.loads(say("runs", "--limit", "10000", "--json").output)
    assert len({row["id"] for row in listed}) == len(world.runs) > 0


def test_a_grant_is_given_and_taken_back(say: Said, world: World):
    before = set(world.grants)
    say("access", "grant", "person:bob", "developer", "project:default", "--for", "8h")
    (made,) = set(world.grants) - before
    assert world.grants[made].until > 0
    say("access", "revoke", made)
    assert set(world.grants) == before


def test_the_secret_of_a_token_is_printed_once_and_alone(say: Said):
    made = say("token", "create", "ci", "--action", "runs:read", "--resource", "project:default")
    assert made.stdout.startswith("slw_")
    assert made.stdout.count("\n") == 1
    assert made.stdout.strip() not in say("token", "list", "--json").output


def test_all_lines_of_a_log_are_printed_in_order(say: Said, world: World):
    (run, job, attempt), lines = next(iter(world.logs.items()))
    printed = [json.loads(line) for line in say("logs", run, job, "--json").output.splitlines()]
    of = [one["number"] for one in printed if one["attempt"] == attempt]
    assert of == [line.number for line in lines]


def test_a_report_is_written_to_a_file(say: Said, world: World, tmp_path: Path):
    run = next(iter(world.reports))
    say("report", run, "-o", str(tmp_path / "r.html"))
    assert (tmp_path / "r.html").read_bytes() == world.reports[run]


@pytest.mark.parametrize("command", ["up", "gc", "secret", "worker", "volume", "identity", "keys"])
def test_what_only_the_host_can_do_says_so(far: Said, command: str):
    refused = far(command, "anything", "--some-option", fails=DefinitionError).exception
    assert isinstance(refused, SluicewayError)
    assert refused.code == "SLW477"
    assert "own machine" in refused.what


@pytest.mark.parametrize(
    "command",
    [
        ("environment", "migrate"),
        ("findings", "show", "abcd"),
        ("findings", "baseline", "set", "x", "--reason", "y"),
        ("diff", "a/1", "a/2"),
        ("run", "a.yaml"),
    ],
)
def test_a_command_of_the_host_beside_others_says_so_before_it_does_anything(far: Said, command: tuple[str, ...]):
    refused = far(*command, fails=DefinitionError).exception
    assert isinstance(refused, SluicewayError)
    assert refused.code == "SLW477"


def test_every_command_has_a_place_far_away_or_says_why_not():
    ctx = click.Context(cli)
    ctx.meta["sluiceway.server"] = ORIGIN
    for name, (near, _) in COMMANDS.items():
        assert (placed(name, near, ctx) == "host:here") == (name in HOST), name
    assert COMMANDS.keys() >= HOST | LOCAL
    assert not HOST & LOCAL


def test_the_server_stands_anywhere_before_two_hyphens():
    assert server_in(["runs", "--server", "a", "--json"]) == ("a", ["runs", "--json"])
    assert server_in(["--server=a", "runs"]) == ("a", ["runs"])
    assert server_in(["pod", "exec", "--", "--server", "a"]) == ("", ["pod", "exec", "--", "--server", "a"])
    with pytest.raises(click.UsageError):
        server_in(["runs", "--server"])


def test_nobody_is_asked_without_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    refused = CliRunner().invoke(cli, ["runs", "--server", "https://far.example"]).exception
    assert isinstance(refused, SluicewayError)
    assert (refused.code, refused.fix) == ("SLW476", "sluiceway login https://far.example")
