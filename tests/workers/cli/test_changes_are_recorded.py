"""Every command that changes something makes an entry in the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from activities.access.audit_queries import AuditQueries, Sought
from workers.cli.main import cli
from workers.cli.recorded import RECORDED
from workers.core.records import Records

READS = """
runs show logs diff report bundle queues lint plan test schema watch verify doctor inbox whoami status explain
completion release explain/list/show/wait/watch render judge replay/simulate findings baseline show findings list/show/trend
cluster facts/list/plan/probe/report/show fleet cluster/clusters/events/get/namespaces/networks/nodes/pods/search/services/show/workloads pod list/logs/show volume list/orphans decision show/text identity list
policy explain/list/sets/show/simulate secret explain/list environment explain/list/show
access can-i/explain/grants/labels/roles/who-can people key list people list people provider check/list
people trust list exec list/show/recording request list/show session list token list keys list audit prove/query/verify signer log/verify db info tools list
"""
"""Change nothing of the engine; `a b/c` is `a b` and `a c`."""
BY_PORTS = """
run cancel rerun release abort/override/pause/promote/resume/rollback approve reject decide audit export
access grant/label/move/revoke/share policy activate/draft/remove/retire/shadow apply environment add pod delete/exec/restart/run exec open/end request quota/limits/exception/priority/cancel session end token create/revoke cluster manifest
people confirm/disable/enable/invite people key add/remove login logout
"""
"""Behind the guard of the functions that they call, or at the server, which tests of these drive."""
BY_HOME = "people attribute/password recover release import"
"""Recorded where they are made (workers/client/logins, workers/client/founding, workers/cli/release_import)."""
NOT_OF_RIGHTS = {
    "scan": "writes a report where it is told",
    "import flagger": "writes files where it is told",
    "import rollouts": "writes files where it is told",
    "findings assign": "writes a file to commit; it counts on the default branch alone",
    "findings suppress": "writes a file to commit, which its approver signs",
    "suppression sign": "signs that file",
    "decision sign": "signs a file, which `decide` sends",
    "rescan": "starts or schedules a check of what is live",
    "hook receive": "hands a push to the engine, whose run is recorded",
    "db build": "advisories of this machine",
    "db pull": "advisories of this machine",
    "tools install": "programs of this machine",
    "gc": "removes what nothing refers to, as the worker does each day",
    "up": "processes of the host",
    "down": "processes of the host",
    "server": "processes of the host",
    "worker": "processes of the host",
    "dial-out": "processes of the host",
    "demo": "drives the commands above",
}


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for one in command.list_commands(context):
        found = command.get_command(context, one)
        assert found is not None
        yield from leaves(found, f"{name} {one}".strip())


def is_recorded(command: click.Command) -> bool:
    call: Callable[..., Any] | None = command.callback
    while call is not None:
        if call in RECORDED:
            return True
        call = getattr(call, "__wrapped__", None)
    return False


def listed(text: str, known: set[str]) -> set[str]:
    """The longest names that are known, from words with alternatives."""
    words, found = text.split(), set[str]()
    while words:
        for length in range(min(4, len(words)), 0, -1):
            *before, last = words[:length]
            names = {" ".join([*before, one]) for one in last.split("/")}
            if names <= known:
                found |= names
                words = words[length:]
                break
        else:
            raise AssertionError(f"no command begins with {words[:4]}")
    return found


def test_each_command_is_recorded_or_is_known_to_need_no_entry() -> None:
    commands = dict(leaves(cli))
    known = set(commands)
    elsewhere = listed(READS, known) | listed(BY_PORTS, known) | listed(BY_HOME, known) | set(NOT_OF_RIGHTS)
    recorded = {name for name, command in commands.items() if is_recorded(command)}
    assert known - elsewhere - recorded == set()
    assert elsewhere & recorded == set()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    (tmp_path / "repo.git").mkdir()
    (tmp_path / "repo.git" / "HEAD").write_text("ref: refs/heads/main\n")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "action"),
    [
        ("keys rotate", "secrets:write"),
        ("findings baseline set web --as ann --reason old --yes", "findings:triage"),
        ("hook install {}/repo.git", "definitions:apply"),
        ("environment migrate --apply", "environments:apply"),
        ("identity move-keys", "keys:enrol"),
        ("cluster heal blue", "clusters:change"),
        ("cluster guard blue", "clusters:change"),
    ],
)
def test_a_change_has_an_intent_and_an_outcome_also_when_it_fails(home: Path, command: str, action: str) -> None:
    CliRunner().invoke(cli, command.format(home).split())
    records = Records.at(home / "home" / "records.db")
    found = AuditQueries(records.database).oldest(Sought(action=action), 0, 10)
    records.close()
    assert [one.event.kind for one in found] == ["intent", "outcome"]
    assert command.startswith(str(found[1].event.details["command"]).removeprefix("cli "))


def test_what_only_shows_makes_no_entry(home: Path) -> None:
    CliRunner().invoke(cli, ["environment", "migrate"])
    records = Records.at(home / "home" / "records.db")
    assert AuditQueries(records.database).oldest(Sought(), 0, 10) == []
    records.close()
