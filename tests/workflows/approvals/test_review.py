"""What an approver sees before signing: changes, deployments beside what is live, artifacts, gates, the rule."""

import asyncio
import json
import os
import pty
import secrets
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from activities.source import git
from tests.support.command_line import call
from tests.support.fakes import on_memory
from tests.support.lab import HEAD, Lab, Repo, prepared
from tests.support.programs import program
from workers.client import approvals, runs

DEFINITION = """params:
  size: {{type: integer, default: {size}}}
jobs:
  build:
    run: echo {version} > app
    artifacts: {{out: {{app: app}}, times: commit}}
  ok:
    needs: build
    environment: {env}
    approval: {{groups: [managers], message: "is it good?"}}
  ship:
    needs: ok
    environment: {env}
    deploy: {{service: {env}-web, version: "{version}", command: [serve, "{version}"], artifact: build.app}}
"""


@dataclass
class Asked:
    """An engine whose second version waits for an approval."""

    lab: Lab
    run: str
    env: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.run.removeprefix("run/")

    async def said(self, *command: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(call, *command, env=self.env)


@pytest.fixture
async def asked(temporal_address: str, tmp_path: Path) -> AsyncIterator[Asked]:
    async with waiting(temporal_address, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
async def unanswered(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Asked]:
    """For tests that only look: one for all of them."""
    async with waiting(temporal_address, tmp_path_factory.mktemp("unanswered")) as made:
        yield made


@asynccontextmanager
async def waiting(temporal_address: str, tmp_path: Path) -> AsyncIterator[Asked]:
    plain, name = prepared(temporal_address, tmp_path), f"seen-{secrets.token_hex(4)}"
    async with Lab.on(temporal_address, tmp_path, on_memory(plain, MemoryTarget(), MemorySource())) as lab:
        rule = {"users": [], "groups": ["managers"], "quorum": 1, "per_group": {}, "max_expires": 0, "trust": "signed"}
        allow = {"author": False, "committer": False, "starter": False}
        lab.environment(name, json.dumps({"name": name, "approval": {**rule, "allow": allow}, "trust": "signed"}))
        lab.identity("lead", "managers")
        lab.identity("eve")
        lab.registrar.give("eve", "eve@example.org")
        text = HEAD.format(name=name) + DEFINITION
        repo = lab.repo({"sluiceway.yaml": text.format(env=name, version="1", size=1)}, name)
        first = (await lab.deliver(repo, name)).run
        job = await lab.until_asked(first)
        decision = await approvals.sign(lab.engine, first, job, "lead", True, "", lab.settings.keys)
        assert (await approvals.decide(lab.engine, first, job, decision)).counted
        assert (await lab.result(first)).status == "passed"
        change(repo, text.format(env=name, version="2", size=2))
        run = (await lab.deliver(repo, name)).run
        await lab.until_asked(run)
        keys = str(lab.settings.keys)
        yield Asked(
            lab,
            run,
            {"SLUICEWAY_HOME": str(lab.settings.home), "SLUICEWAY_ADDRESS": temporal_address, "SLUICEWAY_KEYS": keys},
        )
        await runs.cancel(lab.engine, run, "enough")


def change(repo: Repo, text: str) -> None:
    """Two commits, the first by somebody with a name for terminals."""
    (repo.path / "server.py").write_text("one\ntwo\n")
    git.git("add", "-A", cwd=repo.path)
    who = ("-c", "user.name=Eve\x1b[2J", "-c", "user.email=eve@example.org")
    git.git(*who, "commit", "-q", "-m", "evil \x1b]0;title\x07 words", cwd=repo.path)
    repo.commit({"sluiceway.yaml": text}, "the second version")


async def test_it_shows_commits_authors_files_and_what_differs_from_what_is_live(unanswered: Asked):
    code, seen, err = await unanswered.said("decision", "show", unanswered.name)

    assert (code, err) == (0, "")
    for words in (
        "2 commits, since",
        "the second version",
        "+2 -0 server.py",
        "version: 1 -> 2",
        "command: serve 1 -> serve 2",
        "size: 1 -> 2",
        "artifact build.app",
        "runs after   ship (deploy)",
        "group managers may decide",
        "authors of a change may not decide",
        "is it good?",
        "expires",
    ):
        assert words in seen, words


async def test_what_strangers_write_in_it_has_no_power_over_the_terminal(unanswered: Asked):
    _, seen, _ = await unanswered.said("decision", "show", unanswered.name)

    assert ("\x1b" in seen, "\x07" in seen) == (False, False)
    assert "evil \\x1b]0;title\\x07 words" in seen


async def test_json_holds_everything_and_the_document_can_be_checked_by_anybody(unanswered: Asked):
    import hashlib

    shown = json.loads((await unanswered.said("decision", "show", unanswered.name, "--json"))[1])
    document = unanswered.lab.wired.store.get(shown["subject"]["scope"])

    assert hashlib.sha256(document).hexdigest() == shown["subject"]["scope"]
    assert json.loads(document)["artifacts"] == shown["scope"]["artifacts"]
    assert [one["version"] for one in shown["scope"]["deployments"]] == ["2"]


@pytest.mark.system
async def test_without_a_terminal_nobody_is_asked_as_before(asked: Asked):
    code, said, _ = await asked.said("approve", asked.name, "--as", "lead")

    assert (code, "granted" in said, "commits" in said) == (0, True, False)


@pytest.mark.system
async def test_json_approves_and_says_what(asked: Asked):
    code, said, _ = await asked.said("approve", asked.name, "--as", "lead", "--json")

    assert code == 0
    assert json.loads(said)["answer"]["outcome"] == "granted"


def on_terminal(asked: Asked, answer: bytes) -> tuple[int, str]:
    """Exit code and output of `approve`, with a terminal before it."""
    ours, theirs = pty.openpty()
    command = [program("sluiceway"), "approve", asked.name, "--as", "lead"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **asked.env}
    ) as process:
        os.close(theirs)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(ours, 65_536)
        os.write(ours, answer)
        try:
            while chunk := os.read(ours, 65_536):
                said += chunk
        except OSError:  # the other end is closed
            pass
        return process.wait(30), said.decode()


async def test_on_a_terminal_it_shows_what_would_happen_and_a_no_decides_nothing(unanswered: Asked):
    ended, said = await asyncio.to_thread(on_terminal, unanswered, b"n\n")

    assert "version: 1 -> 2" in said
    assert ended == 1
    assert (await approvals.view(unanswered.lab.engine, unanswered.run, "ok")).outcome == "pending"


async def test_a_yes_on_a_terminal_approves(asked: Asked):
    ended, _ = await asyncio.to_thread(on_terminal, asked, b"y\n")

    assert ended == 0
    assert (await approvals.view(asked.lab.engine, asked.run, "ok")).outcome == "granted"


async def test_what_cannot_be_shown_is_not_signed_unless_somebody_says_so(asked: Asked):
    view = await approvals.view(asked.lab.engine, asked.run, "ok")
    asked.lab.stored_file(view.binding.scope).unlink()
    shown = await asked.said("decision", "show", asked.name)

    assert (shown[0], "SLW026" in shown[2]) == (1, True)
    code, said, err = await asked.said("approve", asked.name, "--as", "lead", "--yes")
    assert (code, "granted" in said, "signed without being shown" in err) == (0, True, True)
